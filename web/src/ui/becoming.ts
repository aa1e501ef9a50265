import { useQueryClient } from "@tanstack/react-query";
import { api, onceKey, take } from "@/api/client";
import { agentsQuery } from "@/api/queries/agent";
import { queueNamesQuery } from "@/api/queries/queue";
import { sessionQuery, useSession } from "@/api/session";
import { useAct } from "./act";

/** Makes an agent of who is signed in, for all the queues that their rights reach; who is one without queues stays as they are beside. */
export function useBecoming(done: string) {
  const session = useSession();
  const queries = useQueryClient();
  const { now, busy } = useAct();
  const become = async () => {
    const [agents, known] = await Promise.all([
      queries.fetchQuery(agentsQuery),
      session.allQueues ? queries.ensureQueryData(queueNamesQuery) : session.queues,
    ]);
    const me = agents.find((a) => a.id === session.login);
    await take(
      api.PUT("/v1/agents/{id}", {
        params: {
          path: { id: session.login },
          header: { "Idempotency-Key": onceKey(), ...(me && { "If-Match": `"${me.version}"` }) },
        },
        body: {
          name: me?.name || session.name,
          queues: known,
          skills: me?.skills,
          langs: me?.langs,
          capacity: me?.capacity ?? 1,
        },
      }),
    );
  };
  return { become: () => now(become, { done, touches: [sessionQuery.queryKey, ["agents"]] }), busy };
}
