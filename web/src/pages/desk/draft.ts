/** What was typed about an item and not sent yet. It is kept in memory alone, for as long as the page is open. */
export interface Draft {
  note: string;
  promise?: { what: string; by: string };
}
const drafts = new Map<string, Draft>();

export const draftOf = (id: string): Draft => drafts.get(id) ?? { note: "" };

export function keepDraft(id: string, draft: Draft): void {
  if (draft.note || draft.promise) drafts.set(id, draft);
  else drafts.delete(id);
}
