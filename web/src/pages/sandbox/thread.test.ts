import { describe, expect, test } from "vitest";
import type { SandboxPost } from "@/api/schema";
import { firstPeople, foldHandle, isSecret, knownZone, lastQuestion, threadsOf, visibleTo } from "./thread";

let n = 0;
const post = (p: Partial<SandboxPost>): SandboxPost => ({
  id: `p${++n}`,
  change: n,
  handle: "maria",
  visibility: "public",
  text: "",
  thread: "t1",
  at: `2026-06-01T10:00:0${n % 10}Z`,
  ...p,
});

describe("what a column shows", () => {
  const asked = post({ id: "q", at: "2026-06-01T10:00:00.5Z" });
  const told = post({
    company: true,
    handle: "acme",
    to: "maria",
    visibility: "private",
    at: "2026-06-01T10:00:00.6Z",
  });
  const other = post({ handle: "tom", thread: "t2", at: "2026-06-01T11:00:00Z" });
  const all = [other, told, asked];

  test("a private message is its reader's alone", () => {
    expect(visibleTo(told, "maria")).toBe(true);
    expect(visibleTo(told, "tom")).toBe(false);
    expect(threadsOf(all, "tom", "mine")).toEqual([[other]]);
    expect(threadsOf(all, "maria", "mine")).toEqual([[asked, told]]);
  });

  test("the public timeline has the latest conversation first", () => {
    expect(threadsOf(all, "maria", "all")).toEqual([[other], [asked]]);
  });

  test("times are compared as times", () => {
    const early = post({ id: "e", thread: "t3", at: "2026-06-01T10:00:00Z" });
    const late = post({ id: "l", thread: "t3", at: "2026-06-01T10:00:00.5Z" });
    expect(threadsOf([late, early], "maria", "mine")[0]).toEqual([early, late]);
  });

  test("a secret answers the last private question", () => {
    expect(lastQuestion(all, "maria")).toBe(told);
    expect(lastQuestion(all, "tom")).toBeUndefined();
    for (const text of ["maria@example.com", "+1 (202) 555-0101", "30303-1"]) expect(isSecret(text), text).toBe(true);
    for (const text of ["where is A-1?", "mail me at a@b.example please", "12"])
      expect(isSecret(text), text).toBe(false);
  });
});

test("handles are kept as the network keeps them", () => {
  expect(foldHandle(" @Ana.B_1 ")).toBe("ana.b_1");
  for (const bad of ["", "@", "a b", "ä", "x".repeat(41), "a,b"]) expect(foldHandle(bad), bad).toBeUndefined();
});

test("who is shown first", () => {
  const maria = { handle: "maria", name: "Maria", known: true };
  expect(firstPeople([maria, { handle: "who", name: "Somebody" }])).toEqual(["maria", "who"]);
  expect(firstPeople([])).toEqual(["stranger"]);
});

test("a zone that the browser does not know is none", () => {
  expect(knownZone("America/New_York")).toBe("America/New_York");
  expect(knownZone("Mars/Olympus")).toBeUndefined();
  expect(knownZone("")).toBeUndefined();
});
