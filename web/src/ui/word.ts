import i18next from "i18next";
import { language } from "@/i18n";
import type words from "@/i18n/en/words.json";

/**
 * The words of the API (states, intents, kinds, outcomes …) in the viewer's language, from the
 * catalogue `words`. Every page takes them from here, so that one thing has one name everywhere.
 */
type Words = typeof words;
export type Family = keyof Words;
/** A word of a family that has a translation; the API and operators may name others. */
export type Word<F extends Family> = keyof Words[F] & string;

function family(name: Family): Record<string, string> {
  const all = i18next.getResourceBundle(language(), "words") as
    | Partial<Record<Family, Record<string, string>>>
    | undefined;
  return all?.[name] ?? {};
}

/** Operators name dispositions, tiers and components themselves: such a name is made readable, no more. */
function readable(raw: string): string {
  return /^[\w ]+$/.test(raw) ? raw.replaceAll("_", " ") : raw;
}

function find(name: Family, raw: string): string | undefined {
  const key = raw.replaceAll(" ", "_");
  const known = family(name);
  return Object.hasOwn(known, key) ? known[key] : undefined;
}

/** Whether a value has a name here; the compiler knows it by then. */
export function isWord<F extends Family>(of: F, value: string | undefined): value is Word<F> {
  return value !== undefined && find(of, value) !== undefined;
}

/** As it stands within a sentence or on a badge: "in hand". Nothing for no value. */
export function word<F extends Family>(of: F, value: Word<F> | (string & {}) | undefined): string {
  return value ? (find(of, value) ?? readable(value)) : "";
}

/** As it stands at the head of a line, on a button or in a list to choose from: "In hand". */
export function headword<F extends Family>(of: F, value: Word<F> | (string & {}) | undefined): string {
  return capital(word(of, value));
}

/** Words as they stand at the head of a line. */
export function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase(language()) + words.slice(1);
}

/** All words of a family that have a name, in the catalogue's order: what one can choose from. */
export function wordsOf<F extends Family>(of: F): Word<F>[] {
  return Object.keys(family(of)) as Word<F>[];
}

/** Whose "what" has words of its own, and whose says nothing to people: the name of a text, the id of a post. */
const named: Record<string, Family> = { event: "event", lookup: "component", answer: "component" };
const mute = ["post", "reply", "sent"];

/**
 * What an entry of the history tells, as the head of a line: "Promise kept". Kind and what have
 * their words together, for in Spanish the second agrees with the first.
 */
export function happening(kind: string, what?: string): string {
  const both = `${kind}_${what}`;
  if (what && find("entry", both)) return headword("entry", both);
  const head = headword("entry", kind);
  if (!what || mute.includes(kind)) return head;
  return named[kind] ? `${head}: ${word(named[kind], what)}` : `${head} ${readable(what)}`;
}
