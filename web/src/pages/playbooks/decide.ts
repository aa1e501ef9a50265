import { ApiError } from "@/api/problem";

export interface Decided {
  done: string[];
  /** A colleague had decided them: they are held no more. */
  decided: string[];
  /** They wait still. */
  refused: { id: string; error: unknown }[];
}

/**
 * Decides about each, whatever became of the others: one after the other, since
 * those of one conversation leave in their order. A page that goes away waits for no answer.
 */
export async function decideEach(
  ids: string[],
  one: (id: string) => Promise<unknown>,
  atOnce: boolean,
): Promise<Decided> {
  const out: Decided = { done: [], decided: [], refused: [] };
  const decide = async (id: string) => {
    try {
      await one(id);
      out.done.push(id);
    } catch (error) {
      if (error instanceof ApiError && gone(error)) out.decided.push(id);
      else out.refused.push({ id, error });
    }
  };
  if (atOnce) await Promise.all(ids.map(decide));
  else for (const id of ids) await decide(id);
  return out;
}

/** It is not held any more, which is all that stands against deciding about what is. */
function gone(error: ApiError): boolean {
  return error.status === 404 || (error.status === 409 && error.code === "conflict");
}
