/** What the server says of a mistake; lines and columns from 1. */
export interface Problem {
  line?: number;
  column?: number;
  kind?: "file" | "word" | "expression" | "rule";
  /** The word that is not accepted, as it stands there. */
  found?: string;
  message: string;
  expected?: string;
  /** What was probably meant in its place. */
  did_you_mean?: string;
}

/** A part of the text, as offsets. */
export interface Spot {
  from: number;
  to: number;
  /** What may have been meant instead; missing where nobody can say what to replace. */
  fix?: string;
}

/** How far below its line a mistake in a folded text is looked for. */
const reachLines = 30;

/**
 * Where in the text a mistake stands. The server names a line and a column, in
 * a condition that is folded over several lines only those of its beginning:
 * there the word that is wrong is looked for on the lines below.
 */
export function spotOf(text: string, p: Problem): Spot {
  const lines = text.split("\n");
  const row = Math.min(Math.max((p.line ?? 1) - 1, 0), lines.length - 1);
  const start = lines.slice(0, row).reduce((n, l) => n + l.length + 1, 0);
  const column = Math.min(Math.max((p.column ?? 1) - 1, 0), lines[row]!.length);
  const from = p.found ? seek(lines, row, column, start, p.found) : undefined;
  if (p.found && from !== undefined) {
    const skip = shared(p.found, p.did_you_mean);
    return { from: from + skip, to: from + p.found.length, fix: p.did_you_mean?.slice(skip) };
  }
  const word = /^[\w.-]+|^\S/.exec(lines[row]!.slice(column))?.[0];
  if (word) return { from: start + column, to: start + column + word.length };
  const indent = lines[row]!.length - lines[row]!.trimStart().length;
  return { from: start + indent, to: start + Math.max(indent, lines[row]!.length) };
}

/** How much of a dotted name is right as it stands: of order.lat the "order.", where order.late was meant. */
function shared(found: string, meant = ""): number {
  const head = found.slice(0, found.lastIndexOf(".") + 1);
  return meant.startsWith(head) ? head.length : 0;
}

/** The place of a word nearest to the column on its line, else the first on those that belong to it. */
function seek(lines: string[], row: number, column: number, start: number, word: string): number | undefined {
  const here = occurrences(lines[row]!, word).sort((x, y) => Math.abs(x - column) - Math.abs(y - column));
  if (here.length > 0) return start + here[0]!;
  const indent = /^\s*(- )?/.exec(lines[row]!)![0].length;
  let at = start + lines[row]!.length + 1;
  for (let r = row + 1; r < Math.min(lines.length, row + reachLines); r++) {
    const line = lines[r]!;
    if (line.trim() !== "" && line.length - line.trimStart().length <= Math.max(indent - 2, 0)) return undefined;
    const found = occurrences(line, word);
    if (found.length > 0) return at + found[0]!;
    at += line.length + 1;
  }
  return undefined;
}

function occurrences(line: string, word: string): number[] {
  const out: number[] = [];
  for (let i = line.indexOf(word); i >= 0; i = line.indexOf(word, i + 1)) {
    const edge = (c: string | undefined) => c === undefined || !/[\w-]/.test(c);
    if (edge(line[i - 1]) && edge(line[i + word.length])) out.push(i);
  }
  return out;
}
