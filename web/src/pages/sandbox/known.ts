import { useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { useMay, useNetwork } from "./context";
import { knownZone } from "./thread";

const insideMs = 2500;
const searchMs = 2000;

/** What the advocate of a handle knows and did; only in the demo, on its own machine. */
export function useInside(handle: string, watched = false) {
  const { info } = useNetwork();
  return useQuery({
    queryKey: ["sandbox", "inside", handle],
    queryFn: () => take(api.GET("/v1/sandbox/inside", { params: { query: { as: handle } } })),
    enabled: info.inside,
    refetchInterval: watched ? insideMs : false,
  });
}

/** The customer behind a handle, as far as one may know: an id for links, and a zone for times. */
export function useCustomer(handle: string, wrote: boolean): { id?: string; timeZone?: string } {
  const { info } = useNetwork();
  const may = useMay()("read_customers");
  const inside = useInside(handle).data?.customer;
  const found = useQuery({
    queryKey: ["sandbox", "customer", handle],
    queryFn: async () => {
      const { items } = await take(api.GET("/v1/customers", { params: { query: { q: `sandbox/${handle}` } } }));
      const id = items?.[0]?.id;
      return id ? await take(api.GET("/v1/customers/{id}", { params: { path: { id } } })) : null;
    },
    enabled: may && wrote && !info.inside,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data === null ? searchMs : false),
  });
  const customer = inside ?? found.data ?? undefined;
  return { id: customer?.id, timeZone: knownZone(customer?.time_zone) };
}
