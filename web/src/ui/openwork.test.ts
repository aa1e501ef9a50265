import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Change } from "@/api/keeper";
import type { Live, LiveEvent } from "@/api/live";
import { mineQuery } from "@/api/queries/agent";
import { itemQuery } from "@/api/queries/workitem";
import { workItem as item } from "@/api/sample";
import type { WorkItemView } from "@/api/schema";
import { rowsOf } from "@/pages/desk/waiting";
import { byUrgency, everything, passes } from "@/pages/live/order";
import { heardOf, type Open, openWork, settle } from "./openwork";
import { holderOf } from "./workitem";

const server = vi.hoisted(() => ({ get: (_path: string, _init: never): Promise<unknown> => Promise.resolve() }));
vi.mock("@/api/client", () => ({
  api: { GET: (path: string, init: never) => server.get(path, init) },
  take: (answer: unknown) => answer,
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const of = (...items: WorkItemView[]): Open => new Map(items.map((w) => [w.id, w]));
const event = (what: string, workitemid: string, data: Record<string, unknown> = {}, time?: string): LiveEvent => ({
  id: "1",
  type: `advocate.workitem.${what}`,
  event: { workitemid, data, ...(time && { time }) },
});
const change = (open: Open, e: LiveEvent): Change<WorkItemView> | undefined => heardOf(e)?.judge(open);

test("an event that says it all needs no reading", () => {
  const open = of(item("a"), item("b"));
  const done = change(open, event("completed", "a"));
  expect(done && "items" in done && [...done.items.keys()]).toEqual(["b"]);
  const taken = change(open, event("assigned", "b", { agent: "rosa" }));
  expect(taken && "items" in taken && taken.items.get("b")).toMatchObject({ state: "assigned", agent: "rosa" });
  const back = change(open, event("pending", "b", { why: "timeout", agent: "rosa" }));
  expect(back && "items" in back && back.items.get("b")?.state).toBe("pending");
  const offered = change(open, event("reserved", "b", { agent: "rosa", reservation_id: "b-r1" }));
  expect(offered && "items" in offered && offered.items.get("b")?.reservation).toMatchObject({
    id: "b-r1",
    agent: "rosa",
  });
});

test("what an event does not say is read", () => {
  const open = of(item("a"));
  expect(change(open, event("created", "x"))).toEqual({ read: "first" });
  expect(change(open, event("pending", "a", { why: "snoozed" }))).toEqual({ read: "one" });
  expect(change(open, event("assigned", "x", { agent: "rosa" }))).toEqual({ read: "one" });
  expect(change(open, event("changed", "a", { why: "raised" }))).toEqual({ read: "one" });
  expect(change(open, event("completed", "x"))).toEqual({ read: "nothing" });
  expect(change(open, event("overdue", "a"))).toEqual({ read: "nothing" });
  expect(heardOf({ id: "1", type: "advocate.post.received", event: {} })).toBeUndefined();
});

test("what was answered is known, and its own event says nothing new", () => {
  const open = of(item("a", { queue: "urgent", version: 2, updated_at: "2026-03-02T10:05:00Z" }));
  const told = (time: string) => event("pending", "a", { why: "transferred" }, time);
  expect(change(open, told("2026-03-02T10:05:00Z"))).toEqual({ read: "nothing" });
  expect(change(open, told("2026-03-02T10:05:01Z"))).toEqual({ read: "one" });
});

test("an answer is shown wherever the item is, with the name that was known", async () => {
  const was = item("s1", { customer_name: "Maria" });
  server.get = async () => ({ items: [was] });
  const release = openWork.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  const queries = new QueryClient();
  queries.setQueryData(mineQuery.queryKey, []);
  settle(queries, "rosa", item("s1", { state: "assigned", agent: "rosa", version: 2 }), was);
  const seen = [
    openWork.now().items.get("s1"),
    queries.getQueryData(itemQuery("s1").queryKey),
    queries.getQueryData(mineQuery.queryKey)?.[0],
  ];
  for (const w of seen) expect(w).toMatchObject({ agent: "rosa", customer_name: "Maria" });
  settle(queries, "rosa", item("s1", { state: "completed", agent: "rosa", version: 3 }), was);
  expect(openWork.now().items.size).toBe(0);
  expect(queries.getQueryData(mineQuery.queryKey)).toEqual([]);
  release();
});

test("a customer keeps their name when a move is taken back", () => {
  const was = item("s2", { customer_name: "Maria Lopez", handle: "maria" });
  const queries = new QueryClient();
  const taken = settle(queries, "rosa", item("s2", { state: "assigned", agent: "rosa", version: 2 }), was);
  settle(queries, "rosa", item("s2", { version: 3 }), taken);
  expect(queries.getQueryData(itemQuery("s2").queryKey)).toMatchObject({
    version: 3,
    customer_name: "Maria Lopez",
    handle: "maria",
  });
});

test("an answer from before what was heard brings nothing back", async () => {
  const was = [item("o1", { version: 4 }), item("o2", { version: 4 })];
  server.get = async () => ({ items: was });
  let tell: (e: LiveEvent) => void = () => {};
  const listen = (run: typeof tell) => {
    tell = run;
    return () => {};
  };
  const live = { listen, onReset: () => () => {} } as unknown as Live;
  const release = openWork.hold(live);
  await vi.advanceTimersByTimeAsync(10);
  const queries = new QueryClient();
  queries.setQueryData(mineQuery.queryKey, []);
  tell(event("assigned", "o1", { agent: "rosa", version: 5 }));
  tell(event("canceled", "o1", { version: 6 }));
  settle(queries, "rosa", item("o1", { state: "assigned", agent: "rosa", version: 5 }), was[0] as WorkItemView);
  expect(openWork.now().items.has("o1")).toBe(false);
  tell(event("assigned", "o2", { agent: "bob", version: 6 }));
  settle(queries, "rosa", item("o2", { version: 5 }), was[1] as WorkItemView);
  expect(openWork.now().items.get("o2")).toMatchObject({ state: "assigned", agent: "bob" });
  expect(queries.getQueryData(mineQuery.queryKey)).toEqual([]);
  release();
});

test("what ended by an answer stays away when an older one comes after it", async () => {
  server.get = async () => ({ items: [item("e1")] });
  const release = openWork.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  openWork.put(item("e1", { state: "completed", version: 6 }));
  openWork.put(item("e1", { state: "assigned", agent: "rosa", version: 5 }));
  expect(openWork.now().items.has("e1")).toBe(false);
  release();
});

/** Numbers that are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let n = seed;
  return (sides) => {
    n = (n * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((n / 2_147_483_648) * sides);
  };
}

/** A server whose answers and events take their time, each on its own way. */
class Busy {
  readonly items = new Map<string, WorkItemView>();
  readonly live: Live;
  private readonly roll: (sides: number) => number;
  private listener: ((e: LiveEvent) => void) | undefined;
  private told: Promise<unknown> = Promise.resolve();
  private readonly seed: number;
  private n = 0;

  constructor(seed: number) {
    this.seed = seed;
    this.roll = dice(seed);
    this.live = {
      listen: (run: (e: LiveEvent) => void) => {
        this.listener = run;
        return () => {};
      },
      onReset: () => () => {},
    } as unknown as Live;
    server.get = async (path, init) => {
      const { params } = init as { params: { path?: { id: string }; query?: { limit: number; cursor?: string } } };
      const answer = path.endsWith("{id}")
        ? this.items.get(params.path?.id ?? "")
        : this.page(params.query ?? { limit: 1 });
      await this.time(700);
      return answer;
    };
  }

  /** Something happens to one of the items, or there is a new one. */
  step(): void {
    const open = [...this.items.values()].filter((w) => w.state !== "completed" && w.state !== "canceled");
    const at = new Date(Date.now()).toISOString();
    const was = this.roll(4) > 0 ? open[this.roll(open.length)] : undefined;
    if (!was) {
      const id = `busy-${this.seed}-${this.n++}`;
      this.tell(item(id, { created_at: at, updated_at: at }), "created", {});
      return;
    }
    const agent = ["rosa", "kim"][this.roll(2)];
    const next = { ...was, version: was.version + 1, updated_at: at };
    switch (this.roll(5)) {
      case 0:
        this.tell({ ...next, state: "assigned", agent, reservation: undefined }, "assigned", { agent });
        break;
      case 1:
        this.tell({ ...next, state: this.roll(2) ? "completed" : "canceled" }, undefined, {});
        break;
      case 2:
        this.tell({ ...next, state: "pending", agent: undefined }, "pending", { why: "timeout" });
        break;
      case 3:
        this.tell({ ...next, queue: "urgent", state: "pending", agent: undefined }, "pending", {
          why: "transferred",
        });
        break;
      default:
        this.tell({ ...next, priority: 90 }, "changed", { why: "raised" });
    }
  }

  private tell(is: WorkItemView, what: string | undefined, data: object): void {
    this.items.set(is.id, is);
    const e = event(what ?? is.state, is.id, { version: is.version, ...data }, is.updated_at);
    // In their order, but not at once.
    this.told = this.told.then(() => this.time(60)).then(() => this.listener?.(e));
  }

  private page({ limit, cursor }: { limit: number; cursor?: string }) {
    const open = [...this.items.values()].filter((w) => w.state !== "completed" && w.state !== "canceled").reverse();
    const from = Number(cursor ?? 0);
    return { items: open.slice(from, from + limit), next: from + limit < open.length ? String(from + limit) : "" };
  }

  time = (most: number) => new Promise((done) => setTimeout(done, this.roll(most)));
}

test("after the same events the desk and Live show the same, and what is so", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const busy = new Busy(seed);
    for (let n = 0; n < 15; n++) busy.step();
    const release = openWork.hold(busy.live);
    for (let n = 0; n < 300; n++) {
      busy.step();
      await vi.advanceTimersByTimeAsync(n % 3 === 0 ? 400 : 30);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    const now = Date.now();
    const shown = [...openWork.now().items.values()];
    const desk = rowsOf([], shown, { who: "all", queue: null, kind: null }, "boss", now).flatMap((r) =>
      "item" in r ? [r.item] : [],
    );
    const live = shown.filter((w) => passes(w, everything)).sort(byUrgency(now));
    const facts = (list: WorkItemView[]) =>
      list.map((w) => [w.id, w.state, w.queue, w.priority, holderOf(w) ?? ""].join()).sort();
    const so = [...busy.items.values()].filter((w) => w.state !== "completed" && w.state !== "canceled");
    expect(so.length).toBeGreaterThan(5);
    expect(facts(live), `seed ${seed}`).toEqual(facts(so));
    expect(facts(desk), `seed ${seed}`).toEqual(facts(so));
    release();
  }
});
