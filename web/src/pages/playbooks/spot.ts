/** What the server says of a mistake; lines and columns from 1. */
export interface Problem {
  line?: number;
  column?: number;
  message: string;
  expected?: string;
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
 * there the word that the message quotes says more.
 */
export function spotOf(text: string, p: Problem): Spot {
  const lines = text.split("\n");
  const row = Math.min(Math.max((p.line ?? 1) - 1, 0), lines.length - 1);
  const start = lines.slice(0, row).reduce((n, l) => n + l.length + 1, 0);
  const column = Math.min(Math.max((p.column ?? 1) - 1, 0), lines[row]!.length);
  const wrong = wrongWord(p);
  if (wrong) {
    const found = seek(lines, row, column, start, wrong.text);
    if (found !== undefined) {
      const from = found + wrong.skip;
      return { from, to: found + wrong.text.length, fix: wrong.fix };
    }
  }
  const word = /^[\w.-]+|^\S/.exec(lines[row]!.slice(column))?.[0];
  if (word) return { from: start + column, to: start + column + word.length };
  const indent = lines[row]!.length - lines[row]!.trimStart().length;
  return { from: start + indent, to: start + Math.max(indent, lines[row]!.length) };
}

/** The word that a message quotes last, what belongs before it, and its replacement. */
function wrongWord(p: Problem): { text: string; skip: number; fix?: string } | undefined {
  const quoted = [...p.message.matchAll(/"([^"\s]+)"/g)].at(-1)?.[1];
  if (!quoted) return undefined;
  const meant = p.did_you_mean;
  // "order has no field "lat"", did you mean order.late: it stands as order.lat.
  const object =
    meant && !quoted.includes(".") && p.message.includes(" has no field ") ? meant.replace(/[^.]*$/, "") : "";
  return object
    ? { text: object + quoted, skip: object.length, fix: meant!.slice(object.length) }
    : { text: quoted, skip: 0, fix: meant };
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
