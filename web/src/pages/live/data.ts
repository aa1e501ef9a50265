import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, take } from "@/api/client";
import { Keeper, type Kept, useKept } from "@/api/keeper";
import { agentsQuery } from "@/api/queries/agent";
import { statusQuery } from "@/api/queries/status";
import type { CaseView, ReportView } from "@/api/schema";
import { useSession } from "@/api/session";
import { byLastPost } from "./became";

/** What is held, failed or stopped. */
export function useStuck() {
  const session = useSession();
  return useQuery({
    ...statusQuery,
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

/** Who works; their rights and names change without an event. */
export function useAgents() {
  return useQuery({ ...agentsQuery, refetchInterval: 60_000 });
}

/** How many posts are shown. */
const shownPosts = 30;

function postKeeper() {
  return new Keeper<CaseView>({
    idOf: (c) => c.id,
    changedAt: (c) => Date.parse(c.updated_at),
    page: () =>
      take(api.GET("/v1/cases", { params: { query: { limit: shownPosts } } })).then(({ items }) => ({ items })),
    one: (id) => take(api.GET("/v1/cases/{id}", { params: { path: { id } } })),
    holds: () => true,
    hears: ({ type, event: { caseid: id } }) =>
      id && about.test(type) && type !== "advocate.case.looking" ? { id, judge: () => ({ read: "one" }) } : undefined,
    pages: 1,
    // A look at a case is on record: many at once are one look at the list.
    single: 2,
    lagMs: 900,
  });
}

/** The cases in which customers wrote last. */
export function usePosts(): { kept: Kept<CaseView>; retry: () => void } {
  const [keeper] = useState(postKeeper);
  const kept = useKept(keeper, useSession().can("read_customers"));
  return { kept, retry: keeper.reload };
}

const about = /^advocate\.(post|case|reply|workitem|promise)\./;

/** Those in which customers wrote last. */
export function newest(cases: Iterable<CaseView>): CaseView[] {
  return [...cases].sort(byLastPost).slice(0, shownPosts);
}
