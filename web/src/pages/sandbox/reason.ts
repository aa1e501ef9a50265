import type { Part } from "@/api/schema";
import { saidIn } from "@/i18n/said";

/**
 * Why an order is late or has ended: in the viewer's language where it is one of the sample company's
 * reasons, which the server names; what another company says stays as it is.
 */
export function reasonOf(reason: string | undefined, samples: readonly Part[] | null | undefined): string {
  const known = samples?.find((p) => p.text === reason);
  return known ? saidIn([known]) : (reason ?? "");
}
