import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { connectionsQuery as connections } from "@/api/queries/connection";
import { statusQuery as status } from "@/api/queries/status";

/** Figures that no event announces are asked for this often while somebody looks. */
const everyMs = 5000;

export const connectionsQuery = queryOptions({ ...connections, refetchInterval: everyMs });

export const statusQuery = queryOptions({ ...status, refetchInterval: everyMs });

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks", "all"],
  queryFn: async () => (await take(api.GET("/v1/webhooks"))).items ?? [],
});
