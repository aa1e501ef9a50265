import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

/** The built-in network: who the company is there, and whether there is one; refused with 404 where it is off. */
export const sandboxQuery = queryOptions({
  queryKey: ["sandbox", "info"],
  queryFn: () => take(api.GET("/v1/sandbox")),
  staleTime: 60_000,
});
