import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

/** How the server does. Most of it no event tells: who shows it says how often to ask. */
export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => take(api.GET("/v1/status")),
});
