import { useSyncExternalStore } from "react";

/** Items that are about to be completed, canceled or passed on, and are out of the way while that can be called off. */
let ids: ReadonlySet<string> = new Set();
const watchers = new Set<() => void>();

function become(next: Set<string>): void {
  ids = next;
  for (const run of watchers) run();
}

export function leave(id: string): void {
  become(new Set(ids).add(id));
}

export function stay(id: string): void {
  const rest = new Set(ids);
  rest.delete(id);
  become(rest);
}

const watch = (run: () => void) => {
  watchers.add(run);
  return () => watchers.delete(run);
};

export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(watch, () => ids);
}

/** What was typed about an item and not sent yet. It is kept in memory alone, for as long as the page is open. */
export interface Draft {
  note: string;
  promise?: { what: string; by: string };
}
const drafts = new Map<string, Draft>();

export const draftOf = (id: string): Draft => drafts.get(id) ?? { note: "" };

export function keepDraft(id: string, draft: Draft): void {
  if (draft.note || draft.promise) drafts.set(id, draft);
  else drafts.delete(id);
}
