import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";
import { ApiError } from "../problem";

const of = (id: string) => ({ params: { path: { id } } });

/** A work item; the stream and what moves it say when it is another. */
export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id],
    queryFn: () => take(api.GET("/v1/work-items/{id}", of(id))),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What to know and to say about it. */
export const pointsQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id, "points"],
    queryFn: async () => (await take(api.GET("/v1/work-items/{id}/talking-points", of(id)))).items ?? [],
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Whether the customer may be called; null where there is no number. */
export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ["work-items", id, "call"],
    queryFn: async () => {
      try {
        return await take(api.GET("/v1/work-items/{id}/call", of(id)));
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
