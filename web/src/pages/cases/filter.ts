import type { HistoryEntry } from "@/api/schema";

export const filters = ["all", "messages", "events", "decisions", "people", "work"] as const;
export type Filter = (typeof filters)[number];

const groups: Record<string, Filter> = {
  post: "messages",
  reply: "messages",
  sent: "messages",
  not_sent: "messages",
  staff: "messages",
  event: "events",
  answer: "events",
  lookup: "decisions",
  subscription: "decisions",
  promise: "decisions",
  set_aside: "decisions",
  alarm: "decisions",
  rating: "messages",
  identity: "people",
  consent: "people",
  note: "people",
  work_item: "work",
};

/** Under which filter a line stands; what a person did is a person's. */
export function groupOf(e: Pick<HistoryEntry, "kind" | "what" | "by">): Filter {
  if (e.kind === "case") return e.by ? "people" : "decisions";
  return groups[e.kind] ?? "decisions";
}
