import type { DispositionView, QueueView, WorkItemView } from "@/api/schema";
import { headword } from "./word";

/** What an ending is called: as the queue's operator named it, else by its word. */
export function labelOf(d: Pick<DispositionView, "name" | "label">): string {
  return d.label || headword("outcome", d.name);
}

/** What work ends in where its queue is not known: one that is gone, or that one's rights do not reach. */
const builtIn: Record<string, string[]> = {
  callback: ["resolved", "reached", "no_answer", "busy", "voicemail", "wrong_number", "refused"],
  review: ["resolved", "answered", "no_answer_needed"],
  expert: ["answered", "resolved"],
};

/** What an item ends in: a call in other words than a review. */
export function endingsOf(w: Pick<WorkItemView, "ends_as">, queue?: QueueView): DispositionView[] {
  const own = (queue?.settings.dispositions ?? []).filter((d) => d.kinds?.includes(w.ends_as));
  if (own.length > 0) return own;
  return (builtIn[w.ends_as] ?? []).map((name) => ({ name, kinds: [w.ends_as], note: false }));
}
