import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { DemoCustomer, SandboxInfo, SandboxPost } from "@/api/schema";
import { type Permission, sessionQuery } from "@/api/session";

/** What all columns share. */
export interface Network {
  info: SandboxInfo;
  posts: ReadonlyMap<string, SandboxPost>;
  read: boolean;
  put: (post: SandboxPost) => void;
}

export const NetworkContext = createContext<Network | null>(null);

export function useNetwork(): Network {
  const network = useContext(NetworkContext);
  if (!network) throw new Error("useNetwork outside of the sandbox page");
  return network;
}

/** Who a handle is to the company: what the demo says of it, or nobody. */
export function personOf(info: SandboxInfo, handle: string): DemoCustomer {
  return info.customers?.find((c) => c.handle === handle) ?? { handle, name: `@${handle}` };
}

/** The page is open to who is not signed in, and they may nothing. */
export function useMay(): (need: Permission) => boolean {
  const { data } = useQuery({ ...sessionQuery, enabled: false });
  return (need) => data?.can(need) ?? false;
}
