import type { CaseView } from "@/api/schema";
import { said, says } from "@/i18n/said";

/** What became of a post, in the order in which it happens. */
export type Step =
  | { kind: "reading" | "proof" | "proofFailed" | "answered" | "answerWaits" | "staff" | "waits" | "reopened" }
  | { kind: "notSent"; how: NonNullable<CaseView["reply_not_sent"]> }
  | { kind: "looked"; what: string; found: boolean }
  | { kind: "promised"; what: string }
  | { kind: "work"; what: string; state: string }
  | { kind: "owner"; who: string }
  | { kind: "aside"; why: string }
  | { kind: "resolved"; how: string };

/** Steps that ask for somebody. */
export function needsSomebody(step: Step): boolean {
  return step.kind === "waits" || step.kind === "proofFailed";
}

/** When a customer last wrote in a case. */
export function lastPost(c: CaseView): string {
  return (c.posts ?? []).findLast((p) => p.from === "customer")?.at ?? c.opened_at;
}

/** The newest posts first. */
export function byLastPost(a: CaseView, b: CaseView): number {
  return lastPost(b).localeCompare(lastPost(a)) || a.id.localeCompare(b.id);
}

export function became(c: CaseView): Step[] {
  const steps: Step[] = [];
  if (c.reopened && c.state !== "resolved") steps.push({ kind: "reopened" });
  for (const f of c.known ?? []) steps.push({ kind: "looked", what: f.name, found: f.found });
  // A question that has not left was not asked.
  const unasked = (c.reply_waits || c.reply_not_sent) && (c.replies ?? 0) <= 1;
  if (c.verify && (c.verify.failed || !unasked)) steps.push({ kind: c.verify.failed ? "proofFailed" : "proof" });
  const asideWhy = c.state === "resolved" && c.outcome === "set_aside";
  if (c.answered && (unasked || !c.verify || (c.replies ?? 0) > 1)) {
    const last = (c.posts ?? []).findLast((p) => p.from !== "customer");
    if (c.reply_waits) steps.push({ kind: "answerWaits" });
    else if (c.reply_not_sent) steps.push({ kind: "notSent", how: c.reply_not_sent });
    else steps.push({ kind: last?.from === "staff" ? "staff" : "answered" });
  }
  const open = (c.work_items ?? []).findLast((w) => w.state !== "completed" && w.state !== "canceled");
  if (open) steps.push({ kind: "work", what: open.kind, state: open.state });
  else {
    const promise = (c.promises ?? []).find((p) => p.state === "open");
    if (promise) steps.push({ kind: "promised", what: promise.what });
  }
  if (c.owner && c.state !== "resolved") steps.push({ kind: "owner", who: c.owner });
  else if (c.handed_over && !open && c.state !== "resolved") steps.push({ kind: "waits" });
  if (asideWhy) steps.push({ kind: "aside", why: asideReason(c) });
  else if (c.state === "resolved") steps.push({ kind: "resolved", how: c.outcome ?? "" });
  return steps.length > 0 ? steps : [{ kind: "reading" }];
}

/** What asks for nothing is set aside for what it is; all else has a reason in words. */
function asideReason(c: CaseView): string {
  const plain = !c.reason || ["nothing_asked", "by_rule"].some((code) => says(code, c.reason_said));
  return plain ? c.intent : said(c.reason ?? "", c.reason_said);
}
