import { expect, test } from "vitest";
import { considered, endsOf, kindOf, silenceOf, silent, startOf, stepsOf } from "./logic";

const record = (version: number, more: object = {}) => ({
  customer_id: "c1",
  version,
  at: `2026-03-01T00:00:0${version}Z`,
  inputs: [],
  ...more,
});
const x = (more: object) => ({ id: "c1-k1", kind: "case", records: [], playbooks: [], effects: [], ...more }) as never;

test("steps have the time between them", () => {
  expect(stepsOf(x({ records: [record(1), record(3)] })).map((s) => s.sinceMs)).toEqual([undefined, 2000]);
});

test("what is open at first is the decision that made the thing, or the one that is asked for", () => {
  const records = [record(1), record(2, { entries: [{ ref: "c1-w1", kind: "work_item" }] }), record(3)];
  const e = x({ id: "c1-w1", kind: "work_item", records });
  expect(startOf(stepsOf(e), e)).toBe(1);
  expect(startOf(stepsOf(e), e, 3)).toBe(2);
  expect(startOf(stepsOf(e), e, 9)).toBe(1);
  const post = x({
    id: "sandbox/p1",
    kind: "post",
    records: [record(1), record(2, { inputs: [{ post: { id: "p1" } }] })],
  });
  expect(startOf(stepsOf(post), post)).toBe(1);
  const all = x({ id: "c1", kind: "customer", records });
  expect(startOf(stepsOf(all), all)).toBe(2);
});

test("an effect's end is what was heard of it last, else what the outbox says", () => {
  const ends = endsOf(
    x({
      effects: [
        { id: "e1", state: "dead", attempt: 4, last_error: "refused" },
        { id: "e2", state: "sending", attempt: 1 },
      ],
      records: [record(2, { inputs: [{ at: "t", outcome: { effect: "e2", state: "done", attempts: 2 } }] })],
    }),
  );
  expect(ends.get("e1")).toMatchObject({ state: "dead", attempts: 4, reason: "refused" });
  expect(ends.get("e2")).toMatchObject({ state: "done", attempts: 2, at: "t" });
});

test("rules that did not fire stand in file order with why", () => {
  const r = record(1, {
    rules: [
      { rule: "a", input: 0 },
      { rule: "b", input: 1 },
    ],
    skipped: [
      { input: 0, trigger: "post", false: ["z", "y"], once: ["x"] },
      { input: 1, trigger: "post", false: ["q"] },
    ],
  }) as never;
  const known = new Map([
    ["y", { name: "y", line: 3 }],
    ["x", { name: "x", line: 9 }],
  ]) as never;
  const { traces, skipped } = considered(r, 0, known);
  expect(traces.map((t) => t.rule)).toEqual(["a"]);
  expect(skipped.map((s) => [s.name, s.why])).toEqual([
    ["y", "false"],
    ["x", "once"],
    ["z", "false"],
  ]);
});

test("a silence has a reason", () => {
  const post = [{ kind: "post", post: { id: "p" } }];
  expect(silent(record(1, { inputs: post }) as never)).toBe(true);
  expect(silent(record(1, { inputs: post, entries: [{ kind: "reply" }] }) as never)).toBe(false);
  expect(silent(record(1) as never)).toBe(false);
  const nothing = { code: "nothing_asked", text: "nothing is asked: spam", params: { intent: "spam" } };
  const aside = { kind: "set_aside", text: "…", text_said: [{ code: "ended", text: "set_aside" }, nothing] };
  expect(silenceOf(record(1, { entries: [aside] }) as never)).toMatchObject({ reason: "aside", said: [nothing] });
  const handed = { kind: "case", code: "case.handed_over", what: "handed over", text: "no rule covers this" };
  expect(silenceOf(record(1, { entries: [handed] }) as never).reason).toBe("person");
  expect(silenceOf(record(1, { effects: [{ kind: "reply", suppressed: "stopped" }] }) as never).reason).toBe("held");
  expect(silenceOf(record(1, { entries: [{ kind: "lookup", what: "orders" }] }) as never)).toEqual({
    reason: "asks",
    text: "orders",
  });
});

test("an effect is called what it is", () => {
  const records = [record(1, { effects: [{ id: "c1-e1", kind: "reply" }] })];
  expect(kindOf(x({ id: "c1-e1", kind: "effect", records }))).toBe("reply");
  expect(kindOf(x({ id: "c1-e2", kind: "effect", records }))).toBe("effect");
  expect(kindOf(x({ kind: "case" }))).toBe("case");
});
