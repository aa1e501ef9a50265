/** Whether the first steps are behind somebody: in this browser, since it is theirs to put them aside. */
const key = "advocate.first-steps";

type Over = "done" | "aside";

export function guideOver(): Over | null {
  const kept = localStorage.getItem(key);
  return kept === "done" || kept === "aside" ? kept : null;
}

export function setGuideOver(over: Over | null): void {
  if (over) localStorage.setItem(key, over);
  else localStorage.removeItem(key);
}
