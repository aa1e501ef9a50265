import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, take } from "./client";
import type { SessionView } from "./schema";
import { whose } from "./whose";

/** What a caller may do; the words are the API's. */
export type Permission =
  | "read_customers"
  | "read_work"
  | "read_setup"
  | "work"
  | "supervise"
  | "reports"
  | "configure"
  | "people"
  | "audit"
  | "erase";

export interface Session {
  /** Of the session: it is opaque, and no secret. */
  id: string;
  login: string;
  name: string;
  role: SessionView["role"];
  allQueues: boolean;
  queues: string[];
  restricted: boolean;
  /** Work can be offered to them: GET /v1/agents/me answers. */
  agent: boolean;
  can: (need: Permission) => boolean;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    const session = sessionOf(await take(api.GET("/v1/session")));
    whose.signedIn(session.login, session.name);
    return session;
  },
  staleTime: 60_000,
  retry: (n, error) => n < 2 && !(error as { final?: boolean }).final,
});

export function sessionOf(v: SessionView): Session {
  const has = new Set(v.permissions ?? []);
  return {
    id: v.session?.id ?? "",
    login: v.name,
    name: v.display_name || v.name,
    role: v.role,
    allQueues: v.all_queues,
    queues: v.queues ?? [],
    restricted: v.restricted,
    agent: v.agent,
    can: (need) => has.has(need),
  };
}

/** Who is signed in. Below the shell it is always there. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error("useSession outside of the shell");
  return data;
}
