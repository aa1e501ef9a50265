import type { AuditView } from "@/api/schema";

/** The same thing done by one person to one target again and again. */
export interface Run {
  /** The newest row's number, which stays as older rows join. */
  key: string;
  /** Newest first. */
  rows: [AuditView, ...AuditView[]];
}

/** What comes this long after the last one begins a run of its own. */
const apartMs = 10 * 60_000;

/** What is done over and over and changes nothing that is looked for one by one: looks, and what systems hand in. */
const folds = /^(list|get|explain|stream|submit)(-|$)|\.(find|show|list)$/;

const sameness = (r: AuditView) => JSON.stringify([r.by, r.via, r.action, r.object, r.customer_id, r.outcome, r.from]);

/**
 * Rows, newest first, with runs folded: a person's page reads its lists and streams again and again, and
 * nobody would find the rest between them. Nothing is left out, and each change stands by itself: what was
 * changed and changed back is not one thing done twice. Rows of a run may have others between them, since a
 * page reads several things in turn.
 */
export function runsOf(rows: AuditView[]): Run[] {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  for (const row of rows) {
    const key = folds.test(row.action) ? sameness(row) : String(row.seq);
    const run = open.get(key);
    const oldest = run?.rows.at(-1);
    if (run && oldest && Date.parse(oldest.at) - Date.parse(row.at) <= apartMs) {
      run.rows.push(row);
      continue;
    }
    const next: Run = { key: String(row.seq), rows: [row] };
    runs.push(next);
    open.set(key, next);
  }
  return runs;
}
