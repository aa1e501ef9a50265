import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import type { CustomerDetail, HistoryEntry, IdentityView, KnownOrder, ListedCase, MergeView } from "@/api/schema";

export type { CustomerDetail, HistoryEntry, IdentityView, KnownOrder, ListedCase, MergeView };

const customer = (id: string) => ({ params: { path: { id } } });

/** Customers that a text finds, page by page; an older answer never comes over a newer one. */
export const customersQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ["customers-list", q],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/v1/customers", { params: { query: { q: q || undefined, cursor: pageParam, limit: 100 } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
    // What was searched for is not kept longer than it is looked at.
    gcTime: q ? 10_000 : undefined,
  });

export interface CaseFilter {
  state?: "open" | "waiting" | "resolved" | "unresolved";
  queue?: string;
  owner?: string;
  intent?: string;
  network?: string;
}

export const recentCasesQuery = (filter: CaseFilter) =>
  infiniteQueryOptions({
    queryKey: ["cases-list", filter],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET("/v1/cases", { params: { query: { ...filter, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
  });

/** The names of the networks that are connected. */
export const networksQuery = queryOptions({
  queryKey: ["connections", "networks"],
  queryFn: async ({ signal }) =>
    ((await take(api.GET("/v1/connections", { signal }))).items ?? [])
      .filter((c) => c.kind === "network")
      .map((c) => c.name),
  staleTime: 60_000,
});

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id],
    queryFn: ({ signal }) => take(api.GET("/v1/customers/{id}", { ...customer(id), signal })),
  });

export const identitiesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "identities"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/identities", { ...customer(id), signal }))).items ?? [],
  });

export const ordersQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "orders"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/orders", { ...customer(id), signal }))).items ?? [],
  });

export const casesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "cases"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/cases", { ...customer(id), signal }))).items ?? [],
  });

export const subscriptionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "subscriptions"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/subscriptions", { ...customer(id), signal }))).items ?? [],
  });

export const mergesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "merges"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/merges", { ...customer(id), signal }))).items ?? [],
  });

export const historyQuery = (id: string, kinds: string[]) =>
  infiniteQueryOptions({
    queryKey: ["customers", id, "history", kinds],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/v1/customers/{id}/history", {
          params: {
            path: { id },
            query: { cursor: pageParam, limit: 100, kind: kinds.length > 0 ? (kinds as never) : undefined },
          },
          querySerializer: { array: { style: "form", explode: false } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
  });

export const decisionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["customers", id, "decisions"],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/v1/customers/{id}/decisions", {
          params: { path: { id }, query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
  });
