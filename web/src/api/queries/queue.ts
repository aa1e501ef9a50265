import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

/** The queues that one's rights reach, with how they stand. */
export const queuesQuery = queryOptions({
  queryKey: ["queues", "standing"],
  queryFn: async () => (await take(api.GET("/v1/queues"))).items ?? [],
});

/** The names of all queues: what work can be passed on to. */
export const queueNamesQuery = queryOptions({
  queryKey: ["queues", "names"],
  queryFn: async () => (await take(api.GET("/v1/queues/names"))).items ?? [],
  staleTime: 10 * 60_000,
});
