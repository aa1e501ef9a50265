import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { queueNamesQuery } from "@/api/queries/queue";

export { agentsQuery } from "@/api/queries/agent";

/** As many as one page of the API has; a company with more finds people by their login. */
const limit = 500;

export const usersQuery = queryOptions({
  queryKey: ["users", "all"],
  queryFn: async () => (await take(api.GET("/v1/users", { params: { query: { limit } } }))).items ?? [],
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens", "all"],
  queryFn: async () => (await take(api.GET("/v1/tokens", { params: { query: { limit } } }))).items ?? [],
});

export const macrosQuery = queryOptions({
  queryKey: ["macros", "all"],
  queryFn: async () => (await take(api.GET("/v1/macros", { params: { query: { limit } } }))).items ?? [],
});

/** The names of all queues, for what asks for some of them. */
export function useQueueNames(): string[] {
  return useQuery(queueNamesQuery).data ?? [];
}
