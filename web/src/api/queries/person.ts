import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "../client";
import { useSession } from "../session";

/** The names that were read last, for sentences that are made outside of a page: a toast, the server's own. */
let known: ReadonlyMap<string, string> = new Map();

export function keepNames(people: readonly { login: string; name?: string }[]): ReadonlyMap<string, string> {
  known = new Map(people.map((p) => [p.login, p.name || p.login]));
  return known;
}

/** Names by login. */
const namesQuery = queryOptions({
  queryKey: ["people", "names"],
  queryFn: async () => {
    const { items } = await take(api.GET("/v1/people", { params: { query: { limit: 500 } } }));
    return keepNames(items ?? []);
  },
  staleTime: 300_000,
});

/** A person's name by their login; who only answered elsewhere is named by their handle. */
export function personName(login: string, names = known): string {
  return names.get(login) ?? login.replace(/^staff:/, "@");
}

/** The names for a page, which is shown anew when they are read. */
export function useNames(): (login: string) => string {
  const me = useSession();
  const { data } = useQuery({ ...namesQuery, enabled: me.can("read_work") });
  return (login) => (login === me.login ? me.name : personName(login, data));
}
