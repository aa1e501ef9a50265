import { expect, test } from "vitest";
import { customerOf, mine, touched } from "./follow";

test("a customer's id is read from those of their cases", () => {
  expect(customerOf("c38g4qeh2bg0tz-w1")).toBe("c38g4qeh2bg0tz");
  expect(customerOf(undefined)).toBe("");
});

test("an event touches its case, its customer and the lists that show it", () => {
  const keys = touched({
    id: "1",
    type: "advocate.workitem.created",
    event: { caseid: "c1-k1", workitemid: "c1-w1", data: { queue: "care" } },
  }).map((k) => k.join("/"));
  expect(keys).toEqual(
    expect.arrayContaining(["customers/c1", "cases/c1-k1", "work-items/c1-w1", "work-items-list", "queues"]),
  );
  expect(touched({ id: "2", type: "advocate.case.looking", event: { caseid: "c1-k1" } })).toEqual([
    ["cases", "c1-k1", "looking"],
  ]);
});

test("others' work is no reason to read one's own", () => {
  const event = (type: string, data: Record<string, unknown>, workitemid = "c1-w1") => ({
    id: "1",
    type: `advocate.workitem.${type}`,
    event: { workitemid, data },
  });
  const held = new Set(["c9-w9"]);
  expect(mine(event("reserved", { agent: "me" }), "me", held)).toBe(true);
  expect(mine(event("reserved", { agent: "rosa" }), "me", held)).toBe(false);
  expect(mine(event("changed", { agent: "rosa", to_agent: "me" }), "me", held)).toBe(true);
  expect(mine(event("assigned", { agent: "rosa" }, "c9-w9"), "me", held)).toBe(true);
  expect(mine(event("canceled", {}), "me", held)).toBe(true);
});
