import type { WorkItemView } from "@/api/schema";

/** The sections of the list, in their order. */
export type Section = "mine" | "later" | "waiting" | "held" | "others";

export interface Shown {
  who: "mine" | "waiting" | "all";
  queue: string | null;
  kind: string | null;
}

export type Row =
  | { heading: Section; count: number; id: string }
  | { item: WorkItemView; section: Section; id: string };

const byDue = (a: WorkItemView, b: WorkItemView) =>
  a.due === b.due ? (a.id < b.id ? -1 : 1) : Date.parse(a.due) - Date.parse(b.due);

/** The list as rows: headings, and below each what is most pressing first. */
export function rowsOf(
  mine: WorkItemView[],
  open: Iterable<WorkItemView>,
  shown: Shown,
  me: string,
  now: number,
): Row[] {
  const sections: Record<Section, WorkItemView[]> = { mine: [...mine], later: [], waiting: [], held: [], others: [] };
  const own = new Set(mine.map((w) => w.id));
  for (const w of open) if (!own.has(w.id)) sections[sectionOf(w, me, now)].push(w);
  const wanted: Section[] =
    shown.who === "mine"
      ? ["mine", "later"]
      : shown.who === "waiting"
        ? ["waiting", "held"]
        : ["mine", "later", "waiting", "held", "others"];
  const fits = (w: WorkItemView) => (!shown.queue || w.queue === shown.queue) && (!shown.kind || w.kind === shown.kind);
  return wanted.flatMap((section): Row[] => {
    const items = sections[section].filter(fits).sort(byDue);
    if (items.length === 0) return [];
    return [
      { heading: section, count: items.length, id: section },
      ...items.map((item) => ({ item, section, id: item.id })),
    ];
  });
}

/** Whether it is not to be offered yet: put off, or outside of the hours. */
export const notYet = (w: WorkItemView, now: number): boolean =>
  w.not_before !== undefined && Date.parse(w.not_before) > now;

function sectionOf(w: WorkItemView, me: string, now: number): Section {
  if (w.state !== "pending") return "others";
  if (!notYet(w, now)) return "waiting";
  return w.for === me ? "later" : "held";
}

/** What waits to be offered and what is not to be offered yet, counted as the queues count it. */
export function countWaiting(rows: Row[]): { waiting: number; later: number } {
  const count = (...of: Section[]) => rows.reduce((n, r) => n + Number("item" in r && of.includes(r.section)), 0);
  return { waiting: count("waiting"), later: count("later", "held") };
}

/** The next item of a list in a direction; headings are passed over. */
export function step(rows: Row[], from: string | undefined, by: 1 | -1): WorkItemView | undefined {
  const items = rows.flatMap((r) => ("item" in r ? [r.item] : []));
  const at = items.findIndex((w) => w.id === from);
  if (at < 0) return by > 0 ? items[0] : items.at(-1);
  return items[at + by];
}
