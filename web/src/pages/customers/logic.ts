import type { HistoryEntry, KnownOrder } from "./queries";

export interface Consent {
  calls?: string;
  messages?: string;
  stopped?: boolean;
}

/** Two consents as one: every refusal of either stands. */
export function stricter(a: Consent, b: Consent): Consent {
  const pick = (x?: string, y?: string) => (x === "refused" || y === "refused" ? "refused" : x || y);
  return { calls: pick(a.calls, b.calls), messages: pick(a.messages, b.messages), stopped: !!a.stopped || !!b.stopped };
}

const final = ["delivered", "canceled", "refunded"];

/** Whether an order is overdue: its promised day is over, or its system says that it is delayed. */
export function isLate(k: KnownOrder, now: number): boolean {
  const o = k.order;
  if (!o || final.includes(o.status)) return false;
  if (o.status === "delayed") return true;
  const due = o.promised ?? o.eta;
  return !!due && now > new Date(due).getTime() + 86_400_000;
}

/** A reply of the history with what became of it. */
export interface Line {
  entry: HistoryEntry;
  /** The entry that tells how the reply ended, folded into it. */
  end?: HistoryEntry;
}

/** Folds "it was sent" into the reply it speaks of, where both are there; newest first, as they come. */
export function fold(entries: HistoryEntry[]): Line[] {
  const ends = new Map<string, HistoryEntry>();
  const replies = new Set(entries.filter((e) => e.kind === "reply").map((e) => e.ref));
  const out: Line[] = [];
  for (const entry of entries) {
    if ((entry.kind === "sent" || entry.kind === "not_sent") && entry.ref && replies.has(entry.ref)) {
      if (!ends.has(entry.ref)) ends.set(entry.ref, entry);
      continue;
    }
    out.push({ entry, end: entry.kind === "reply" && entry.ref ? ends.get(entry.ref) : undefined });
  }
  return out;
}

const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;

/** A text of the server's with the times in it as the viewer reads them. */
export function withTimes(text: string, show: (at: string) => string): string {
  return text.replace(isoTime, show);
}

/** Whether an id was given out by the server for this customer or another: customer, a letter, a number. */
export function isOurs(id: string | undefined): id is string {
  return !!id && /^c[0-9a-z]{13}-[a-z]\d+$/.test(id);
}
