import { describe, expect, test } from "vitest";
import en from "./en";
import es from "./es";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, at = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = at ? `${at}.${key}` : key;
    if (typeof value === "string") out.set(path, value);
    else for (const [k, v] of flat(value, path)) out.set(k, v);
  }
  return out;
}

const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]).sort();
const tags = (text: string) => [...text.matchAll(/<\/?(\w+)>/g)].map((m) => m[0]).sort();
// A language may need plural forms that another has not: Spanish has "many".
const singular = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

describe.each(Object.keys(en) as (keyof typeof en)[])("%s", (area) => {
  const ours = flat(en[area] as Tree);
  const theirs = flat(es[area] as Tree);

  test("both languages have the same texts", () => {
    expect([...new Set([...theirs.keys()].map(singular))].sort()).toEqual(
      [...new Set([...ours.keys()].map(singular))].sort(),
    );
  });

  test("plurals are whole", () => {
    for (const [texts, forms] of [
      [ours, ["one", "other"]],
      [theirs, ["one", "many", "other"]],
    ] as const) {
      for (const [key, text] of texts) {
        // A code of the server may end as a plural does; then nothing is counted.
        const counted = text.includes("{{count}}") || texts.has(`${singular(key)}_one`);
        if (key !== singular(key) && counted)
          for (const f of forms) expect(texts.has(`${singular(key)}_${f}`), `${key}: ${f}`).toBe(true);
      }
    }
  });

  test("no text is empty, and each fills the same places", () => {
    for (const [key, text] of theirs) {
      const same = ours.get(key) ?? ours.get(`${singular(key)}_other`) ?? "";
      expect(text.trim(), key).not.toBe("");
      expect(same.trim(), key).not.toBe("");
      if (!key.endsWith("_one")) expect(holes(text), key).toEqual(holes(same));
      expect(tags(text), key).toEqual(tags(same));
    }
  });
});
