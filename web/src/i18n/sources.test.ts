import { expect, test } from "vitest";
import en from "./en";

// Keys and sources are compared: what no page says is deleted, and what a page says has a text. The
// compiler already finds a wrong key that is written out; a cast, a template or a rename hides it.

type Tree = { [key: string]: string | Tree };

const sources = Object.entries(
  import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../api/schema.d.ts"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);

/** Families of ui/word.ts are looked up by value; the server's sentences by code. Each has a test of its own. */
const byValue = ["words", "said", "problems"];
/** What i18next adds to a key by itself. */
const added = /_(zero|one|two|few|many|other|plain)$/;

function keysOf(tree: Tree, at: string): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [`${at}${key}`.replace(added, "")] : keysOf(value, `${at}${key}.`),
  );
}

const known = new Set(Object.entries(en).flatMap(([area, texts]) => keysOf(texts as Tree, `${area}:`)));

interface Said {
  file: string;
  /** The namespaces that a key without one is looked up in, by this file. */
  areas: string[];
  /** Every literal that could be a key. */
  literals: string[];
  /** Every template that could be keys, as what it matches. */
  patterns: RegExp[];
  /** What stands directly in a call of t. */
  asked: string[];
}

const quoted = (s: string) => s.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function read(file: string, text: string): Said {
  const areas = new Set(
    [...text.matchAll(/(?:useTranslation|TFunction|getFixedT)[<(](?:null, )?\[?"(\w+)"/g)].map((m) => m[1] ?? ""),
  );
  const patterns = [...text.matchAll(/`((?:\w+:)?[a-z]\w*(?:\.\w+)*\.?\$\{[^`\n]*)`/g)]
    .map((m) => m[1] ?? "")
    .filter((p) => /^[\w.:-]*(\$\{[^}]*\}[\w.-]*)+$/.test(p))
    .map(
      (p) =>
        new RegExp(
          `^${p
            .split(/\$\{[^}]*\}/)
            .map(quoted)
            .join("[\\w-]+")}$`,
        ),
    );
  return {
    file,
    areas: [...areas],
    literals: [...text.matchAll(/"((?:\w+:)?[A-Za-z][\w.-]*)"/g)].map((m) => m[1] ?? ""),
    patterns,
    asked: [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((m) => m[1] ?? ""),
  };
}

const said = sources.map(([file, text]) => read(file, text));
const whole = (key: string, areas: string[]) => (key.includes(":") ? [key] : areas.map((a) => `${a}:${key}`));

test("every text is said by some page", () => {
  const literal = new Set(said.flatMap((s) => s.literals.flatMap((key) => whole(key, s.areas))));
  const unsaid = [...known].filter((key) => {
    const [area = "", bare = ""] = key.split(":");
    if (byValue.includes(area) || literal.has(key)) return false;
    return !said.some((s) => s.patterns.some((p) => p.test(key) || (s.areas.includes(area) && p.test(bare))));
  });
  expect(unsaid).toEqual([]);
});

test("every text that a page says is there", () => {
  const missing = said.flatMap((s) =>
    s.asked.filter((key) => !whole(key, s.areas).some((k) => known.has(k))).map((key) => `${s.file}: ${key}`),
  );
  expect(missing).toEqual([]);
});

/** Where a key can only be known by the server: a code, which has a test of its own. */
const byCode = ["./said.ts"];

test("no cast hides a key from the compiler", () => {
  const casts = sources
    .filter(([file]) => !byCode.includes(file))
    .flatMap(([file, text]) =>
      text
        .split("\n")
        .filter((line) => /\bt\(.*\bas (never|"|any\b)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(casts).toEqual([]);
});
