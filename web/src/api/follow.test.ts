import { expect, test } from "vitest";
import emitted from "../../../internal/domain/emitted.go?raw";
import { customerOf, mine, touched } from "./follow";

const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

/** The keys of all queries that the sources have; "*" is whatever they are given. */
function queryKeys(): string[][] {
  return Object.entries(sources)
    .filter(([path]) => !path.includes(".test."))
    .flatMap(([, text]) => [...text.matchAll(/\b(?:queryKey:|key =) \[(.*?)\]/gis)])
    .map(([, inside]) => (inside ?? "").split(/,\s*/).map((part) => /^"([^"]+)"$/.exec(part)?.[1] ?? "*"));
}

/** All types of events that the stream tells, as the server's sources name them. */
function eventTypes(): string[] {
  const named = emitted.matchAll(/"(advocate\.[a-z.]+)"/g);
  return [...[...named].map(([, type]) => type ?? ""), "advocate.agent.changed"];
}

test("what an event touches is what a query reads", () => {
  const known = queryKeys();
  const types = eventTypes();
  expect(known.length).toBeGreaterThan(30);
  expect(types.length).toBeGreaterThan(25);
  const orphans = types
    .flatMap((type) => touched({ id: "1", type, event: { caseid: "c1-k1", workitemid: "c1-w1" } }))
    .filter((key) => !known.some((k) => key.every((part, i) => k[i] === part || (i > 0 && k[i] === "*"))))
    .map((key) => key.join("/"));
  expect([...new Set(orphans)]).toEqual([]);
});

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
    expect.arrayContaining(["customers/c1", "cases/c1-k1", "work-items/c1-w1", "queues/standing", "live"]),
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
