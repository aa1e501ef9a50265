import type { MessageView } from "@/api/schema";

/**
 * A reply that was sent while its page was closed: nobody was there to hear
 * whether it was refused. Its words are gone with the page, and nothing personal
 * is kept of it; what is kept is enough to ask what became of it.
 */
export interface Left {
  session: string;
  case: string;
  visibility: "private" | "public";
  /** When, in milliseconds at the server. */
  at: number;
}

export const leftKey = "advocate.left";
/** After that one has looked at the case long since. */
const keptMs = 24 * 3600_000;
const most = 20;

function read(): Left[] {
  try {
    const kept = JSON.parse(localStorage.getItem(leftKey) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function write(list: Left[]): void {
  try {
    if (list.length > 0) localStorage.setItem(leftKey, JSON.stringify(list.slice(-most)));
    else localStorage.removeItem(leftKey);
  } catch {
    // Without storage nothing is asked after.
  }
}

export function rememberLeft(one: Left): void {
  write([...read(), one]);
}

/** Those of a session, which are forgotten with that; others' stay until they are too old. */
export function takeLeft(session: string, now: number): Left[] {
  const all = read().filter((l) => l.at > now - keptMs);
  write(all.filter((l) => l.session !== session));
  return all.filter((l) => l.session === session);
}

/** Whether what was said in the case has it. */
export function wasSent(l: Left, me: string, said: MessageView[]): boolean {
  return said.some(
    (m) => m.from === "staff" && m.by === me && m.visibility === l.visibility && Date.parse(m.at) > l.at - 5000,
  );
}
