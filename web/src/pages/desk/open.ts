import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, take } from "@/api/client";
import type { LiveEvent } from "@/api/live";
import type { WorkItemView } from "@/api/schema";
import { useLive } from "@/app/context";
import { apply, type Open } from "./waiting";

const page = 500;
/** So many are new at once at most before everything is read again. */
const newest = 50;
/** More is not held in a browser: what waits behind it comes up as the rest is worked on. */
const most = 20_000;
const gatherMs = 400;
/** Where there are many pages they are read at most this often. */
const manyMs = 5000;

const key = ["desk", "open"] as const;

const openQuery = queryOptions<Open>({
  queryKey: key,
  queryFn: ({ client, signal }) => readAll(client, signal),
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnMount: "always",
});

/** What came in while pages were being read, to be applied to what was read. */
let meanwhile: LiveEvent[] | undefined;

async function readAll(queries: QueryClient, signal: AbortSignal): Promise<Open> {
  const known = queries.getQueryData(openQuery.queryKey);
  const open = new Map<string, WorkItemView>();
  const events: LiveEvent[] = [];
  meanwhile = events;
  let cursor: string | undefined;
  do {
    const { items, next } = await take(
      api.GET("/v1/work-items", { params: { query: { open: true, limit: page, cursor } }, signal }),
    );
    for (const w of items ?? []) open.set(w.id, w);
    cursor = next || undefined;
    // The first page is shown while the others are on their way; later everything is there already.
    if (!known && cursor) queries.setQueryData(openQuery.queryKey, new Map(open));
  } while (cursor && open.size < most);
  if (meanwhile === events) meanwhile = undefined;
  return events.reduce<Open>((now, e) => {
    const change = apply(now, e);
    return "open" in change ? change.open : now;
  }, open);
}

async function readNewest(queries: QueryClient): Promise<void> {
  const { items } = await take(api.GET("/v1/work-items", { params: { query: { open: true, limit: newest } } }));
  queries.setQueryData(openQuery.queryKey, (was) => {
    const open = new Map(was);
    for (const w of items ?? []) open.set(w.id, w);
    return open;
  });
}

/** All open work in one's queues, kept up to date by the stream. */
export function useOpenWork() {
  const queries = useQueryClient();
  const live = useLive();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let all = false;
    let lastAll = 0;
    const read = () => {
      timer = undefined;
      const everything = all;
      all = false;
      if (everything) lastAll = Date.now();
      // What could not be read now is read with the next event, or when the line is back.
      void (everything ? queries.invalidateQueries({ queryKey: key }) : readNewest(queries).catch(() => {}));
    };
    const plan = (everything: boolean) => {
      const many = (queries.getQueryData(openQuery.queryKey)?.size ?? 0) > page;
      if (everything && !all) {
        all = true;
        clearTimeout(timer);
        timer = undefined;
      }
      timer ??= setTimeout(read, all && many ? Math.max(gatherMs, lastAll + manyMs - Date.now()) : gatherMs);
    };
    const stop = live?.listen((e) => {
      meanwhile?.push(e);
      const open = queries.getQueryData(openQuery.queryKey);
      if (!open) return;
      const change = apply(open, e);
      if ("open" in change) queries.setQueryData(openQuery.queryKey, change.open);
      else if (change.read !== "nothing") plan(change.read === "all");
    });
    return () => {
      stop?.();
      clearTimeout(timer);
    };
  }, [live, queries]);
  return useQuery(openQuery);
}
