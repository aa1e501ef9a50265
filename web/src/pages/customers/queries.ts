import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import type { CustomerDetail, IdentityView, KnownOrder } from "@/api/schema";

export { networksQuery } from "@/api/queries/connection";
export {
  customerCasesQuery as casesQuery,
  customerQuery,
  identitiesQuery,
  ordersQuery,
  subscriptionsQuery,
} from "@/api/queries/customer";
export type { CustomerDetail, IdentityView, KnownOrder };

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

export const mergesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "merges"],
    queryFn: async ({ signal }) =>
      (await take(api.GET("/v1/customers/{id}/merges", { ...customer(id), signal }))).items ?? [],
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
