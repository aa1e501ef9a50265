import type { WorkItemView } from "@/api/schema";

/** What an agent calls the customer: a name, else what they go by, else nothing but a word. */
export function nameOf(w: Pick<WorkItemView, "customer_name" | "handle" | "post">): string {
  return w.customer_name || (w.handle ? `@${w.handle}` : w.post.network);
}

export const isOver = (w: Pick<WorkItemView, "state">): boolean => w.state === "completed" || w.state === "canceled";

/** Who has a work item in hand or is asked whether they want it; undefined while it waits. */
export function holderOf(w: Pick<WorkItemView, "state" | "agent" | "reservation">): string | undefined {
  if (w.state === "reserved") return w.reservation?.agent;
  return w.state === "assigned" || w.state === "wrapping" ? w.agent : undefined;
}

const toldToPeople = ["state", "agent", "for", "queue", "priority", "due", "note", "number"] as const;
export type Told = (typeof toldToPeople)[number];

/** Whether an item is to people what it was: its advocate also writes it when only a summary has changed. */
export function sameToPeople(was: WorkItemView, is: WorkItemView, told: readonly Told[] = toldToPeople): boolean {
  return told.every((field) => was[field] === is[field]);
}
