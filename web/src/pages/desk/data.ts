import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take, takeWhole } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { ReservationView, WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";

/** Who one is as an agent; asked only by who is one (see useMe). */
export const meQuery = queryOptions({
  queryKey: ["agents", "me"],
  queryFn: () => take(api.GET("/v1/agents/me")),
  // The stream says when it changes, and looking again leaves nothing behind.
  staleTime: 60_000,
});

export interface Offers {
  items: ReservationView[];
  /** How far this machine's clock is ahead of the server's, where it matters. */
  skewMs: number;
}

/** The server's Date has whole seconds: less than this is no difference. */
const clockSlackMs = 2500;

export const offersQuery = queryOptions({
  queryKey: ["agents", "me", "reservations"],
  queryFn: async (): Promise<Offers> => {
    const answer = api.GET("/v1/agents/me/reservations");
    const body = await take(answer);
    const skew = Date.now() - Date.parse((await answer).response.headers.get("Date") ?? "");
    return { items: body.items ?? [], skewMs: Math.abs(skew) > clockSlackMs ? skew : 0 };
  },
  // Each look is in the audit log: the stream says when there is a reason.
  staleTime: Number.POSITIVE_INFINITY,
});

export const mineQuery = queryOptions({
  queryKey: ["agents", "me", "work-items"],
  queryFn: async () => take(api.GET("/v1/agents/me/work-items")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: () => take(api.GET("/v1/queues")),
});

export const queueNamesQuery = queryOptions({
  queryKey: ["queues", "names"],
  queryFn: () => take(api.GET("/v1/queues/names")),
  staleTime: 10 * 60_000,
});

export const agentsQuery = queryOptions({
  queryKey: ["agents", "list"],
  queryFn: async () => (await take(api.GET("/v1/agents", { params: { query: { limit: 500 } } }))).items ?? [],
});

export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id],
    queryFn: () => takeWhole(api.GET("/v1/work-items/{id}", { params: { path: { id } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const pointsQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id, "points"],
    queryFn: async () =>
      (await take(api.GET("/v1/work-items/{id}/talking-points", { params: { path: { id } } }))).items ?? [],
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Whether the customer may be called; null where there is no number. */
export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id, "call"],
    queryFn: async () => {
      try {
        return await take(api.GET("/v1/work-items/{id}/call", { params: { path: { id } } }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });

/** The agent who is signed in; `agent` is false for somebody who is none. */
export function useMe() {
  const { agent } = useSession();
  const { data, error, refetch } = useQuery({ ...meQuery, enabled: agent });
  return { agent, me: agent ? data : undefined, error, refetch };
}

/** What an agent calls the customer: a name, else what they go by, else nothing but a word. */
export function nameOf(w: Pick<WorkItemView, "customer_name" | "handle" | "post">): string {
  return w.customer_name || (w.handle ? `@${w.handle}` : w.post.network);
}

export const isOver = (w: Pick<WorkItemView, "state">): boolean => w.state === "completed" || w.state === "canceled";

/** Who has a work item in hand, or is asked whether they want it. */
export function holderOf(w: WorkItemView): string {
  if (w.state === "reserved") return w.reservation?.agent ?? "";
  return w.state === "assigned" || w.state === "wrapping" ? (w.agent ?? "") : "";
}
