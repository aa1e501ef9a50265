import { useSyncExternalStore } from "react";

export type Mode = "private" | "public" | "note";

/** A reply on its way: it counts down, or no answer came and nobody knows yet whether it left. */
export interface Leaving {
  id: string;
  text: string;
  visibility: "private" | "public";
  unsure?: boolean;
}

interface Draft {
  mode: Mode;
  /** One for each who will read it: what is meant for colleagues is never joined to what customers read. */
  texts: Partial<Record<Mode, string>>;
}

// Drafts live in memory and nowhere else: they survive moving between cases,
// and not the window, since the browser's storage keeps nothing personal.
const drafts = new Map<string, Draft>();
const leaving = new Map<string, Leaving[]>();
const watchers = new Set<() => void>();
const empty: Draft = { mode: "private", texts: {} };
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

const draftOf = (id: string): Draft => drafts.get(id) ?? empty;

export const modeOf = (id: string): Mode => draftOf(id).mode;
export const textOf = (id: string, mode: Mode): string => draftOf(id).texts[mode] ?? "";

function put(id: string, draft: Draft): void {
  drafts.delete(id);
  if (draft.mode !== "private" || Object.values(draft.texts).some(Boolean)) drafts.set(id, draft);
  const [oldest] = drafts.keys();
  if (drafts.size > maxDrafts && oldest !== undefined) drafts.delete(oldest);
  changed();
}

export function setMode(id: string, mode: Mode): void {
  put(id, { ...draftOf(id), mode });
}

export function setText(id: string, mode: Mode, text: string): void {
  const { mode: now, texts } = draftOf(id);
  put(id, { mode: now, texts: { ...texts, [mode]: text } });
}

/** Takes a text that leaves out of the composer, and nothing that was typed since. */
export function spendDraft(id: string, mode: Mode, text: string): void {
  const now = textOf(id, mode).trimStart();
  setText(id, mode, now.startsWith(text) ? now.slice(text.length).trimStart() : now);
}

/**
 * Gives a text back to the composer, before what was begun for the same readers
 * since. It is shown, unless something else is being written.
 */
export function restoreDraft(id: string, mode: Mode, text: string): void {
  const now = textOf(id, mode);
  if (!textOf(id, modeOf(id)).trim()) setMode(id, mode);
  setText(id, mode, now.trim() ? `${text}\n\n${now}` : text);
}

/** Makes a note of a reply that cannot be sent, after what the note has already. */
export function moveToNote(id: string, mode: "private" | "public"): void {
  const { texts } = draftOf(id);
  const note = [texts.note ?? "", texts[mode] ?? ""].filter((text) => text.trim()).join("\n\n");
  put(id, { mode: "note", texts: { ...texts, [mode]: "", note } });
}

/**
 * What the composer shows. Where only notes can be written now, a reply that was
 * begun stays in its place, and so does a field that somebody is in: what they
 * type on never goes to other readers than it was begun for.
 */
export function shownMode(chosen: Mode, notesOnly: boolean, text: string, inField: boolean): Mode {
  return notesOnly && !text.trim() && !inField ? "note" : chosen;
}

export function addLeaving(id: string, message: Leaving): void {
  leaving.set(id, [...(leaving.get(id) ?? none), message]);
  changed();
}

/** No answer came: it is not known whether it left. */
export function unsureOf(id: string, message: string): void {
  leaving.set(
    id,
    (leaving.get(id) ?? none).map((m) => (m.id === message ? { ...m, unsure: true } : m)),
  );
  changed();
}

export function endLeaving(id: string, message: string): void {
  const left = (leaving.get(id) ?? none).filter((m) => m.id !== message);
  if (left.length > 0) leaving.set(id, left);
  else leaving.delete(id);
  changed();
}

export const useMode = (id: string): Mode => useSyncExternalStore(watch, () => modeOf(id));
export const useText = (id: string, mode: Mode): string => useSyncExternalStore(watch, () => textOf(id, mode));
export const useLeaving = (id: string): Leaving[] => useSyncExternalStore(watch, () => leaving.get(id) ?? none);
