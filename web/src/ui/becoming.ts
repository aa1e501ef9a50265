import { useQueryClient } from "@tanstack/react-query";
import { api, onceKey, take } from "@/api/client";
import { ApiError } from "@/api/problem";
import { queueNamesQuery } from "@/api/queries/queue";
import { type Session, sessionQuery, useSession } from "@/api/session";
import { useAct } from "./act";

/** Who has this login as an agent; nobody where they are none yet. */
async function agentOf(id: string) {
  try {
    return await take(api.GET("/v1/agents/{id}", { params: { path: { id } } }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Makes an agent for these queues of somebody; all else that they are as one stays. */
export async function becomeAgent({ login, name }: Pick<Session, "login" | "name">, queues: string[]): Promise<void> {
  const me = await agentOf(login);
  await take(
    api.PUT("/v1/agents/{id}", {
      params: {
        path: { id: login },
        header: { "Idempotency-Key": onceKey(), ...(me && { "If-Match": `"${me.version}"` }) },
      },
      body: {
        name: me?.name || name,
        queues,
        skills: me?.skills,
        langs: me?.langs,
        capacity: me?.capacity ?? 1,
        disabled: me?.disabled,
      },
    }),
  );
}

/** Makes an agent of who is signed in, for all the queues that their rights reach; who is one without queues stays as they are beside. */
export function useBecoming(done: string) {
  const session = useSession();
  const queries = useQueryClient();
  const { now, busy } = useAct();
  const become = async () =>
    becomeAgent(session, session.allQueues ? await queries.ensureQueryData(queueNamesQuery) : session.queues);
  return { become: () => now(become, { done, touches: [sessionQuery.queryKey, ["agents"]] }), busy };
}
