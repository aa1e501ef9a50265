import type { WorkItemView } from "@/api/schema";
import { holderOf } from "@/ui/workitem";

export interface WorkFilter {
  which: "all" | "waiting" | "held";
  queue: string | null;
  holder: string | null;
}

export const everything: WorkFilter = { which: "all", queue: null, holder: null };

export function passes(w: WorkItemView, f: WorkFilter): boolean {
  const holder = holderOf(w);
  return (
    (f.which === "all" || (f.which === "held") === (holder !== undefined)) &&
    (!f.queue || w.queue === f.queue) &&
    (!f.holder || holder === f.holder)
  );
}

/** What is overdue comes first, then the higher priority, then what is due sooner. */
export function byUrgency(now: number): (a: WorkItemView, b: WorkItemView) => number {
  const over = (w: WorkItemView) => (Date.parse(w.due) <= now ? 0 : 1);
  return (a, b) =>
    over(a) - over(b) || b.priority - a.priority || Date.parse(a.due) - Date.parse(b.due) || a.id.localeCompare(b.id);
}
