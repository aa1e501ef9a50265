import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "../client";
import { useSession } from "../session";

/** As many as one page of the API has. */
const limit = 500;

export const agentsQuery = queryOptions({
  queryKey: ["agents", "list"],
  queryFn: async () => (await take(api.GET("/v1/agents", { params: { query: { limit } } }))).items ?? [],
});

/** Who one is as an agent; asked only by who is one (see useMe). */
export const meQuery = queryOptions({
  queryKey: ["agents", "me"],
  queryFn: () => take(api.GET("/v1/agents/me")),
  // The stream says when it changes, and looking again leaves nothing behind.
  staleTime: 60_000,
});

/** The work that is offered to one. Each look is in the audit log: the stream says when there is a reason. */
export const offersQuery = queryOptions({
  queryKey: ["agents", "me", "reservations"],
  queryFn: async () => (await take(api.GET("/v1/agents/me/reservations"))).items ?? [],
  staleTime: Number.POSITIVE_INFINITY,
});

/** The work that one has; like the offers, read only where there is a reason. */
export const mineQuery = queryOptions({
  queryKey: ["agents", "me", "work-items"],
  queryFn: async () => (await take(api.GET("/v1/agents/me/work-items"))).items ?? [],
  staleTime: Number.POSITIVE_INFINITY,
});

/** The agent who is signed in; `agent` is false for somebody who is none. */
export function useMe() {
  const { agent } = useSession();
  const { data, error, refetch } = useQuery({ ...meQuery, enabled: agent });
  return { agent, me: agent ? data : undefined, error, refetch };
}
