import { expect, test } from "vitest";
import { type Problem, spotOf } from "./spot";

const source = `rules:
  - name: late
    on: [pots]
    when: >-
      order.found && order.late
      && case.sentiment == "negativ" && order.lat
    do:
      - workitem: {kind: callback, note: workitem}
`;

function mended(p: Problem): string {
  const s = spotOf(source, p);
  return `${source.slice(s.from, s.to)} → ${s.fix ?? "?"}`;
}

test("the word at the column is the wrong one", () => {
  expect(mended({ line: 3, column: 10, found: "pots", message: "…", did_you_mean: "post" })).toBe("pots → post");
  expect(mended({ line: 8, column: 9, found: "workitem", message: "…", did_you_mean: "work_item" })).toBe(
    "workitem → work_item",
  );
});

test("in a folded condition the word is looked for on the lines below", () => {
  const field = { line: 4, column: 31, found: "order.lat", message: "…", did_you_mean: "order.late" };
  expect(mended(field)).toBe("lat → late");
  expect(spotOf(source, field).from).toBe(source.lastIndexOf("lat"));
  expect(mended({ line: 5, column: 90, found: "negativ", message: "…", did_you_mean: "negative" })).toBe(
    "negativ → negative",
  );
});

test("without a word, what stands at the column; without a column, the line", () => {
  expect(mended({ line: 7, column: 5, message: "it does nothing" })).toBe("do → ?");
  expect(mended({ line: 2, message: "the rule has no name" })).toBe("- name: late → ?");
  expect(spotOf("", { message: "empty" })).toEqual({ from: 0, to: 0 });
  expect(spotOf("a", { line: 9, column: 9, message: "beyond the end" }).to).toBeLessThanOrEqual(1);
});
