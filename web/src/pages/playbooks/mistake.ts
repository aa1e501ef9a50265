import i18next from "i18next";
import { language } from "@/i18n";
import type { Told } from "@/ui/problem";
import type { Problem } from "./spot";

/** What a mistake is. The server words it in English; another language says what kind it is, and keeps the words. */
export function mistake(p: Problem): Told & { expected?: string } {
  if (language() === "en" || !p.kind) return { text: p.message, expected: p.expected };
  const t = i18next.getFixedT(null, "playbooks");
  return {
    text: t(`problems.kinds.${p.kind}`, { word: p.found }),
    detail: p.expected ? `${p.message}, expected ${p.expected}` : p.message,
  };
}
