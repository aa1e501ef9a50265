import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";

/** Figures that no event announces are asked for this often while somebody looks. */
const everyMs = 5000;

export const connectionsQuery = queryOptions({
  queryKey: ["connections", "all"],
  queryFn: async () => (await take(api.GET("/v1/connections"))).items ?? [],
  refetchInterval: everyMs,
});

export const statusQuery = queryOptions({
  queryKey: ["status", "figures"],
  queryFn: () => take(api.GET("/v1/status")),
  refetchInterval: everyMs,
});

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks", "all"],
  queryFn: async () => (await take(api.GET("/v1/webhooks"))).items ?? [],
});
