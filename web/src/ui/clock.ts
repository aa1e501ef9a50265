import { useSyncExternalStore } from "react";

/** One ticker for all times on the page, once a second while somebody looks. */
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function tick(): void {
  now = Date.now();
  for (const run of watchers) run();
}

function watch(run: () => void): () => void {
  watchers.add(run);
  if (!timer) {
    now = Date.now();
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

/** The time, in steps of so many milliseconds: a component renders once a step. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(watch, () => Math.floor((timer ? now : Date.now()) / stepMs) * stepMs);
}
