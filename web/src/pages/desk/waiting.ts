import type { LiveEvent } from "@/api/live";
import type { WorkItemView } from "@/api/schema";

/** Everything that is open in one's queues, by id. */
export type Open = ReadonlyMap<string, WorkItemView>;

export type Change =
  /** It is known what became of the item: nothing has to be read. */
  | { open: Open }
  /** Something new, which the newest page has. */
  | { read: "first" }
  /** Something that only reading it all tells. */
  | { read: "all" }
  | { read: "nothing" };

/**
 * What an event says about the open work. With thousands of open items reading
 * them all with each event would be more than the desk is worth, and would fill
 * the audit log; most events say by themselves what became of the item.
 */
export function apply(open: Open, { type, event }: LiveEvent): Change {
  const id = event.workitemid;
  const what = type.replace("advocate.workitem.", "");
  if (!id || what === type) return { read: "nothing" };
  if (what === "created") return { read: "first" };
  const was = open.get(id);
  const agent = typeof event.data?.agent === "string" ? event.data.agent : undefined;
  switch (what) {
    case "completed":
    case "canceled": {
      if (!was) return { read: "nothing" };
      const rest = new Map(open);
      rest.delete(id);
      return { open: rest };
    }
    case "reserved":
      if (!was || !agent) return { read: "all" };
      return {
        open: new Map(open).set(id, {
          ...was,
          state: "reserved",
          reservation: { id: "", agent, state: "pending", offered_at: event.time ?? "" },
        }),
      };
    case "assigned":
    case "wrapping":
      if (!was || !agent) return { read: "all" };
      return { open: new Map(open).set(id, { ...was, state: what, agent }) };
    case "pending": {
      // An offer that came to nothing leaves all else as it was; who put the item off or passed it on may have changed more.
      const why = event.data?.why;
      if (!was || (why !== "timeout" && why !== "rejected" && why !== "rescinded")) return { read: "all" };
      return { open: new Map(open).set(id, { ...was, state: "pending", agent: undefined }) };
    }
    case "overdue":
      return { read: "nothing" };
  }
  return { read: "all" };
}

/** The sections of the list, in their order. */
export type Section = "mine" | "later" | "waiting" | "others";

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
export function rowsOf(mine: WorkItemView[], open: Open, shown: Shown, me: string, now: number): Row[] {
  const sections: Record<Section, WorkItemView[]> = { mine: [...mine], later: [], waiting: [], others: [] };
  const own = new Set(mine.map((w) => w.id));
  for (const w of open.values()) if (!own.has(w.id)) sections[sectionOf(w, me, now)].push(w);
  const wanted: Section[] =
    shown.who === "mine"
      ? ["mine", "later"]
      : shown.who === "waiting"
        ? ["waiting"]
        : ["mine", "later", "waiting", "others"];
  const fits = (w: WorkItemView) => (!shown.queue || w.queue === shown.queue) && (!shown.kind || w.kind === shown.kind);
  return wanted.flatMap((section): Row[] => {
    const items = sections[section].filter(fits).sort(byDue);
    if (section === "waiting") items.sort((a, b) => Number(notYet(a, now)) - Number(notYet(b, now)));
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
  return w.for === me && notYet(w, now) ? "later" : "waiting";
}

/** The next item of a list in a direction; headings are passed over. */
export function step(rows: Row[], from: string | undefined, by: 1 | -1): WorkItemView | undefined {
  const items = rows.flatMap((r) => ("item" in r ? [r.item] : []));
  const at = items.findIndex((w) => w.id === from);
  if (at < 0) return by > 0 ? items[0] : items.at(-1);
  return items[at + by];
}
