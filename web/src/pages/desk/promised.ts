import type { CaseView, WorkItemView } from "@/api/schema";
import { saidIn } from "@/i18n/said";
import { holderOf } from "@/ui/workitem";

type Promised = NonNullable<CaseView["promises"]>[number];

/** What was promised, and by when: in the viewer's time, and behind it in the customer's. */
export const promiseBy = ({ what, due }: Pick<Promised, "what" | "due">, theirs: string | undefined): string =>
  saidIn([{ code: "promised_by", params: { promise: what, due }, text: what }], { theirs });

/** What is still to be kept. */
export const openPromises = (c: CaseView | undefined): Promised[] =>
  (c?.promises ?? []).filter((p) => p.state === "open");

/**
 * Who has the case once a work item of it is canceled; undefined is its advocate. Who took the case
 * itself keeps it, and so does who has other work on it in hand.
 */
export function ownerWithout(c: CaseView, w: WorkItemView): string | undefined {
  if (!c.owner || c.owner !== holderOf(w) || c.apart) return c.owner;
  const held = c.work_items?.some(
    (x) => x.id !== w.id && x.kind !== "expert" && (x.state === "assigned" || x.state === "wrapping"),
  );
  return held ? c.owner : undefined;
}
