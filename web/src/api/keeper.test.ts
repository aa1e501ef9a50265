import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { type Heard, Keeper } from "./keeper";

interface Thing {
  id: string;
  at: number;
  open: boolean;
}

function keeper(things: Map<string, Thing>, extra: Partial<ConstructorParameters<typeof Keeper<Thing>>[0]> = {}) {
  const asked: string[] = [];
  const k = new Keeper<Thing>({
    idOf: (t) => t.id,
    changedAt: (t) => t.at,
    holds: (t) => t.open,
    hears: () => undefined,
    pages: 10,
    single: 3,
    page: async (cursor) => {
      asked.push(`page ${cursor ?? ""}`);
      const all = [...things.values()].filter((t) => t.open);
      const from = Number(cursor ?? 0);
      return { items: all.slice(from, from + 2), ...(from + 2 < all.length && { next: String(from + 2) }) };
    },
    one: async (id) => {
      asked.push(id);
      const t = things.get(id);
      if (!t) throw new ApiError(404, {});
      return t;
    },
    ...extra,
  });
  return { k, asked };
}

const thing = (id: string, at = 1, open = true): [string, Thing] => [id, { id, at, open }];

/** Something that ends a thing, and says so by itself. */
const over = (id: string): Heard<Thing> => ({
  id,
  judge: (items) => ({ items: new Map([...items].filter(([is]) => is !== id)) }),
});
/** Something new, which the newest have. */
const fresh = (id: string): Heard<Thing> => ({
  id,
  judge: (items) => ({ read: items.has(id) ? "nothing" : "first" }),
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5); // waits are spread by chance
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("all pages are read, then what changed one by one", async () => {
  const things = new Map([thing("a"), thing("b"), thing("c")]);
  const { k, asked } = keeper(things);
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  expect([...k.now().items.keys()]).toEqual(["a", "b", "c"]);
  expect(k.now().ready).toBe(true);
  things.set(...thing("b", 2, false));
  things.set(...thing("d"));
  things.delete("a");
  for (const id of ["b", "d", "a", "b"]) k.touch(id);
  await vi.advanceTimersByTimeAsync(300);
  expect([...k.now().items.keys()]).toEqual(["c", "d"]);
  expect(asked).toEqual(["page ", "page 2", "b", "d", "a"]);
  release();
});

test("much at once is read in pages", async () => {
  const things = new Map([thing("a")]);
  const { k, asked } = keeper(things, { lagMs: 500 });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  for (const id of ["p", "q", "r", "s"]) {
    things.set(...thing(id));
    k.touch(id);
  }
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual(["page "]);
  await vi.advanceTimersByTimeAsync(500);
  expect(k.now().items.size).toBe(5);
  expect(asked).toEqual(["page ", "page ", "page 2", "page 4"]);
  release();
});

test("a cut line loses nothing: what could not be read is read later", async () => {
  const things = new Map([thing("a")]);
  let cut = false;
  const { k } = keeper(things, {
    one: async (id) => {
      if (cut) throw new ApiError(0, {});
      return things.get(id) as Thing;
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  cut = true;
  things.set(...thing("b"));
  k.touch("b");
  await vi.advanceTimersByTimeAsync(1000);
  expect(k.now().items.has("b")).toBe(false);
  expect(k.now().error).toBeInstanceOf(ApiError);
  cut = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(k.now().items.has("b")).toBe(true);
  expect(k.now().error).toBeUndefined();
  release();
});

test("an older copy never replaces a newer one", async () => {
  const { k } = keeper(new Map([thing("a", 1)]));
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  k.put({ id: "a", at: 3, open: true });
  k.reload();
  await vi.advanceTimersByTimeAsync(10);
  expect(k.now().items.get("a")?.at).toBe(3);
  k.put({ id: "a", at: 2, open: false });
  expect(k.now().items.has("a")).toBe(true);
  release();
});

test("what ended while it was being read does not come back", async () => {
  const things = new Map([thing("a"), thing("b")]);
  let answer: (() => void) | undefined;
  const slow = <R>(read: () => R) => {
    const was = read();
    return new Promise<R>((done) => {
      answer = () => done(was);
    });
  };
  const { k } = keeper(things, {
    page: () => slow(() => ({ items: [...things.values()].filter((t) => t.open) })),
    one: (id) => slow(() => things.get(id) as Thing),
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  k.hear(over("a"));
  answer?.();
  await vi.advanceTimersByTimeAsync(10);
  expect([...k.now().items.keys()]).toEqual(["b"]);
  k.touch("b");
  await vi.advanceTimersByTimeAsync(400);
  k.put({ id: "b", at: 5, open: false });
  answer?.();
  await vi.advanceTimersByTimeAsync(10);
  expect([...k.now().items.keys()]).toEqual([]);
  release();
});

test("many that are new are read as the newest, and no one by itself that is among them", async () => {
  const things = new Map([thing("a")]);
  const { k, asked } = keeper(things, {
    first: async () => {
      asked.push("newest");
      return [...things.values()].slice(-4);
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  const ids = ["p", "q", "r", "s", "t"];
  for (const id of ids) {
    things.set(...thing(id));
    k.hear(fresh(id));
  }
  await vi.advanceTimersByTimeAsync(500);
  expect([...k.now().items.keys()].sort()).toEqual(["a", ...ids]);
  expect(asked).toEqual(["page ", "newest", "p"]);
  release();
});

test("many pages are not read again with every change", async () => {
  const things = new Map(Array.from({ length: 9 }, (_, i) => thing(`t${i}`)));
  const { k, asked } = keeper(things, { restMs: 5000 });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  const whole = () => asked.filter((a) => a === "page ").length;
  expect(whole()).toBe(1);
  for (let second = 0; second < 20; second++) {
    for (const id of things.keys()) k.touch(id);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(whole()).toBeGreaterThan(3);
  expect(whole()).toBeLessThan(6);
  expect(asked.every((a) => a.startsWith("page"))).toBe(true);
  release();
});

test("the newest are looked at once for what they have not", async () => {
  const things = new Map(Array.from({ length: 9 }, (_, i) => thing(`t${i}`)));
  const { k, asked } = keeper(things, {
    restMs: 5000,
    first: async () => {
      asked.push("newest");
      return [];
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  for (const id of ["p", "q", "r", "s"]) k.hear(fresh(id));
  for (let n = 0; n < 8; n++) {
    await vi.advanceTimersByTimeAsync(400);
    k.touch("t1");
  }
  expect(asked.filter((a) => a === "newest")).toHaveLength(1);
  release();
});

test("there is one reading for all who show it, and who comes back sees what was known while it is read anew", async () => {
  const things = new Map([thing("a")]);
  const { k, asked } = keeper(things);
  const [desk, live] = [k.hold(null), k.hold(null)];
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual(["page "]);
  desk();
  desk();
  k.touch("a");
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toEqual(["page ", "a"]);
  live();
  k.touch("a");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
  const again = k.hold(null);
  expect([...k.now().items.keys()]).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toHaveLength(3);
  again();
  await vi.advanceTimersByTimeAsync(400_000);
  k.hold(null)();
  expect(k.now()).toMatchObject({ ready: false, items: new Map() });
});

test("who asks for everything while it is being read gets it once more", async () => {
  const { k, asked } = keeper(new Map([thing("a"), thing("b"), thing("c")]), {
    page: async () => {
      asked.push("page");
      await new Promise((done) => setTimeout(done, 100));
      return { items: [] };
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(50);
  k.reload();
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toEqual(["page", "page"]);
  release();
});

test("after an outage it asks again less and less often, and at once more often when it is back", async () => {
  const things = new Map([thing("a")]);
  let cut = true;
  const { k, asked } = keeper(things, {
    page: async () => {
      asked.push("page");
      if (cut) throw new ApiError(503, {});
      return { items: [...things.values()] };
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(300_000);
  const during = asked.length;
  expect(during).toBeGreaterThan(8);
  expect(during).toBeLessThan(25);
  cut = false;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(k.now().ready).toBe(true);
  cut = true;
  k.reload();
  await vi.advanceTimersByTimeAsync(7000);
  expect(asked.length).toBe(during + 3);
  release();
});

test("what could not be read does not take the place of what was told meanwhile", async () => {
  const things = new Map([thing("a")]);
  let fail: (() => void) | undefined;
  const { k, asked } = keeper(things, {
    one: (id) => {
      asked.push(id);
      if (fail) return Promise.resolve(things.get(id) as Thing);
      return new Promise((_, no) => {
        fail = () => no(new ApiError(0, {}));
      });
    },
  });
  const release = k.hold(null);
  await vi.advanceTimersByTimeAsync(10);
  // The first says nothing any more once the thing is known at 2.
  k.hear({ id: "a", judge: (items) => ({ read: (items.get("a")?.at ?? 0) < 2 ? "one" : "nothing" }) });
  await vi.advanceTimersByTimeAsync(400);
  k.hear({ id: "a", judge: (items) => ({ read: (items.get("a")?.at ?? 0) < 3 ? "one" : "nothing" }) });
  k.put({ id: "a", at: 2, open: true });
  things.set(...thing("a", 3));
  fail?.();
  await vi.advanceTimersByTimeAsync(5000);
  expect(k.now().items.get("a")?.at).toBe(3);
  release();
});
