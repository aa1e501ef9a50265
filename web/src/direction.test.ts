import { expect, test } from "vitest";

// What may import what: api ← ui ← pages ← app. A page is read, changed and
// loaded without the others; the few that show a part of another are named.

const sources = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.test.{ts,tsx}", "!./api/schema.d.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Under an area stand those that it may import beside itself. */
const below: Record<string, string[]> = {
  i18n: [],
  api: [],
  ui: ["api", "i18n"],
  pages: ["api", "i18n", "ui"],
  app: ["api", "i18n", "ui", "pages"],
  "": ["api", "i18n", "ui", "app"],
};

/** A file that may import from another area or page, with why. */
const named: Record<string, string> = {
  "i18n/said.ts api": "the server's sentences, in the viewer's language",
  "i18n/said.ts ui": "times and words within such a sentence",
  "pages/desk/item.tsx pages/cases": "a work item has its case beside it",
  "pages/connections/ignored.tsx pages/customers": "who is ignored is let in again as on their own page",
  "pages/why pages/customers": "an explanation names its customer and case as their own pages do",
  "pages/guide pages/connections": "a step of the guide is what is set up there",
  "pages/guide pages/desk": "becoming available is a step of the guide",
  "pages/guide pages/people": "a step of the guide is what is set up there",
};

interface Import {
  from: string;
  to: string;
}

/** The parts of a path that direction is about: its area and, in pages, the page. */
function partOf(path: string): string {
  const [area = "", page] = path.split("/");
  if (area === "pages") return `pages/${page}`;
  return area in below ? area : "";
}

function importsOf(file: string, text: string): Import[] {
  const from = file.replace("./", "");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"((?:@\/|\.)[^"]*)"/g)].map(([, spec = ""]) => ({
    from,
    to: spec.startsWith("@/") ? spec.slice(2) : new URL(spec, `file:///${from}`).pathname.slice(1),
  }));
}

function allowed({ from, to }: Import): boolean {
  const [a, b] = [partOf(from), partOf(to)];
  if (a === b || Object.keys(named).some((n) => n === `${a} ${b}` || n === `${from} ${b}`)) return true;
  if (a.startsWith("pages/") && b.startsWith("pages/")) return false;
  return (below[a.split("/")[0]!] ?? []).includes(b.split("/")[0]!);
}

const all = Object.entries(sources).flatMap(([file, text]) => importsOf(file, text));

test("imports run one way", () => {
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((i) => !allowed(i)).map((i) => `${i.from} imports ${i.to}`)).toEqual([]);
});

test("each exception is still one", () => {
  const used = (n: string) =>
    all.some((i) => n === `${partOf(i.from)} ${partOf(i.to)}` || n === `${i.from} ${partOf(i.to)}`);
  expect(Object.keys(named).filter((n) => !used(n))).toEqual([]);
});

test("what is read under one key is read in one place", () => {
  const places = Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(/queryKey: (\[[^\]]*\]),\s*queryFn/g)].map(([, key]) => `${key} in ${file}`),
  );
  const keys = places.map((p) => p.split(" in ")[0]);
  expect(keys.length).toBeGreaterThan(30);
  expect(places.filter((_, i) => keys.indexOf(keys[i]) !== keys.lastIndexOf(keys[i]))).toEqual([]);
});

test("all open work is read in one place, so that no two pages show different work", () => {
  const reads = Object.entries(sources).filter(([, text]) => /"\/v1\/work-items"[^;]*\bopen: true/.test(text));
  expect(reads.map(([file]) => file)).toEqual(["./ui/openwork.ts"]);
});

test("an offer's keys are no page's", () => {
  const keysOf = (text: string) => [...text.matchAll(/\bkeys: "([^"]+)"/g)].map(([, k = ""]) => k);
  const offer = keysOf(sources["./pages/desk/offer.tsx"] ?? "");
  const others = Object.entries(sources).filter(([file]) => file !== "./pages/desk/offer.tsx");
  expect(offer.length).toBeGreaterThan(3);
  expect(
    others.flatMap(([file, text]) =>
      keysOf(text)
        .filter((k) => offer.includes(k))
        .map((k) => `${k} in ${file}`),
    ),
  ).toEqual([]);
});
