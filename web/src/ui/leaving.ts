import { useSyncExternalStore } from "react";
import type { Verb } from "./move";

/** Items that are about to be completed, canceled or passed on, by id, with what is about to be done: so long it can be called off. */
export type Leaving = ReadonlyMap<string, Verb>;

let leaving: Leaving = new Map();
const watchers = new Set<() => void>();

function become(next: Leaving): void {
  leaving = next;
  for (const run of watchers) run();
}

export function leave(id: string, verb: Verb): void {
  become(new Map(leaving).set(id, verb));
}

export function stay(id: string): void {
  const rest = new Map(leaving);
  rest.delete(id);
  become(rest);
}

const watch = (run: () => void) => {
  watchers.add(run);
  return () => watchers.delete(run);
};

export function useLeaving(): Leaving {
  return useSyncExternalStore(watch, () => leaving);
}
