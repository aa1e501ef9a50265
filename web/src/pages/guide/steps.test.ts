import { expect, test } from "vitest";
import type { AgentView } from "@/api/schema";
import { nextStep, ready, type Setup, stepsOf } from "./steps";

const status = { company: undefined, playbook_version: 1, orders: 0, posts: 0 };
const fresh: Setup = {
  account: { has_totp: false },
  status,
  agents: [],
  connections: [{ kind: "network", name: "sandbox", state: "unused" }],
  taken: false,
};

const agent = { queues: ["care"], activity: "offline" as const, assigned: 0, wrapping: 0 };

test("an empty server asks for somebody who takes calls, then for them to come, for a post, and for its call", () => {
  expect(nextStep(stepsOf(fresh))).toBe("agents");
  expect(nextStep(stepsOf({ ...fresh, agents: [agent] }))).toBe("available");
  const agents = [{ ...agent, activity: "available" as const }];
  expect(nextStep(stepsOf({ ...fresh, agents }))).toBe("try");
  const posted = { ...fresh, agents, status: { ...status, posts: 1 } };
  expect(nextStep(stepsOf(posted))).toBe("call");
  expect(ready(stepsOf(posted))).toBe(false);
  const all = stepsOf({ ...posted, taken: true });
  expect(ready(all)).toBe(true);
  expect(nextStep(all)).toBe("account");
});

test("an agent without a queue, or one who gets no work, is nobody who takes calls", () => {
  for (const agents of [[{ ...agent, queues: [] }], [{ ...agent, disabled: true }]])
    expect(stepsOf({ ...fresh, agents }).find((s) => s.name === "agents")?.done).toBe(false);
});

test("somebody is at work who waits for it or has it, and nobody else", () => {
  const at = (g: Partial<AgentView>) =>
    stepsOf({ ...fresh, agents: [{ ...agent, ...g }] }).find((s) => s.name === "available")?.done;
  expect(at({})).toBe(false);
  expect(at({ activity: "break" })).toBe(false);
  expect(at({ activity: "available", queues: [] })).toBe(false);
  expect(at({ activity: "busy", assigned: 1 })).toBe(true);
  expect(at({ wrapping: 1 })).toBe(true);
});

test("the sandbox alone is no network that customers are on", () => {
  const network = (connections: Setup["connections"]) =>
    stepsOf({ ...fresh, connections }).find((s) => s.name === "network")?.done;
  expect(network(fresh.connections)).toBe(false);
  expect(network([{ kind: "network", name: "fosstodon", state: "ok" }])).toBe(true);
});

test("what was not read is not judged", () => {
  expect(nextStep(stepsOf({}))).toBeUndefined();
  expect(ready(stepsOf({}))).toBe(false);
});
