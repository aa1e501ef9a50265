import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { Live, LiveEvent } from "./live";
import { meQuery, mineQuery, offersQuery } from "./queries/agent";
import { sessionQuery } from "./session";

/**
 * The keys of queries begin with the plural noun of the API's path and the id:
 * ["cases", id], ["customers", id, "history"], ["work-items", id, "points"] …
 * That is what makes the following table enough for every page; a test holds
 * it against the queries that there are.
 */
export function touched({ type, event }: LiveEvent): QueryKey[] {
  if (type === "advocate.case.looking") return event.caseid ? [["cases", event.caseid, "looking"]] : [];
  const keys: QueryKey[] = [];
  const customer = customerOf(event.caseid ?? event.workitemid);
  if (customer) keys.push(["customers", customer], ["customers-list"]);
  if (event.caseid) keys.push(["cases", event.caseid], ["cases-list"], ["explain"]);
  if (type.startsWith("advocate.workitem.") || type.startsWith("advocate.call.")) {
    keys.push(["queues", "standing"], ["live"]);
    if (event.workitemid) keys.push(["work-items", event.workitemid]);
  }
  if (type.startsWith("advocate.agent.")) keys.push(["agents"], ["queues", "standing"], ["live"]);
  if (type.startsWith("advocate.promise.") || type.startsWith("advocate.post.")) keys.push(["live"]);
  if (type.startsWith("advocate.reply.")) keys.push(["effects"], ["status"], ["dead-letters"]);
  return keys;
}

/**
 * Whether an event is about the work of whoever is signed in: each look at it
 * is in the audit log, so that others' work is no reason for one. Where an event
 * names nobody it may be.
 */
export function mine({ type, event }: LiveEvent, me: string, held: Set<string>): boolean {
  if (!type.startsWith("advocate.workitem.")) return false;
  const { agent, to_agent } = event.data ?? {};
  return agent === me || to_agent === me || !agent || held.has(event.workitemid ?? "");
}

/** The work items that are on the desk of whoever is signed in, as far as they were read. */
function heldNow(queries: QueryClient): Set<string> {
  const offers = queries.getQueryData(offersQuery.queryKey) ?? [];
  const items = queries.getQueryData(mineQuery.queryKey) ?? [];
  return new Set([...offers.map((o) => o.work_item.id), ...items.map((w) => w.id)]);
}

/** A customer's id is what the ids of their cases and work items begin with. */
export function customerOf(id: string | undefined): string {
  const cut = id?.lastIndexOf("-") ?? -1;
  return id && cut > 0 ? id.slice(0, cut) : "";
}

/** Under a flood a page reads anew this often, and not with every event. */
const gatherMs = 300;

/** All queries of agents but those of whoever is signed in. */
const otherAgents: QueryKey = ["agents", "others"];

/** Has what is shown read anew when an event says that it changed. */
export function follow(live: Live, queries: QueryClient, me: string): () => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const keys = [...waiting.values()];
    waiting.clear();
    for (const queryKey of keys) {
      if (queryKey !== otherAgents) void queries.invalidateQueries({ queryKey });
      else void queries.invalidateQueries({ queryKey: ["agents"], predicate: (q) => q.queryKey[1] !== "me" });
    }
  };
  const stopListening = live.listen((e) => {
    let keys = touched(e);
    if (e.type.startsWith("advocate.agent.") && e.event.data?.agent === me) keys.push(sessionQuery.queryKey);
    else if (e.type.startsWith("advocate.agent.")) keys = keys.map((k) => (k[0] === "agents" ? otherAgents : k));
    if (mine(e, me, heldNow(queries))) keys.push(meQuery.queryKey);
    for (const key of keys) waiting.set(JSON.stringify(key), key);
    if (waiting.size > 0) timer ??= setTimeout(flush, gatherMs);
  });
  const stopResets = live.onReset(() => void queries.invalidateQueries());
  return () => {
    clearTimeout(timer);
    stopListening();
    stopResets();
  };
}
