import i18next, { type TFunction } from "i18next";
import type { DispositionView, QueueView, WorkItemView } from "@/api/schema";

type T = TFunction<"desk">;

/** A word of the API in the reader's language; the word itself where there is no text for it. */
export function word(t: T, family: "kind" | "state" | "disposition" | "activity", raw: string): string {
  const key = `${family}.${raw}`;
  return i18next.exists(`desk:${key}`) ? t(key as "kind.callback") : raw.replaceAll("_", " ");
}

export function dispositionLabel(t: T, d: Pick<DispositionView, "name" | "label">): string {
  return d.label || word(t, "disposition", d.name);
}

/** The endings of an item's queue. One that is gone has those that every queue has. */
export function endingsOf(queue: QueueView | undefined): DispositionView[] {
  const own = queue?.settings.dispositions ?? [];
  if (own.length > 0) return own;
  return ["resolved", "reached", "no_answer", "busy", "voicemail", "wrong_number", "refused"].map((name) => ({
    name,
    note: false,
  }));
}

/** Whether an item is to people what it was: its advocate also writes it when only a summary has changed. */
export function sameToPeople(was: WorkItemView, is: WorkItemView): boolean {
  const told = ["state", "agent", "for", "queue", "priority", "due", "note", "number"] as const;
  return told.every((field) => was[field] === is[field]);
}

/** What somebody else did with an item since it was looked at. */
export function whatChanged(was: WorkItemView, is: WorkItemView, t: T): string {
  switch (is.state) {
    case "completed":
      return t("changed.completed", { who: is.agent ?? "", how: word(t, "disposition", is.disposition ?? "") });
    case "canceled":
      return t("changed.canceled", { why: is.reason ?? "" });
  }
  if (is.agent && is.agent !== was.agent) return t("changed.holder", { who: is.agent });
  if (is.queue !== was.queue) return t("changed.queue", { queue: is.queue });
  if (is.state !== was.state) return t("changed.state", { state: word(t, "state", is.state) });
  if (is.priority !== was.priority || is.due !== was.due) return t("changed.raised");
  if (is.note !== was.note) return t("changed.note", { note: (is.note ?? "").split("\n")[0] });
  return t("changed.other");
}
