import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { api, take } from "@/api/client";
import type { HistoryEntry } from "@/api/schema";

/** An entry of a customer's history, under a name that it keeps. */
export interface Line extends HistoryEntry {
  key: string;
}

/** What was read of a history, and where it goes on. */
export interface Past {
  lines: Line[];
  next?: string | undefined;
}

const pageSize = 200;

/** Names each line by its decision and its place in it, which never change. */
export function named(items: HistoryEntry[]): Line[] {
  const places = new Map<number, number>();
  return items.map((e) => {
    const n = places.get(e.decision) ?? 0;
    places.set(e.decision, n + 1);
    return { ...e, key: `${e.decision}.${n}` };
  });
}

/** Two customers were made one, or parted again: their pasts change from the beginning on. */
const rewrites = (l: Line): boolean => l.kind === "identity" && (l.what === "merged" || l.what === "unmerged");

/**
 * Puts the newest page before what was read already. Pages are whole decisions,
 * so that a decision is known or it is not; where so much happened that the
 * page does not reach back to what is known, or the past itself has changed,
 * the rest is read anew.
 */
export function joined(was: Past, items: HistoryEntry[], next: string | undefined): Past {
  const fresh = named(items);
  const at = fresh.findIndex((l) => l.key === was.lines[0]?.key);
  const same = at >= 0 && fresh.slice(at).every((l, i) => JSON.stringify(l) === JSON.stringify(was.lines[i]));
  if (!same || fresh.slice(0, at).some(rewrites)) return { lines: fresh, next };
  if (at === 0) return was;
  return { lines: [...fresh.slice(0, at), ...was.lines], next: was.next };
}

export function grown(was: Past, items: HistoryEntry[], next: string | undefined): Past {
  return { lines: [...was.lines, ...named(items)], next };
}

/** Which part of a customer's history: of one case, of some kinds; else everything. */
export interface Part {
  ofCase?: string;
  kinds?: string[];
}

interface Page {
  items: HistoryEntry[];
  next: string | undefined;
}

/** `of` says which part of whose history it is: lines of two are never mixed. `cursor` is where older ones were asked for. */
export type Step = { of: string } & (
  | ({ kind: "newest" } & Page)
  | ({ kind: "older"; cursor: string } & Page)
  | { kind: "failed"; cursor: string; error: unknown }
);

/** `failed` is why it could not be read on, until it is tried again. */
type State = Past & { of: string; failed?: unknown };

export function step(was: State, s: Step): State {
  if (s.kind === "newest") {
    const known = was.of === s.of ? was : { lines: [] };
    const next = joined(known, s.items, s.next);
    return next === was ? was : { ...next, of: s.of };
  }
  // What goes on from elsewhere leaves a gap: meanwhile the rest was read anew.
  if (was.of !== s.of || was.next !== s.cursor) return was;
  if (s.kind === "older") return { ...grown(was, s.items, s.next), of: s.of };
  return was.failed === s.error ? was : { ...was, failed: s.error };
}

/**
 * A customer's history, the newest first: live at its head, read on at its end.
 * However much was read, an event reads one page.
 */
export function useHistory(customer: string, { ofCase, kinds = [] }: Part = {}) {
  const [past, move] = useReducer(step, { lines: [], of: "" });
  const kind = kinds.join(",");
  const of = `${customer} ${ofCase ?? ""} ${kind}`;
  const read = useCallback(
    (cursor?: string) =>
      take(
        api.GET("/v1/customers/{id}/history", {
          params: {
            path: { id: customer },
            query: {
              limit: pageSize,
              ...(cursor && { cursor }),
              ...(ofCase && { case: ofCase }),
              ...(kind && { kind: kind.split(",") as never }),
            },
          },
          querySerializer: { array: { style: "form", explode: false } },
        }),
      ),
    [customer, ofCase, kind],
  );
  const newest = useQuery({
    queryKey: ["customers", customer, "history", "lines", ofCase ?? "all", kind],
    queryFn: () => read(),
  });
  useEffect(() => {
    if (newest.data) move({ kind: "newest", of, items: newest.data.items ?? [], next: newest.data.next });
  }, [newest.data, of]);

  const reading = useRef("");
  const more = useCallback(async () => {
    const cursor = past.next;
    const place = `${of} ${cursor}`; // what is read from elsewhere may be of no use any more
    if (!cursor || past.of !== of || reading.current === place) return;
    reading.current = place;
    move({ kind: "failed", of, cursor, error: undefined });
    try {
      const page = await read(cursor);
      move({ kind: "older", of, cursor, items: page.items ?? [], next: page.next });
    } catch (error) {
      move({ kind: "failed", of, cursor, error });
    } finally {
      if (reading.current === place) reading.current = "";
    }
  }, [past.next, past.of, of, read]);

  const data = newest.data && past.of === of ? past.lines : undefined;
  return {
    data,
    error: newest.error,
    isPending: newest.isPending,
    refetch: newest.refetch,
    ended: Boolean(data) && !past.next,
    more,
    failed: past.failed,
  };
}

/** A line with what became of it. */
export interface Told {
  line: Line;
  /** The entry that tells how the reply ended, folded into it. */
  end?: Line | undefined;
}

/** Folds "it was sent" into the reply it speaks of, where both are there; newest first, as they come. */
export function fold(lines: Line[]): Told[] {
  const ends = new Map<string, Line>();
  const replies = new Set(lines.filter((l) => l.kind === "reply").map((l) => l.ref));
  const out: Told[] = [];
  for (const line of lines) {
    if ((line.kind === "sent" || line.kind === "not_sent") && line.ref && replies.has(line.ref)) {
      if (!ends.has(line.ref)) ends.set(line.ref, line);
      continue;
    }
    out.push({ line, end: line.kind === "reply" && line.ref ? ends.get(line.ref) : undefined });
  }
  return out;
}

/** Whether an id was given out by the server for this customer or another: customer, a letter, a number. */
export function isOurs(id: string | undefined): id is string {
  return !!id && /^c[0-9a-z]{13}-[a-z]\d+$/.test(id);
}

/** Under what id the reason of a line is found: the thing's own, else its case's, else the customer's. */
export function reasonOf(e: Pick<HistoryEntry, "kind" | "ref" | "case_id">, customer: string): string {
  if (isOurs(e.ref)) return e.ref;
  if (e.kind === "post" && e.ref) return e.ref;
  return e.case_id || customer;
}
