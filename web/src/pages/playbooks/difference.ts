/** A line of a comparison: in both, taken out of the first, or new in the second. */
export interface Line {
  kind: "same" | "removed" | "added";
  text: string;
  /** From 1, in the first and in the second; missing where it does not stand. */
  before?: number;
  after?: number;
  /** The part that differs from the line it takes the place of. */
  mark?: [from: number, to: number];
}

/** More steps than this and everything in between counts as rewritten. */
const maxSteps = 1500;

/** Compares two texts line by line (Myers' greedy way, with equal ends cut off first). */
export function difference(first: string, second: string): Line[] {
  const a = first.split("\n");
  const b = second.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const out: Line[] = [];
  const same = (i: number, j: number) => out.push({ kind: "same", text: a[i]!, before: i + 1, after: j + 1 });
  for (let i = 0; i < head; i++) same(i, i);
  let i = head;
  let j = head;
  const middle = steps(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  for (const step of middle) {
    if (step === "same") same(i++, j++);
    else if (step === "removed") out.push({ kind: "removed", text: a[i]!, before: ++i });
    else out.push({ kind: "added", text: b[j]!, after: ++j });
  }
  for (; i < a.length; i++, j++) same(i, j);
  marked(out);
  return out;
}

function steps(a: string[], b: string[]): Line["kind"][] {
  const most = Math.min(a.length + b.length, maxSteps);
  const reach = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let d = 0; d <= most; d++) {
    trail.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trail, a.length, b.length);
    }
  }
  return [...a.map(() => "removed" as const), ...b.map(() => "added" as const)];
}

function walkBack(trail: Map<number, number>[], x: number, y: number): Line["kind"][] {
  const out: Line["kind"][] = [];
  for (let d = trail.length - 1; d >= 0; d--) {
    const reach = trail[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (reach.get(from) ?? 0);
    const fromY = d === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      out.push("same");
      x--;
      y--;
    }
    if (d === 0) break;
    out.push(down ? "added" : "removed");
    x = fromX;
    y = fromY;
  }
  return out.reverse();
}

/** Where as many lines came as went, each is compared with the one in its place. */
function marked(lines: Line[]): void {
  for (let i = 0; i < lines.length; ) {
    const start = i;
    while (lines[i]?.kind === "removed") i++;
    const cut = i;
    while (lines[i]?.kind === "added") i++;
    if (cut - start === i - cut) {
      for (let k = 0; k < cut - start; k++) markPair(lines[start + k]!, lines[cut + k]!);
    }
    if (i === start) i++;
  }
}

function markPair(x: Line, y: Line): void {
  const most = Math.min(x.text.length, y.text.length);
  let head = 0;
  while (head < most && x.text[head] === y.text[head]) head++;
  let tail = 0;
  while (tail < most - head && x.text.at(-1 - tail) === y.text.at(-1 - tail)) tail++;
  // Lines that have hardly anything in common are not one line that changed.
  if ((head + tail) * 3 < most) return;
  x.mark = [head, x.text.length - tail];
  y.mark = [head, y.text.length - tail];
}

/** A run of lines to show, or so many that are the same in both. */
export type Piece = { lines: Line[] } | { hidden: Line[] };

/** Leaves out what is the same, but for a few lines around each change. */
export function pieces(lines: Line[], around = 3): Piece[] {
  const near = new Array<boolean>(lines.length).fill(false);
  lines.forEach((l, i) => {
    if (l.kind !== "same") near.fill(true, Math.max(0, i - around), i + around + 1);
  });
  const out: Piece[] = [];
  for (let i = 0; i < lines.length; ) {
    const from = i;
    while (i < lines.length && near[i] === near[from]) i++;
    const run = lines.slice(from, i);
    // To hide one or two lines takes more room than to show them.
    if (near[from] || run.length < 3) {
      const last = out.at(-1);
      if (last && "lines" in last) last.lines.push(...run);
      else out.push({ lines: run });
    } else out.push({ hidden: run });
  }
  return out;
}

export function counts(lines: Line[]): { added: number; removed: number } {
  return {
    added: lines.filter((l) => l.kind === "added").length,
    removed: lines.filter((l) => l.kind === "removed").length,
  };
}
