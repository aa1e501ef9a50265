import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

/** How things stand: sums for all that the rights reach. */
export const liveQuery = queryOptions({
  queryKey: ["live"],
  queryFn: () => take(api.GET("/v1/live")),
  refetchInterval: 5000,
});
