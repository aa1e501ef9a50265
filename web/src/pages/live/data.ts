import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { api, take } from "@/api/client";
import type { LiveEvent } from "@/api/live";
import type { AgentView, CaseView, ReportView, WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useLive } from "@/app/context";
import { byLastPost } from "./became";
import { Keeper, type Kept } from "./kept";

/** How things stand: sums for all that the rights reach. */
export function useStanding() {
  return useQuery({
    queryKey: ["live"],
    queryFn: () => take(api.GET("/v1/live")),
    refetchInterval: 5000,
  });
}

/** What is held, failed or stopped. */
export function useStuck() {
  const session = useSession();
  return useQuery({
    queryKey: ["effects", "counts"],
    queryFn: () => take(api.GET("/v1/status")),
    enabled: session.can("read_setup"),
    refetchInterval: 15_000,
  });
}

/** The share of work that was taken up in time today, by queue. */
export function useLevels() {
  return useQuery({
    queryKey: ["live-levels"],
    queryFn: async () => {
      const midnight = new Date(new Date().setHours(0, 0, 0, 0)).toISOString();
      const report = await take(api.GET("/v1/reports", { params: { query: { by: "queue", from: midnight } } }));
      const rows = (report as ReportView).rows ?? [];
      return new Map<string, number | null>(rows.map((r) => [r.key, r.work?.service_level ?? null]));
    },
    refetchInterval: 30_000,
  });
}

export function useAgents() {
  return useQuery({
    queryKey: ["agents", "list"],
    queryFn: async () => (await take(api.GET("/v1/agents", { params: { query: { limit: 500 } } }))).items ?? [],
    refetchInterval: 60_000,
  });
}

export function nameOf(agents: AgentView[] | undefined, id: string): string {
  return agents?.find((a) => a.id === id)?.name || id;
}

const pageOfWork = 200;
const pagesOfWork = 50;

function workKeeper() {
  return new Keeper<WorkItemView>({
    idOf: (w) => w.id,
    changedAt: (w) => String(w.version).padStart(12, "0"),
    page: (cursor) => take(api.GET("/v1/work-items", { params: { query: { open: true, limit: pageOfWork, cursor } } })),
    one: (id) => take(api.GET("/v1/work-items/{id}", { params: { path: { id } } })),
    holds: (w) => w.state !== "completed" && w.state !== "canceled",
    pages: pagesOfWork,
    single: 12,
  });
}

/** How many posts are shown. */
export const shownPosts = 30;

function postKeeper() {
  return new Keeper<CaseView>({
    idOf: (c) => c.id,
    changedAt: (c) => c.updated_at,
    page: () =>
      take(api.GET("/v1/cases", { params: { query: { limit: shownPosts } } })).then(({ items }) => ({ items })),
    one: (id) => take(api.GET("/v1/cases/{id}", { params: { path: { id } } })),
    holds: () => true,
    pages: 1,
    // A look at a case is on record: many at once are one look at the list.
    single: 2,
    lagMs: 900,
  });
}

/** All open work items, kept as the stream says. */
export function useWork(): { kept: Kept<WorkItemView>; keeper: Keeper<WorkItemView> } {
  return useKeeper(workKeeper, useSession().can("read_work"), workOf);
}

const workOf = (e: LiveEvent) => (e.type.startsWith("advocate.workitem.") ? e.event.workitemid : undefined);

/** The cases in which customers wrote last. */
export function usePosts(): { kept: Kept<CaseView>; keeper: Keeper<CaseView> } {
  return useKeeper(postKeeper, useSession().can("read_customers"), caseOf);
}

const caseOf = (e: LiveEvent) =>
  /^advocate\.(post|case|reply|workitem|promise)\./.test(e.type) && e.type !== "advocate.case.looking"
    ? e.event.caseid
    : undefined;

function useKeeper<T>(make: () => Keeper<T>, may: boolean, idOf: (e: LiveEvent) => string | undefined) {
  const live = useLive();
  const [keeper] = useState(make);
  useEffect(() => {
    if (!may) return;
    keeper.start();
    const stopListening = live?.listen((e) => {
      const id = idOf(e);
      if (id) keeper.touch(id);
    });
    const stopResets = live?.onReset(keeper.reload);
    return () => {
      stopListening?.();
      stopResets?.();
      keeper.stop();
    };
  }, [keeper, live, may, idOf]);
  const kept = useSyncExternalStore(keeper.watch, keeper.now);
  return useMemo(() => ({ kept, keeper }), [kept, keeper]);
}

/** Those in which customers wrote last. */
export function newest(cases: Iterable<CaseView>): CaseView[] {
  return [...cases].sort(byLastPost).slice(0, shownPosts);
}
