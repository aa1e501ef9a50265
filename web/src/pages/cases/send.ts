import { now as atServer } from "@/api/clock";
import { ApiError, Plain } from "@/api/problem";
import type { MessageView } from "@/api/schema";
import { anotherCode } from "@/api/whose";

/** So long a reply whose answer was lost is sent again; then it is only asked after. */
const freshMs = 60_000;
const firstWaitMs = 1000;
const maxWaitMs = 5000;

export interface Sending {
  text: string;
  visibility: "private" | "public";
  /** Sends it, each time with the same key: however often it arrives it leaves once. */
  post: () => Promise<unknown>;
  /** What was said in the case. */
  read: () => Promise<MessageView[]>;
  by: string;
  /** Called when no answer came. */
  unsure: () => void;
  /** What to say where it turned out not to have left. */
  lost: string;
  wait?: (ms: number) => Promise<void>;
}

/**
 * Sends a reply, and comes back when it is known what became of it: it has
 * left, or an error says that it has not. An answer that was lost is no reason to give the
 * words back, for they would be sent twice.
 */
export async function send(s: Sending): Promise<void> {
  const began = atServer();
  try {
    await s.post();
    return;
  } catch (error) {
    if (!(error instanceof ApiError && error.unknown)) throw error;
  }
  s.unsure();
  const wait = s.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  for (let ms = firstWaitMs; ; ms = Math.min(maxWaitMs, 2 * ms)) {
    await wait(ms);
    const fresh = atServer() < began + freshMs;
    try {
      if (fresh) {
        await s.post();
        return;
      }
      // No request lives that long at the server: what is not there by now will not come.
      if ((await s.read()).some((m) => isIt(s, m, began))) return;
      throw new Plain(s.lost);
    } catch (error) {
      if (!silent(error)) throw error;
    }
  }
}

/** Says nothing about the first attempt: no answer, or one to somebody who is not signed in. */
function silent(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.unknown || [401, 429].includes(error.status) || error.code === anotherCode)
  );
}

/** A Date header has whole seconds, and clocks are not quite together. */
const slackMs = 5000;

function isIt(s: Sending, m: MessageView, began: number): boolean {
  return (
    m.from === "staff" &&
    m.by === s.by &&
    m.visibility === s.visibility &&
    m.text.includes(s.text) &&
    Date.parse(m.at) > began - slackMs
  );
}
