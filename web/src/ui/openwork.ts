import type { QueryClient } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { type Change, type Heard, Keeper, type Kept, useKept } from "@/api/keeper";
import type { LiveEvent } from "@/api/live";
import { mineQuery } from "@/api/queries/agent";
import { itemQuery } from "@/api/queries/workitem";
import type { WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { holderOf, isOver } from "./workitem";

/** Open work items, by id. */
export type Open = ReadonlyMap<string, WorkItemView>;

const perPage = 500;
/** More is not held in a browser: what waits behind it comes up as the rest is worked on. */
const pages = 40;
/** So many are looked at when something is new. */
const newest = 50;

const list = (limit: number, cursor?: string) =>
  take(api.GET("/v1/work-items", { params: { query: { open: true, limit, cursor } } }));

const prefix = "advocate.workitem.";

/** What an event tells of a work item, if it is about one. */
export function heardOf(e: LiveEvent): Heard<WorkItemView> | undefined {
  const id = e.event.workitemid;
  if (!id || !e.type.startsWith(prefix)) return undefined;
  return { id, at: versionOf(e), judge: (open) => changeBy(e, id, open) };
}

/** The item's version after what an event tells. */
function versionOf({ event }: LiveEvent): number | undefined {
  const version = event.data?.version;
  return typeof version === "number" ? version : undefined;
}

/** Whether what is known of an item was read or answered after what an event tells. */
function knows(was: WorkItemView, e: LiveEvent): boolean {
  const version = versionOf(e);
  if (version !== undefined) return was.version >= version;
  return Boolean(e.event.time && Date.parse(was.updated_at) >= Date.parse(e.event.time));
}

/**
 * What an event says about the open work. With thousands of open items reading
 * them all with each event would be more than it is worth, and a look at an item
 * is in the audit log; most events say by themselves what became of it.
 */
function changeBy(e: LiveEvent, id: string, open: Open): Change<WorkItemView> {
  const what = e.type.slice(prefix.length);
  const was = open.get(id);
  const over = what === "completed" || what === "canceled";
  // What is not known and is over, or has only become late, changes nothing.
  if (what === "overdue" || (!was && over)) return { read: "nothing" };
  if (!was) return { read: what === "created" ? "first" : "one" };
  if (what === "created" || knows(was, e)) return { read: "nothing" };
  if (over) {
    const rest = new Map(open);
    rest.delete(id);
    return { items: rest };
  }
  const is = became(was, what, e.event);
  return is ? { items: new Map(open).set(id, is) } : { read: "one" };
}

/** The item after an event; undefined where the event does not say all that may have changed. */
function became(was: WorkItemView, what: string, { time = "", data }: LiveEvent["event"]): WorkItemView | undefined {
  const { agent, why, reservation_id: offer, until } = (data ?? {}) as Record<string, string | undefined>;
  switch (what) {
    case "reserved":
      if (!agent) return undefined;
      return {
        ...was,
        state: "reserved",
        reservation: { id: offer ?? "", agent, state: "pending", offered_at: time, ...(until && { until }) },
      };
    case "assigned":
    case "wrapping":
      return agent ? { ...was, state: what, agent } : undefined;
    case "pending":
      // An offer that came to nothing leaves all else as it was; who put the item off or passed it on may have changed more.
      if (why !== "timeout" && why !== "rejected" && why !== "rescinded") return undefined;
      return { ...was, state: "pending", agent: undefined };
  }
  return undefined;
}

/** All open work that one's rights reach, for whoever shows it: there is one, so that no two pages tell different things. */
export const openWork = new Keeper<WorkItemView>({
  idOf: (w) => w.id,
  changedAt: (w) => w.version,
  page: (cursor) => list(perPage, cursor),
  first: async () => (await list(newest)).items ?? [],
  one: (id) => take(api.GET("/v1/work-items/{id}", { params: { path: { id } } })),
  holds: (w) => !isOver(w),
  hears: heardOf,
  pages,
  single: 12,
  restMs: 5000,
});

export function useOpenWork(): Kept<WorkItemView> {
  return useKept(openWork, useSession().can("read_work"));
}

/**
 * Puts an item that was answered wherever it is shown, so that nothing has to be
 * read for it, and gives it as it is shown. An answer to a move names nobody: who
 * the customer is stays known. Where something was heard of the item since it was
 * answered, what is shown stays, and is read.
 */
export function settle(queries: QueryClient, me: string, is: WorkItemView, seen: WorkItemView): WorkItemView {
  const item = { ...is, customer_name: is.customer_name ?? seen.customer_name, handle: is.handle ?? seen.handle };
  const { queryKey } = itemQuery(item.id);
  if (openWork.isOld(item) || (queries.getQueryData(queryKey)?.version ?? 0) > item.version) {
    for (const key of [queryKey, mineQuery.queryKey]) void queries.invalidateQueries({ queryKey: key, exact: true });
    return item;
  }
  queries.setQueryData(queryKey, item);
  openWork.put(item);
  queries.setQueryData(mineQuery.queryKey, (mine) => {
    if (!mine) return undefined;
    const rest = mine.filter((w) => w.id !== item.id);
    return !isOver(item) && item.state !== "reserved" && holderOf(item) === me ? [...rest, item] : rest;
  });
  return item;
}
