/** Past its moment by so much a thing is not done any more: the machine slept, and the world went on. */
export const lateMs = 60_000;

/** Why something that waited is given back. */
export type Back = "undone" | "late" | "ended";

interface Postponed {
  /** The case that it is about: it is called off with what its writer takes back of that. */
  about?: string;
  /** Does it, and says whether it went well; with keepalive the page is going away. */
  work: (keepalive: boolean) => Promise<boolean>;
  /** Called once it no longer waits, before anything else. */
  over?: () => void;
  /** Called instead of work. */
  back: (why: Back) => void;
}

interface Waiting {
  about?: string;
  go: (keepalive: boolean) => Promise<boolean>;
  off: (why: Back) => void;
}

/** What waits for its seconds to be over, and what is being done. */
const waiting = new Set<Waiting>();
const working = new Set<Promise<boolean>>();

/** Has something happen in so many milliseconds, unless it is called off. Gives how to do that. */
export function postpone(graceMs: number, { about, work, over, back }: Postponed): (why: Back) => void {
  const due = Date.now() + graceMs;
  const end = () => {
    if (!waiting.delete(entry)) return false;
    clearTimeout(timer);
    over?.();
    return true;
  };
  const entry: Waiting = {
    ...(about && { about }),
    off: (why) => {
      if (end()) back(why);
    },
    go: async (keepalive) => {
      if (!end()) return true;
      if (Date.now() > due + lateMs) {
        back("late");
        return false;
      }
      const doing = work(keepalive);
      working.add(doing);
      return doing.finally(() => working.delete(doing));
    },
  };
  waiting.add(entry);
  const timer = setTimeout(() => void entry.go(false), graceMs);
  return entry.off;
}

globalThis.addEventListener?.("pagehide", () => {
  for (const entry of [...waiting]) void entry.go(true);
});

/** Has all that waits happen now, before one signs out; says whether all of it went well. */
export async function flushLater(): Promise<boolean> {
  const all = await Promise.all([...[...waiting].map((entry) => entry.go(false)), ...working]);
  return all.every(Boolean);
}

/** Gives all that waits back: who began it is not the one who would do it. */
export function callOffLater(): void {
  for (const entry of [...waiting]) entry.off("ended");
}

/** Calls off what waits to leave in a case. */
export function callOffAbout(id: string): void {
  for (const entry of [...waiting]) if (entry.about === id) entry.off("undone");
}

/** The whole seconds that are left, from all of them down to one. */
export function secondsLeft(at: number, now: number, most: number): number {
  return Math.min(most, Math.max(1, Math.floor(at / 1000) - Math.floor(now / 1000)));
}
