import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { ApiError, type Item, Plain } from "@/api/problem";
import type { Part } from "@/api/schema";
import { language } from "@/i18n";
import { saidAlone } from "@/i18n/said";
import classes from "./problem.module.css";

export interface Told {
  text: string;
  /** The server's own English, where the text only says what kind of problem it is. */
  detail?: string;
}

/** What the server says stands as it is where it is in the viewer's language, or has no code to put it into that. */
function told(text: string, parts: readonly Part[] | null | undefined, general: () => string): Told {
  if (parts && parts.length > 0) return { text: saidAlone(text, parts) };
  if (language() === "en" || !text) return { text: text ? saidAlone(text, undefined) : general() };
  return { text: general(), detail: text };
}

/** The codes that have a sentence; the server may be newer than this page. */
const kinds = [
  "invalid",
  "not_found",
  "conflict",
  "too_large",
  "unauthorized",
  "forbidden",
  "busy",
  "unavailable",
  "internal",
] as const;

/** The sentence for what kind of problem it is. */
function kind(code: string | undefined): string {
  return i18next.t(`ui:problem.${kinds.find((k) => k === code) ?? "other"}`);
}

/** Why something failed, in the viewer's language. */
export function tell(error: unknown): Told {
  if (error instanceof Plain) return { text: error.message };
  if (!(error instanceof ApiError))
    return { text: i18next.t("ui:problem.page"), detail: error instanceof Error ? error.message : String(error) };
  if (error.status === 0) return { text: i18next.t("ui:failed.unreachable") };
  if (error.stale) return { text: i18next.t("ui:failed.stale") };
  const { problem } = error;
  const only = problem.errors?.length === 1 ? problem.errors[0] : undefined;
  if (!problem.detail_said && only?.message_said)
    return { text: [only.field, tellItem(only).text].filter(Boolean).join(": ") };
  return told(error.message, problem.detail_said, () => kind(problem.code));
}

/** What is wrong with one field. */
export function tellItem({ message = "", message_said }: Item): Told {
  return told(message, message_said, () => i18next.t("ui:problem.field"));
}

/** As plain text, where there is no room for more. */
export const sentence = (error: unknown): string => tell(error).text;

/** The server's own words, folded away for whoever helps. */
export function Folded({ children }: { children: string }) {
  const { t } = useTranslation("ui");
  return (
    <details className={classes.detail}>
      <summary>{t("problem.detail")}</summary>
      <span lang="en" dir="ltr">
        {children}
      </span>
    </details>
  );
}

export function Sentence({ text, detail }: Told) {
  return (
    <>
      {text}
      {detail && <Folded>{detail}</Folded>}
    </>
  );
}

/** Why something failed. */
export function Why({ error }: { error: unknown }) {
  return <Sentence {...tell(error)} />;
}
