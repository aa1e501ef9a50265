import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { Keeper } from "./kept";

interface Thing {
  id: string;
  at: string;
  open: boolean;
}

function keeper(things: Map<string, Thing>, extra: Partial<ConstructorParameters<typeof Keeper<Thing>>[0]> = {}) {
  const asked: string[] = [];
  const k = new Keeper<Thing>({
    idOf: (t) => t.id,
    changedAt: (t) => t.at,
    holds: (t) => t.open,
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

const thing = (id: string, at = "1", open = true): [string, Thing] => [id, { id, at, open }];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("all pages are read, then what changed one by one", async () => {
  const things = new Map([thing("a"), thing("b"), thing("c")]);
  const { k, asked } = keeper(things);
  k.start();
  await vi.advanceTimersByTimeAsync(10);
  expect([...k.now().items.keys()]).toEqual(["a", "b", "c"]);
  expect(k.now().ready).toBe(true);
  things.set(...thing("b", "2", false));
  things.set(...thing("d"));
  things.delete("a");
  for (const id of ["b", "d", "a", "b"]) k.touch(id);
  await vi.advanceTimersByTimeAsync(300);
  expect([...k.now().items.keys()]).toEqual(["c", "d"]);
  expect(asked).toEqual(["page ", "page 2", "b", "d", "a"]);
  k.stop();
});

test("much at once is read in pages", async () => {
  const things = new Map([thing("a")]);
  const { k, asked } = keeper(things, { lagMs: 500 });
  k.start();
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
  k.stop();
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
  k.start();
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
  k.stop();
});

test("an older copy never replaces a newer one", async () => {
  const { k } = keeper(new Map([thing("a", "1")]));
  k.start();
  await vi.advanceTimersByTimeAsync(10);
  k.put({ id: "a", at: "3", open: true });
  k.reload();
  await vi.advanceTimersByTimeAsync(10);
  expect(k.now().items.get("a")?.at).toBe("3");
  k.put({ id: "a", at: "2", open: false });
  expect(k.now().items.has("a")).toBe(true);
  k.stop();
});
