import { createContext, useContext, useSyncExternalStore } from "react";
import type { Live, LiveState } from "./live";

export const LiveContext = createContext<Live | null>(null);

/** The stream of what changes; null where nobody is signed in. */
export function useLive(): Live | null {
  return useContext(LiveContext);
}

export function useLiveState(): LiveState {
  const live = useLive();
  return useSyncExternalStore(live?.watch ?? (() => () => {}), () => live?.state ?? "ended");
}
