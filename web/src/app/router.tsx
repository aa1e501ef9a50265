import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, notFound } from "@tanstack/react-router";
import { part } from "@/ui/part";
import { Loading } from "@/ui/states";
import { Home, NotFound } from "./home";
import { Root } from "./root";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Root, notFoundComponent: NotFound });
const at = <P extends string>(path: P) => ({ getParentRoute: () => root, path }) as const;

/** What is no id of ours, as "..", is asked of nobody: it would be another address of the API. */
function isId(id: string): void {
  if (!/^[a-z0-9-]+$/i.test(id)) throw notFound();
}

/** A version counts from 1, as far as numbers can be told apart; "active" is the one that decides. */
function isVersion(version: string): void {
  if (version !== "active" && !(/^[1-9]\d*$/.test(version) && Number.isSafeInteger(Number(version)))) throw notFound();
}

// One page, with or without a work item that is open: it stays while they come and go.
const desk = createRoute({ ...at("/desk"), component: part(() => import("@/pages/desk"), "DeskPage") });

// Ids in an address are opaque; what somebody searched for is never put there.
const routes = [
  createRoute({ ...at("/"), component: Home }),
  desk.addChildren([
    createRoute({ getParentRoute: () => desk, path: "/" }),
    createRoute({ getParentRoute: () => desk, path: "/$item", beforeLoad: ({ params }) => isId(params.item) }),
  ]),
  createRoute({
    ...at("/cases/$case"),
    beforeLoad: ({ params }) => isId(params.case),
    component: part(() => import("@/pages/cases"), "CasePage"),
  }),
  createRoute({ ...at("/live"), component: part(() => import("@/pages/live"), "LivePage") }),
  createRoute({ ...at("/reports"), component: part(() => import("@/pages/reports"), "ReportsPage") }),
  createRoute({
    ...at("/customers"),
    component: part(() => import("@/pages/customers"), "CustomersPage"),
  }),
  createRoute({
    ...at("/customers/$customer"),
    beforeLoad: ({ params }) => isId(params.customer),
    component: part(() => import("@/pages/customers"), "CustomerPage"),
  }),
  createRoute({
    ...at("/why/$id"),
    validateSearch: (s: Record<string, unknown>): { step?: number } =>
      Number(s.step) > 0 ? { step: Number(s.step) } : {},
    component: part(() => import("@/pages/why"), "WhyPage"),
  }),
  createRoute({
    ...at("/approvals"),
    component: part(() => import("@/pages/playbooks"), "ApprovalsPage"),
  }),
  createRoute({
    ...at("/playbooks"),
    component: part(() => import("@/pages/playbooks"), "PlaybooksPage"),
  }),
  createRoute({
    ...at("/playbooks/$version"),
    beforeLoad: ({ params }) => isVersion(params.version),
    validateSearch: (s: Record<string, unknown>): { line?: number } =>
      Number(s.line) > 0 ? { line: Number(s.line) } : {},
    component: part(() => import("@/pages/playbooks"), "PlaybookPage"),
  }),
  createRoute({
    ...at("/connections"),
    component: part(() => import("@/pages/connections"), "ConnectionsPage"),
  }),
  createRoute({
    ...at("/connections/$tab"),
    component: part(() => import("@/pages/connections"), "ConnectionsPage"),
  }),
  createRoute({ ...at("/people"), component: part(() => import("@/pages/people"), "PeoplePage") }),
  createRoute({ ...at("/people/$tab"), component: part(() => import("@/pages/people"), "PeoplePage") }),
  createRoute({ ...at("/sandbox"), component: part(() => import("@/pages/sandbox"), "SandboxPage") }),
  createRoute({ ...at("/guide"), component: part(() => import("@/pages/guide"), "GuidePage") }),
] as const;

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([...routes]),
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
