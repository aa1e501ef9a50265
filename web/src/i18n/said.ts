import i18next from "i18next";
import { personName } from "@/api/queries/person";
import type { Part } from "@/api/schema";
import { language } from "@/i18n";
import { dateTime, number, span, withTheirs } from "@/ui/format";
import { type Family, word } from "@/ui/word";

/** Which of a sentence's places are filled with words of the API. */
const families: Record<string, Family> = {
  activity: "activity",
  component: "component",
  effect: "effect",
  effect_state: "effect_state",
  intent: "intent",
  is: "intent",
  kind: "work_kind",
  outcome: "outcome",
  disposition: "outcome",
  promise: "promise",
  role: "role",
  work_state: "work_state",
  sentiment: "sentiment",
  status: "order_status",
  topic: "topic",
  command: "command",
};

/** A day of the calendar, which is the same in every zone. */
function day(date: string): string {
  const form = new Intl.DateTimeFormat(language(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
  return form.format(new Date(date));
}

/** Whose clock times are told by; the viewer's if nothing is said. */
export interface Clock {
  /** Another zone's alone, on a page that says so. */
  timeZone?: string;
  /** The viewer's, and behind it the customer's where that is another. */
  theirs?: string;
}

/** What fills a place, as people read it. */
function filled(name: string, value: string, clock?: Clock): string | number {
  const family = families[name];
  if (family) return word(family, value);
  switch (name) {
    case "at":
    case "due":
      return clock?.timeZone ? dateTime(value, clock.timeZone) : withTheirs(value, clock?.theirs);
    case "day":
      return day(value);
    case "count":
      return Number(value);
    case "by":
    case "agent":
    case "login":
      return personName(value);
    case "right":
      return word("permission", value.replace(/^permission /, ""));
    case "n":
    case "length":
    case "most":
      return number(Number(value));
    case "finding":
      return sentence({ code: value, text: value });
    case "span": {
      const [, hours = 0, minutes = 0] = /^(\d+)h(\d+)m/.exec(value) ?? [];
      return span((Number(hours) * 60 + Number(minutes)) * 60_000);
    }
  }
  return value;
}

function sentence({ code, params, text }: Part, clock?: Clock): string {
  if (!code) return text;
  const places = Object.entries(params ?? {}).map(([name, value]) => [name, filled(name, value, clock)]);
  // The codes are the server's: one that is newer than this page has no text.
  const look = i18next.t as unknown as (keys: string[], options: object) => string;
  return look([`said:${code}`, `problems:${code}`], { ...Object.fromEntries(places), defaultValue: text });
}

/** The parts in a row: after a full stop a space, else a colon. */
export function saidIn(parts: readonly Part[], clock?: Clock): string {
  return parts
    .map((p) => sentence(p, clock))
    .reduce((all, s) => (all ? `${all}${all.endsWith(".") ? " " : ": "}${s}` : s), "");
}

/**
 * What the server says in a sentence, in the viewer's language. Words that somebody wrote, and
 * sentences of a server that is newer than this page, stay as they are.
 */
export function said(text: string, parts: readonly Part[] | null | undefined, clock?: Clock): string {
  return parts && parts.length > 0 ? saidIn(parts, clock) : text;
}

/** A text of several lines, such as a work item's note: what of it is somebody's own words stays as written. */
export function saidLines(text: string, lines: readonly (readonly Part[] | null)[] | null | undefined): string {
  return lines && lines.length > 0 ? lines.map((line) => saidIn(line ?? [])).join("\n") : text;
}

/** As it stands alone: begun with a capital. */
export function saidAlone(text: string, parts: readonly Part[] | null | undefined): string {
  const s = said(text, parts);
  return s.charAt(0).toLocaleUpperCase(language()) + s.slice(1);
}

/** Whether a text is, or begins with, this sentence. */
export function says(code: string, parts: readonly Part[] | null | undefined): boolean {
  return parts?.[0]?.code === code;
}
