import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callOffAbout, callOffLater, flushLater, lateMs, postpone, secondsLeft } from "./later";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

function begun(outcome = true) {
  const told: string[] = [];
  const off = postpone(6000, {
    work: async (keepalive) => {
      told.push(keepalive ? "done on leaving" : "done");
      return outcome;
    },
    over: () => told.push("over"),
    back: (why) => told.push(why),
  });
  return { told, off };
}

test("it happens when its seconds are over, once", async () => {
  const { told, off } = begun();
  await vi.advanceTimersByTimeAsync(5999);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  off("undone");
  await flushLater();
  expect(told).toEqual(["over", "done"]);
});

test("called off, it does not", async () => {
  const one = begun();
  one.off("undone");
  const two = begun();
  callOffLater();
  await vi.advanceTimersByTimeAsync(lateMs);
  expect([one.told, two.told]).toEqual([
    ["over", "undone"],
    ["over", "ended"],
  ]);
});

test("what waits to leave in a case is called off with it, and nothing else", async () => {
  const told: string[] = [];
  for (const about of ["k1", "k2"])
    postpone(6000, {
      about,
      work: async () => Boolean(told.push(`sent ${about}`)),
      back: (why) => told.push(`${why} ${about}`),
    });
  callOffAbout("k1");
  await vi.advanceTimersByTimeAsync(6000);
  expect(told).toEqual(["undone k1", "sent k2"]);
});

test("a machine that slept meanwhile does not do it hours later", async () => {
  const { told } = begun();
  vi.setSystemTime(Date.now() + 3 * 3600_000); // timers stand still in a sleep, clocks do not
  await vi.advanceTimersByTimeAsync(6000);
  expect(told).toEqual(["over", "late"]);
});

test("who signs out hears whether all of it went well, also of what is on its way", async () => {
  begun();
  expect(await flushLater()).toBe(true);
  const refused = begun(false);
  expect(await flushLater()).toBe(false);
  expect(refused.told).toEqual(["over", "done"]);
  let answer: (well: boolean) => void = () => {};
  postpone(6000, {
    work: () =>
      new Promise((done) => {
        answer = done;
      }),
    back: () => {},
  });
  await vi.advanceTimersByTimeAsync(6000);
  const out = flushLater();
  answer(false);
  expect(await out).toBe(false);
});

test("the countdown begins with all of its seconds", () => {
  const from = Date.UTC(2026, 0, 5, 9) + 700;
  const shown = [0, 300, 1300, 5300, 5900].map((ms) => secondsLeft(from + 6000, from + ms, 6));
  expect(shown).toEqual([6, 5, 4, 1, 1]);
});
