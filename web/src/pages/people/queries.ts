import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";

/** As many as one page of the API has; a company with more finds people by their login. */
const limit = 500;

export const usersQuery = queryOptions({
  queryKey: ["users", "all"],
  queryFn: async () => (await take(api.GET("/v1/users", { params: { query: { limit } } }))).items ?? [],
});

export const agentsQuery = queryOptions({
  queryKey: ["agents", "all"],
  queryFn: async () => (await take(api.GET("/v1/agents", { params: { query: { limit } } }))).items ?? [],
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens", "all"],
  queryFn: async () => (await take(api.GET("/v1/tokens", { params: { query: { limit } } }))).items ?? [],
});

export const macrosQuery = queryOptions({
  queryKey: ["macros", "all"],
  queryFn: async () => (await take(api.GET("/v1/macros", { params: { query: { limit } } }))).items ?? [],
});

const queuesQuery = queryOptions({
  queryKey: ["queues", "names", "list"],
  queryFn: async () => (await take(api.GET("/v1/queues/names"))).items ?? [],
  staleTime: 60_000,
});

/** The names of all queues, for what asks for some of them. */
export function useQueueNames(): string[] {
  return useQuery(queuesQuery).data ?? [];
}
