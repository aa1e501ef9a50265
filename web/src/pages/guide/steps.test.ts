import { expect, test } from "vitest";
import { nextStep, ready, type Setup, stepsOf } from "./steps";

const status = { company: undefined, playbook_version: 1, orders: 0, posts: 0 };
const fresh: Setup = {
  account: { has_totp: false },
  status,
  agents: [],
  connections: [{ kind: "network", state: "unused" }],
};

test("an empty server asks for somebody who takes calls, then for a post", () => {
  expect(nextStep(stepsOf(fresh))).toBe("agents");
  const agents = [{ queues: ["care"] }];
  expect(nextStep(stepsOf({ ...fresh, agents }))).toBe("try");
  const all = stepsOf({ ...fresh, agents, status: { ...status, posts: 1 } });
  expect(ready(all)).toBe(true);
  expect(nextStep(all)).toBe("account");
});

test("an agent without a queue, or one who gets no work, is nobody who takes calls", () => {
  for (const agents of [[{ queues: [] }], [{ queues: ["care"], disabled: true }]])
    expect(stepsOf({ ...fresh, agents }).find((s) => s.name === "agents")?.done).toBe(false);
});

test("what was not read is not judged", () => {
  expect(nextStep(stepsOf({}))).toBeUndefined();
  expect(ready(stepsOf({}))).toBe(false);
});
