import { useSyncExternalStore } from "react";

export type Mode = "private" | "public" | "note";
export interface Draft {
  mode: Mode;
  text: string;
  /** Of a text that was sent and came back: the same text with it is sent once, whatever became of the answer. */
  key?: string;
}
/** A reply that leaves in a few seconds unless it is called off. */
export interface Leaving {
  id: string;
  text: string;
  visibility: "private" | "public";
}

// Drafts live in memory and nowhere else: they survive moving between cases,
// and not the window, since the browser's storage keeps nothing personal.
const drafts = new Map<string, Draft>();
const leaving = new Map<string, Leaving[]>();
const watchers = new Set<() => void>();
const empty: Draft = { mode: "private", text: "" };
const none: Leaving[] = [];
/** Of the cases one went through in a day the oldest untouched drafts are let go. */
const maxDrafts = 200;

function changed(): void {
  for (const run of watchers) run();
}
const watch = (run: () => void) => {
  watchers.add(run);
  return () => void watchers.delete(run);
};

export function draftOf(id: string): Draft {
  return drafts.get(id) ?? empty;
}

export function setDraft(id: string, next: Partial<Draft>): void {
  const draft = { ...draftOf(id), key: undefined, ...next };
  drafts.delete(id);
  if (draft.text || draft.mode !== "private") drafts.set(id, draft);
  const [oldest] = drafts.keys();
  if (drafts.size > maxDrafts && oldest !== undefined) drafts.delete(oldest);
  changed();
}

/** Takes a text that leaves out of the composer, and nothing that was typed since. */
export function spendDraft(id: string, text: string): void {
  const now = draftOf(id).text.trimStart();
  setDraft(id, { text: now.startsWith(text) ? now.slice(text.length).trimStart() : now });
}

/** Gives a text back to the composer, before what was begun there since. */
export function restoreDraft(id: string, back: Draft): void {
  const now = draftOf(id).text;
  if (now.trim()) setDraft(id, { mode: back.mode, text: `${back.text}\n\n${now}` });
  else setDraft(id, back);
}

export function addLeaving(id: string, message: Leaving): void {
  leaving.set(id, [...(leaving.get(id) ?? none), message]);
  changed();
}

export function endLeaving(id: string, message: string): void {
  const left = (leaving.get(id) ?? none).filter((m) => m.id !== message);
  if (left.length > 0) leaving.set(id, left);
  else leaving.delete(id);
  changed();
}

export function useDraft(id: string): Draft {
  return useSyncExternalStore(watch, () => draftOf(id));
}
export function useLeaving(id: string): Leaving[] {
  return useSyncExternalStore(watch, () => leaving.get(id) ?? none);
}
