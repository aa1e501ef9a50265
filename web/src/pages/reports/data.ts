import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { queuesQuery } from "@/api/queries/queue";
import type { ReportRow, ReportView } from "@/api/schema";
import { useSession } from "@/api/session";

export type Dimension = "hour" | "day" | "queue" | "network" | "intent";

export interface Filters {
  queue: string | null;
  network: string | null;
  intent: string | null;
}

interface Span {
  from: Date;
  to: Date;
}

/** Whose days they are. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const query = (span: Span, by: Dimension | "none", filters: Filters) => ({
  from: span.from.toISOString(),
  to: span.to.toISOString(),
  tz: zone,
  by,
  queue: filters.queue ?? undefined,
  network: filters.network ?? undefined,
  intent: filters.intent ?? undefined,
});

export function useReport(span: Span, by: Dimension | "none", filters: Filters, enabled = true) {
  const asked = query(span, by, filters);
  return useQuery({
    queryKey: ["reports", asked],
    queryFn: async (): Promise<ReportRow[]> =>
      ((await take(api.GET("/v1/reports", { params: { query: asked } }))) as ReportView).rows ?? [],
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** What there is to choose from, of a period. */
export function useChoices(span: Span) {
  const none: Filters = { queue: null, network: null, intent: null };
  const session = useSession();
  const queues = useQuery({ ...queuesQuery, enabled: session.can("read_work") });
  const network = useReport(span, "network", none);
  const intent = useReport(span, "intent", none);
  const keys = (rows: ReportRow[] | undefined) => (rows ?? []).map((r) => r.key).filter(Boolean);
  return {
    queue: (queues.data ?? []).map((q) => q.queue),
    network: keys(network.data),
    intent: keys(intent.data),
  };
}

/** A report as a file; the address bar never sees what was asked. */
export async function download(span: Span, by: Dimension, filters: Filters, name: string): Promise<void> {
  const text = await take(
    api.GET("/v1/reports", { params: { query: { ...query(span, by, filters), format: "csv" } }, parseAs: "text" }),
  );
  const url = URL.createObjectURL(new Blob([text as string], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
