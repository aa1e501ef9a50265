import { useSyncExternalStore } from "react";
import { now as atServer } from "@/api/clock";

/** One ticker for all times on the page, once a second while somebody looks. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = atServer();

function tick(): void {
  now = atServer();
  for (const run of watchers) run();
}

function watch(run: () => void): () => void {
  watchers.add(run);
  if (!timer) {
    now = atServer();
    timer = setInterval(tick, 1000);
  }
  return () => {
    watchers.delete(run);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time at the server, in steps of so many milliseconds: a component renders once a step. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(watch, () => Math.floor((timer ? now : atServer()) / stepMs) * stepMs);
}
