import { describe, expect, test } from "vitest";
import { fold, isLate, isOurs, stricter, withTimes } from "./logic";

test("of two consents every refusal stands, and silence says nothing", () => {
  expect(stricter({ calls: "granted" }, { calls: "refused", stopped: true })).toEqual({
    calls: "refused",
    messages: undefined,
    stopped: true,
  });
  expect(stricter({}, { calls: "granted", messages: "granted" })).toEqual({
    calls: "granted",
    messages: "granted",
    stopped: false,
  });
});

describe("an order is late", () => {
  const order = (o: object) => ({ id: "A-1", open: true, found: true, at: "", order: { id: "A-1", ...o } }) as never;
  const now = Date.parse("2026-03-10T12:00:00Z");
  test("once its promised day is over", () => {
    expect(isLate(order({ status: "shipped", promised: "2026-03-08T09:00:00Z" }), now)).toBe(true);
    expect(isLate(order({ status: "shipped", promised: "2026-03-10T09:00:00Z" }), now)).toBe(false);
  });
  test("when its system says so, and never once it has arrived", () => {
    expect(isLate(order({ status: "delayed" }), now)).toBe(true);
    expect(isLate(order({ status: "delivered", promised: "2026-01-01T00:00:00Z" }), now)).toBe(false);
    expect(isLate({ id: "A-2", open: false, found: false, at: "" } as never, now)).toBe(false);
  });
});

test("that a reply was sent stands at the reply", () => {
  const e = (kind: string, ref: string) => ({ kind, ref, at: "", decision: 1 }) as never;
  const lines = fold([e("sent", "e1"), e("sent", "e0"), e("reply", "e1"), e("post", "p")]);
  expect(lines.map((l) => [l.entry.kind, l.end?.kind])).toEqual([
    ["sent", undefined],
    ["reply", "sent"],
    ["post", undefined],
  ]);
});

test("times inside of a text are read as the viewer reads them", () => {
  expect(withTimes("callback by 2026-11-22T23:59:57Z", () => "noon")).toBe("callback by noon");
  expect(withTimes("no time", () => "noon")).toBe("no time");
});

test("ids of ours are known by their form", () => {
  expect(isOurs("c38g4tyx9r5m00-k1")).toBe(true);
  expect(isOurs("s06h09p0c05eq8s4w2fb0")).toBe(false);
  expect(isOurs("c38g4tyx9r5m00")).toBe(false);
});
