import type { AgentView, ConnectionView, StatusView } from "@/api/schema";

export const stepNames = [
  "account",
  "company",
  "playbook",
  "agents",
  "customers",
  "network",
  "available",
  "try",
  "call",
] as const;
export type StepName = (typeof stepNames)[number];

/** Without these no post is handled to its end; the others make it better. */
const needed: ReadonlySet<StepName> = new Set(["playbook", "agents", "available", "try", "call"]);

/** What the API says of the setup, as far as it was read. */
export interface Setup {
  account?: { has_totp: boolean };
  status?: Pick<StatusView, "company" | "playbook_version" | "orders" | "posts">;
  agents?: Pick<AgentView, "disabled" | "queues" | "activity" | "assigned" | "wrapping">[];
  /** Somebody has taken a work item, now or before. */
  taken?: boolean;
  connections?: Pick<ConnectionView, "kind" | "name" | "state">[];
}

export interface Step {
  name: StepName;
  /** Unknown while what it rests on was not read. */
  done?: boolean;
  needed: boolean;
}

/** A network that customers are on: the sandbox is for trying things out. */
export const isReal = (c: Pick<ConnectionView, "kind" | "name">) => c.kind === "network" && c.name !== "sandbox";

type Agent = NonNullable<Setup["agents"]>[number];

/** Work can be offered to them, once they say that they are available. */
export const takesCalls = (g: Pick<Agent, "disabled" | "queues">) => !g.disabled && !!g.queues?.length;

/** Work is offered to them, or they have some: who is offline gets none, whatever their queues. */
export const isAtWork = (g: Agent) => takesCalls(g) && (g.activity === "available" || g.assigned > 0 || g.wrapping > 0);

/** The steps in their order, each judged by what is there and not by what was clicked. */
export function stepsOf({ account, status, agents, connections, taken }: Setup): Step[] {
  const done: Record<StepName, boolean | undefined> = {
    account: account?.has_totp,
    company: status && !!status.company,
    playbook: status && status.playbook_version > 0,
    agents: agents?.some(takesCalls),
    available: agents?.some(isAtWork),
    customers: status && status.orders > 0,
    network: connections?.some((c) => isReal(c) && c.state !== "failing" && c.state !== "left_alone"),
    try: status && status.posts > 0,
    call: taken,
  };
  return stepNames.map((name) => ({ name, done: done[name], needed: needed.has(name) }));
}

/** The first that has to be done, else the first that is advised. */
export function nextStep(steps: Step[]): StepName | undefined {
  const open = steps.filter((s) => s.done === false);
  return (open.find((s) => s.needed) ?? open[0])?.name;
}

/** Nothing that has to be done is left. */
export function ready(steps: Step[]): boolean {
  return steps.every((s) => !s.needed || s.done === true);
}
