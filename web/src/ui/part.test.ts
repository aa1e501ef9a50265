import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { arrival } from "./part";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A part that comes after so many failures, and whether the server answers at the n-th question. */
function line(failures: number, up: (n: number) => boolean, age = 60_000) {
  const seen = { loads: 0, reloads: 0, asked: 0 };
  const load = async () => {
    if (seen.loads++ < failures) throw new TypeError("failed to fetch");
    return "the page";
  };
  const got = arrival(load, {
    answers: async () => up(seen.asked++),
    reload: () => {
      seen.reloads++;
    },
    age: () => age,
  });
  return { seen, got };
}

test("while the line is cut it waits, and nothing is read anew", async () => {
  const { seen, got } = line(5, () => false);
  await vi.advanceTimersByTimeAsync(7000);
  expect(seen).toMatchObject({ loads: 4, reloads: 0 });
  await vi.advanceTimersByTimeAsync(5000);
  expect(await got).toBe("the page");
});

test("a line that comes back between two questions is no other version", async () => {
  const { seen, got } = line(1, () => true);
  await vi.advanceTimersByTimeAsync(0);
  expect(await got).toBe("the page");
  expect(seen.reloads).toBe(0);
});

test("a server that answers and has no such part is of another version", async () => {
  const { seen } = line(Number.POSITIVE_INFINITY, () => true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toMatchObject({ loads: 2, reloads: 1 });
});

test("a page that was just read is not read anew for ever", async () => {
  const { seen, got } = line(Number.POSITIVE_INFINITY, () => true, 3000);
  await expect(got).rejects.toThrow("failed to fetch");
  expect(seen.reloads).toBe(0);
});
