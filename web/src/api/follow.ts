import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { Live, LiveEvent } from "./live";

/**
 * The keys of queries begin with the plural noun of the API's path and the id:
 * ["cases", id], ["customers", id, "history"], ["work-items", {state}] …
 * That is what makes the following table enough for every page.
 */
export function touched({ type, event }: LiveEvent): QueryKey[] {
  const keys: QueryKey[] = [];
  const customer = customerOf(event.caseid ?? event.workitemid);
  if (customer) keys.push(["customers", customer], ["customers-list"]);
  if (event.caseid) keys.push(["cases", event.caseid], ["cases-list"], ["explain"]);
  if (type.startsWith("advocate.workitem.") || type.startsWith("advocate.call.")) {
    keys.push(["work-items-list"], ["agents", "me"], ["queues"], ["live"]);
    if (event.workitemid) keys.push(["work-items", event.workitemid]);
  }
  if (type.startsWith("advocate.agent.")) keys.push(["agents"], ["queues"], ["live"]);
  if (type.startsWith("advocate.promise.")) keys.push(["promises"], ["live"]);
  if (type.startsWith("advocate.post.")) keys.push(["live"]);
  if (type.startsWith("advocate.reply.")) keys.push(["effects"], ["dead-letters"]);
  if (type === "advocate.case.looking" && event.caseid) return [["cases", event.caseid, "looking"]];
  return keys;
}

/** A customer's id is what the ids of their cases and work items begin with. */
export function customerOf(id: string | undefined): string {
  const cut = id?.lastIndexOf("-") ?? -1;
  return id && cut > 0 ? id.slice(0, cut) : "";
}

/** Under a flood a page reads anew this often, and not with every event. */
const gatherMs = 300;

/** Has what is shown read anew when an event says that it changed. */
export function follow(live: Live, queries: QueryClient): () => void {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const keys = [...waiting.values()];
    waiting.clear();
    for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
  };
  const stopListening = live.listen((e) => {
    for (const key of touched(e)) waiting.set(JSON.stringify(key), key);
    if (waiting.size > 0) timer ??= setTimeout(flush, gatherMs);
  });
  const stopResets = live.onReset(() => void queries.invalidateQueries());
  return () => {
    clearTimeout(timer);
    stopListening();
    stopResets();
  };
}
