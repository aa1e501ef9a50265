import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { api, take } from "@/api/client";
import type { HistoryEntry } from "@/api/schema";

export interface Line extends HistoryEntry {
  key: string;
}
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

/**
 * Puts the newest page before what was read already. Pages are whole decisions,
 * so that a decision is known or it is not; where so much happened that the
 * page does not reach back to what is known, the rest is read anew.
 */
export function joined(was: Past, items: HistoryEntry[], next: string | undefined): Past {
  const fresh = named(items);
  const newest = was.lines[0];
  if (!newest || !fresh.some((l) => l.key === newest.key)) return { lines: fresh, next };
  const at = fresh.findIndex((l) => l.key === newest.key);
  if (at === 0) return was;
  return { lines: [...fresh.slice(0, at), ...was.lines], next: was.next };
}

export function grown(was: Past, items: HistoryEntry[], next: string | undefined): Past {
  return { lines: [...was.lines, ...named(items)], next };
}

interface Step {
  kind: "newest" | "older";
  /** Whose history it is; lines of two are never mixed. */
  of: string;
  items: HistoryEntry[];
  next: string | undefined;
}

function step(was: Past & { of: string }, s: Step): Past & { of: string } {
  if (s.kind === "newest") {
    const known = was.of === s.of ? was : { lines: [] };
    const next = joined(known, s.items, s.next);
    return next === was ? was : { ...next, of: s.of };
  }
  return was.of === s.of ? { ...grown(was, s.items, s.next), of: s.of } : was;
}

/** A customer's history, the newest first: live at its head, read on at its end. */
export function useHistory(customer: string, ofCase: string | undefined) {
  const [past, move] = useReducer(step, { lines: [], of: "" });
  const of = `${customer} ${ofCase ?? ""}`;
  const read = useCallback(
    (cursor?: string) =>
      take(
        api.GET("/v1/customers/{id}/history", {
          params: {
            path: { id: customer },
            query: { limit: pageSize, ...(cursor && { cursor }), ...(ofCase && { case: ofCase }) },
          },
        }),
      ),
    [customer, ofCase],
  );
  const newest = useQuery({
    queryKey: ["customers", customer, "history", "lines", ofCase ?? "all"],
    queryFn: () => read(),
  });
  useEffect(() => {
    if (newest.data) move({ kind: "newest", of, items: newest.data.items ?? [], next: newest.data.next });
  }, [newest.data, of]);

  const reading = useRef(false);
  const more = useCallback(async () => {
    if (!past.next || past.of !== of || reading.current) return;
    reading.current = true;
    try {
      const page = await read(past.next);
      move({ kind: "older", of, items: page.items ?? [], next: page.next });
    } catch {
      // Scrolling on asks again.
    } finally {
      reading.current = false;
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
  };
}

export const filters = ["all", "messages", "events", "decisions", "people", "work"] as const;
export type Filter = (typeof filters)[number];

const groups: Record<string, Filter> = {
  post: "messages",
  reply: "messages",
  sent: "messages",
  not_sent: "messages",
  staff: "messages",
  event: "events",
  answer: "events",
  lookup: "decisions",
  subscription: "decisions",
  promise: "decisions",
  set_aside: "decisions",
  alarm: "decisions",
  rating: "messages",
  identity: "people",
  consent: "people",
  note: "people",
  work_item: "work",
};

/** Under which filter a line stands; what a person did is a person's. */
export function groupOf(e: Pick<HistoryEntry, "kind" | "what" | "by">): Filter {
  if (e.kind === "case") return e.by ? "people" : "decisions";
  return groups[e.kind] ?? "decisions";
}

/** "callback by 2026-11-22T23:57:39Z" as the two that it is made of. */
export function dueIn(text: string | undefined): { what: string; due: string } | undefined {
  const m = /^(.+) by (\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(text ?? "");
  return m ? { what: m[1] as string, due: m[2] as string } : undefined;
}
