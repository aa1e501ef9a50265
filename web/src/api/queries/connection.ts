import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

/** Networks, sources and components, each with how it does. */
export const connectionsQuery = queryOptions({
  queryKey: ["connections", "all"],
  queryFn: async () => (await take(api.GET("/v1/connections"))).items ?? [],
});

/** The names of the networks among them. */
export const networksQuery = queryOptions({
  ...connectionsQuery,
  select: (all) => [...new Set(all.filter((c) => c.kind === "network").map((c) => c.name))].sort(),
});
