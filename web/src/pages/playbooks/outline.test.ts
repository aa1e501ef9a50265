import { expect, test } from "vitest";
import { outline, placeAt } from "./outline";

const source = `# A comment
playbook: shop
csat:
  after: 24h
rules:
  # first
  - name: late
    on: [post]
    do:
      - remind: {in: 2d, name: again}
      - name: nested
  - name: "quoted"  # why
    on: post

templates:
  hello:
    en: |
      name: not a template
  bye:
    public: true
`;

test("rules, messages and sections are found by their lines", () => {
  expect(outline(source).map((p) => `${p.kind} ${p.name} ${p.line}`)).toEqual([
    "section csat 3",
    "rule late 7",
    "rule quoted 12",
    "template hello 16",
    "template bye 19",
  ]);
});

test("a line belongs to what began before it", () => {
  const places = outline(source);
  expect(placeAt(places, 10)?.name).toBe("late");
  expect(placeAt(places, 18)?.name).toBe("hello");
  expect(placeAt(places, 1)).toBeUndefined();
});

test("a broken text still has an outline", () => {
  expect(outline("rules:\n  - name: a\n   on: [\n  - name: b\n").map((p) => p.name)).toEqual(["a", "b"]);
});
