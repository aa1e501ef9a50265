import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

const of = (id: string) => ({ params: { path: { id } } });

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["cases", id], queryFn: () => take(api.GET("/v1/cases/{id}", of(id))) });

/** What was said in it, on all sides. */
export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["cases", id, "conversation"],
    queryFn: async () => (await take(api.GET("/v1/cases/{id}/conversation", of(id)))).items ?? [],
  });

/** Who looks at it. */
export const lookingQuery = (id: string) =>
  queryOptions({
    queryKey: ["cases", id, "looking"],
    queryFn: async () => (await take(api.GET("/v1/cases/{id}/looking", of(id)))).items ?? [],
  });
