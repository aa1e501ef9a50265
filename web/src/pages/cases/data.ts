import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { useSession } from "@/api/session";

const of = (id: string) => ({ params: { path: { id } } });

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["cases", id], queryFn: () => take(api.GET("/v1/cases/{id}", of(id))) });

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["cases", id, "conversation"],
    queryFn: async () => (await take(api.GET("/v1/cases/{id}/conversation", of(id)))).items ?? [],
  });

export const customerQuery = (id: string) =>
  queryOptions({ queryKey: ["customers", id], queryFn: () => take(api.GET("/v1/customers/{id}", of(id))) });

export const ordersQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "orders"],
    queryFn: async () => (await take(api.GET("/v1/customers/{id}/orders", of(id)))).items ?? [],
  });

export const customerCasesQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "cases"],
    queryFn: async () => (await take(api.GET("/v1/customers/{id}/cases", of(id)))).items ?? [],
  });

export const subscriptionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["customers", id, "subscriptions"],
    queryFn: async () => (await take(api.GET("/v1/customers/{id}/subscriptions", of(id)))).items ?? [],
  });

/** What is read anew after something was done to a case. */
export const touchedBy = (id: string, customer: string) => [
  ["cases", id],
  ["customers", customer],
];

const peopleQuery = queryOptions({
  queryKey: ["people", "names"],
  queryFn: async () => {
    const { items } = await take(api.GET("/v1/people", { params: { query: { limit: 500 } } }));
    return new Map((items ?? []).map((p) => [p.login, p.name || p.login]));
  },
  staleTime: 300_000,
});

/** Gives a person's name for their login; who only answered elsewhere is named by their handle. */
export function useNames(): (login: string) => string {
  const me = useSession();
  const { data } = useQuery({ ...peopleQuery, enabled: me.can("read_work") });
  return (login) => (login === me.login ? me.name : (data?.get(login) ?? login.replace(/^staff:/, "@")));
}

/** Answered in the network's own app: somebody without an account here. */
export const isOutside = (owner: string) => owner === "staff" || owner.startsWith("staff:");
