import { expect, test } from "vitest";
import { counts, difference, pieces } from "./difference";

const short = (a: string, b: string) =>
  difference(a, b).map((l) => ({ same: " ", removed: "-", added: "+" })[l.kind] + l.text);

test("lines that came and went, in their places", () => {
  expect(short("a\nb\nc\nd", "a\nx\nc\nd\ne")).toEqual([" a", "-b", "+x", " c", " d", "+e"]);
  expect(short("same", "same")).toEqual([" same"]);
  expect(short("", "new")).toEqual(["-", "+new"]);
});

test("each line has its number in both texts", () => {
  expect(difference("a\nb", "b")).toEqual([
    { kind: "removed", text: "a", before: 1 },
    { kind: "same", text: "b", before: 2, after: 1 },
  ]);
});

test("both texts can be read from their comparison, whatever they are", () => {
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  for (let round = 0; round < 200; round++) {
    const text = () => Array.from({ length: random(12) }, () => "abcd"[random(4)]).join("\n");
    const [a, b] = [text(), text()];
    const lines = difference(a, b);
    const read = (kind: string) =>
      lines
        .filter((l) => l.kind !== kind)
        .map((l) => l.text)
        .join("\n");
    expect(read("added")).toBe(a);
    expect(read("removed")).toBe(b);
  }
});

test("what changed within a line is marked", () => {
  const [gone, come] = difference("when: order.late && x", "when: order.lost && x");
  expect(gone?.text.slice(...gone.mark!)).toBe("ate");
  expect(come?.text.slice(...come.mark!)).toBe("ost");
  expect(difference("abc", "xyz")[0]?.mark).toBeUndefined();
});

test("what is far from a change is left out", () => {
  const many = Array.from({ length: 40 }, (_, i) => String(i));
  const changed = many.with(20, "new");
  const lines = difference(many.join("\n"), changed.join("\n"));
  expect(pieces(lines).map((p) => ("lines" in p ? p.lines.length : -p.hidden.length))).toEqual([-17, 8, -16]);
  expect(counts(lines)).toEqual({ added: 1, removed: 1 });
});

test("a text that was written anew is compared in time", () => {
  const a = Array.from({ length: 6000 }, (_, i) => `a${i}`).join("\n");
  const b = Array.from({ length: 6000 }, (_, i) => `b${i}`).join("\n");
  const began = Date.now();
  expect(counts(difference(a, b))).toEqual({ added: 6000, removed: 6000 });
  expect(Date.now() - began).toBeLessThan(4000);
});
