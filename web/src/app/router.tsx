import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Loading } from "@/ui/states";
import { Home, NotFound } from "./home";
import { Root } from "./root";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Root, notFoundComponent: NotFound });
const at = <P extends string>(path: P) => ({ getParentRoute: () => root, path }) as const;

// Ids in an address are opaque; what somebody searched for is never put there.
const routes = [
  createRoute({ ...at("/"), component: Home }),
  createRoute({ ...at("/desk"), component: lazyRouteComponent(() => import("@/pages/desk"), "DeskPage") }),
  createRoute({ ...at("/desk/$item"), component: lazyRouteComponent(() => import("@/pages/desk"), "DeskPage") }),
  createRoute({ ...at("/cases/$case"), component: lazyRouteComponent(() => import("@/pages/cases"), "CasePage") }),
  createRoute({ ...at("/live"), component: lazyRouteComponent(() => import("@/pages/live"), "LivePage") }),
  createRoute({ ...at("/reports"), component: lazyRouteComponent(() => import("@/pages/reports"), "ReportsPage") }),
  createRoute({
    ...at("/customers"),
    component: lazyRouteComponent(() => import("@/pages/customers"), "CustomersPage"),
  }),
  createRoute({
    ...at("/customers/$customer"),
    component: lazyRouteComponent(() => import("@/pages/customers"), "CustomerPage"),
  }),
  createRoute({
    ...at("/why/$id"),
    validateSearch: (s: Record<string, unknown>): { step?: number } =>
      Number(s.step) > 0 ? { step: Number(s.step) } : {},
    component: lazyRouteComponent(() => import("@/pages/why"), "WhyPage"),
  }),
  createRoute({
    ...at("/approvals"),
    component: lazyRouteComponent(() => import("@/pages/playbooks"), "ApprovalsPage"),
  }),
  createRoute({
    ...at("/playbooks"),
    component: lazyRouteComponent(() => import("@/pages/playbooks"), "PlaybooksPage"),
  }),
  createRoute({
    ...at("/playbooks/$version"),
    validateSearch: (s: Record<string, unknown>): { line?: number } =>
      Number(s.line) > 0 ? { line: Number(s.line) } : {},
    component: lazyRouteComponent(() => import("@/pages/playbooks"), "PlaybookPage"),
  }),
  createRoute({
    ...at("/connections"),
    component: lazyRouteComponent(() => import("@/pages/connections"), "ConnectionsPage"),
  }),
  createRoute({
    ...at("/connections/$tab"),
    component: lazyRouteComponent(() => import("@/pages/connections"), "ConnectionsPage"),
  }),
  createRoute({ ...at("/people"), component: lazyRouteComponent(() => import("@/pages/people"), "PeoplePage") }),
  createRoute({ ...at("/people/$tab"), component: lazyRouteComponent(() => import("@/pages/people"), "PeoplePage") }),
  createRoute({ ...at("/sandbox"), component: lazyRouteComponent(() => import("@/pages/sandbox"), "SandboxPage") }),
  createRoute({ ...at("/guide"), component: lazyRouteComponent(() => import("@/pages/guide"), "GuidePage") }),
] as const;

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([...routes]),
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
