import { queryOptions } from "@tanstack/react-query";
import { api, take } from "../client";

const of = (id: string, signal: AbortSignal) => ({ params: { path: { id } }, signal });

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id],
    queryFn: ({ signal }) => take(api.GET("/v1/customers/{id}", of(id, signal))),
  });

export const identitiesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "identities"],
    queryFn: async ({ signal }) => (await take(api.GET("/v1/customers/{id}/identities", of(id, signal)))).items ?? [],
  });

export const ordersQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "orders"],
    queryFn: async ({ signal }) => (await take(api.GET("/v1/customers/{id}/orders", of(id, signal)))).items ?? [],
  });

/** The cases of a customer, changed last first; the API gives 500 at most. */
export const customerCasesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "cases"],
    queryFn: async ({ signal }) => (await take(api.GET("/v1/customers/{id}/cases", of(id, signal)))).items ?? [],
  });

/** What their advocate listens for. */
export const subscriptionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "subscriptions"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/subscriptions", of(id, signal)))).items ?? [],
  });
