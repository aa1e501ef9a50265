import type { ExplanationView, InputView, Part, RecordView, TraceView as RuleTrace, UsedRule } from "@/api/schema";

/** One decision of an explanation, with the time since the one before. */
export interface Step {
  key: string;
  record: RecordView;
  sinceMs?: number;
}

export function stepsOf(x: ExplanationView): Step[] {
  let before: number | undefined;
  return (x.records ?? []).map((record) => {
    const at = Date.parse(record.at);
    const sinceMs = before === undefined ? undefined : at - before;
    before = at;
    // After a merge two decisions may have one number.
    return { key: `${record.customer_id}-${record.version}`, record, sinceMs };
  });
}

/** A post's own id, without the network that it may be named with. */
const bare = (id: string) => id.slice(id.indexOf("/") + 1);

/** Whether a decision is the one that made what is asked about. */
export function made(record: RecordView, x: Pick<ExplanationView, "id" | "kind">): boolean {
  if (x.kind === "post") return (record.inputs ?? []).some((i) => i.post?.id === bare(x.id));
  return (record.entries ?? []).some((e) => e.ref === x.id) || (record.effects ?? []).some((e) => e.id === x.id);
}

/** What is asked about, as far as the decisions tell: of an effect, of what kind. */
export function kindOf(x: ExplanationView): string {
  if (x.kind !== "effect") return x.kind;
  for (const record of x.records ?? []) {
    const kind =
      record.effects?.find((e) => e.id === x.id)?.kind ??
      record.inputs?.find((i) => i.outcome?.effect === x.id)?.outcome?.kind;
    if (kind) return kind;
  }
  return x.kind;
}

/** The step to open: the one that is asked for, else the one that made the thing, else the first or the last. */
export function startOf(steps: Step[], x: ExplanationView, version?: number): number {
  const asked = steps.flatMap((s, i) => (s.record.version === version ? [i] : []));
  const ours = steps.findIndex((s) => made(s.record, x));
  if (asked.length > 0) return asked.includes(ours) ? ours : asked[0]!;
  if (ours >= 0) return ours;
  return x.kind === "customer" ? steps.length - 1 : 0;
}

/** Where an effect stands: how it ended, or why it has not. */
export interface EffectEnd {
  state: string;
  attempts?: number;
  reason?: string;
  said?: Part[] | null;
  at?: string;
  /** Tried again, or given up, by then. */
  next?: string;
}

/** What became of each effect: what the later decisions heard, and what the outbox says of the rest. */
export function endsOf(x: ExplanationView): Map<string, EffectEnd> {
  const ends = new Map<string, EffectEnd>();
  for (const e of x.effects ?? []) {
    ends.set(e.id, {
      state: e.state,
      attempts: e.attempt,
      reason: e.last_error,
      said: e.last_error_said,
      at: e.updated_at,
      next: e.not_before,
    });
  }
  for (const record of x.records ?? []) {
    for (const input of record.inputs ?? []) {
      const o = input.outcome;
      if (o)
        ends.set(o.effect, {
          state: o.state,
          attempts: o.attempts,
          reason: o.reason,
          said: o.reason_said,
          at: input.at,
        });
      const a = input.answer;
      if (a?.effect) ends.set(a.effect, { state: a.error ? "failed" : "answered", reason: a.error, at: input.at });
    }
  }
  return ends;
}

/** A rule that was looked at for an input and did nothing. */
export interface Skipped {
  name: string;
  why: "false" | "once";
  trigger: string;
  rule?: UsedRule;
}

/** What one input considered: the rules that fired or broke, and those that did not, in file order. */
export function considered(record: RecordView, input: number, known: Map<string, UsedRule>) {
  const traces = (record.rules ?? []).filter((r) => r.input === input);
  const skipped: Skipped[] = [];
  for (const s of record.skipped ?? []) {
    if (s.input !== input) continue;
    const add = (names: string[] | null | undefined, why: Skipped["why"]) => {
      for (const name of names ?? []) skipped.push({ name, why, trigger: s.trigger, rule: known.get(name) });
    };
    add(s.false, "false");
    add(s.once, "once");
  }
  const line = (s: Skipped) => s.rule?.line ?? Number.MAX_SAFE_INTEGER;
  skipped.sort((a, b) => line(a) - line(b));
  return { traces, skipped };
}

/** The rules of the version that decided, by name. */
export function rulesOf(x: ExplanationView, hash: string): Map<string, UsedRule> {
  const p = (x.playbooks ?? []).find((v) => v.hash === hash);
  return new Map((p?.rules ?? []).map((r) => [r.name, r]));
}

/** Whether anything of a decision reached, or was to reach, the customer. */
export function silent(record: RecordView): boolean {
  const spoke = (record.entries ?? []).some((e) => e.kind === "reply" || e.kind === "staff");
  return !spoke && (record.inputs ?? []).some((i) => i.post && i.kind === "post" && !i.post.deleted);
}

/** Why nothing was said, as the record tells it: in the order of weight. */
export function silenceOf(record: RecordView): {
  reason: "aside" | "held" | "person" | "asks" | "none";
  text?: string;
  said?: Part[];
} {
  const entries = record.entries ?? [];
  const aside = entries.find((e) => e.kind === "set_aside");
  if (aside) {
    // How the case ended by it is what "set aside" says already.
    const [first, ...why] = aside.text_said ?? [];
    if (first?.code !== "ended") return { reason: "aside", text: aside.text, said: aside.text_said ?? [] };
    return why.length > 0 ? { reason: "aside", text: aside.text, said: why } : { reason: "aside" };
  }
  const held = (record.effects ?? []).find((e) => e.kind === "reply" && e.suppressed);
  if (held) return { reason: "held", text: held.suppressed, said: held.suppressed_said ?? [] };
  const handed = entries.find((e) => e.code === "case.handed_over" || e.code === "case.taken");
  if (handed) return { reason: "person", text: handed.text, said: handed.text_said ?? [] };
  if (entries.some((e) => e.kind === "lookup")) {
    return {
      reason: "asks",
      text: [...new Set(entries.filter((e) => e.kind === "lookup").map((e) => e.what))].join(", "),
    };
  }
  return { reason: "none" };
}

export type { ExplanationView, InputView, RecordView, RuleTrace, UsedRule };
