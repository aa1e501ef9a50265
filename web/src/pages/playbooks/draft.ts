import { useSyncExternalStore } from "react";

/** A text that was begun from a version and is not published yet. */
export interface Draft {
  text: string;
  /** The newest version when it was begun. */
  newest: number;
}

// In memory alone: a playbook may say what nobody should find in a browser's
// storage, and a warning keeps the window from being closed over it.
const drafts = new Map<number, Draft>();
const watchers = new Set<() => void>();

const warn = (e: BeforeUnloadEvent) => e.preventDefault();

function changed(): void {
  removeEventListener("beforeunload", warn);
  if (drafts.size > 0) addEventListener("beforeunload", warn);
  for (const run of watchers) run();
}

export function keepDraft(version: number, draft: Draft): void {
  drafts.set(version, draft);
  changed();
}

export function dropDraft(version: number): void {
  if (drafts.delete(version)) changed();
}

const watch = (run: () => void) => {
  watchers.add(run);
  return () => watchers.delete(run);
};

export const draftOf = (version: number) => drafts.get(version);

export function useDraft(version: number): Draft | undefined {
  return useSyncExternalStore(watch, () => drafts.get(version));
}
