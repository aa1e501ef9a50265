/** Whether the focus is nowhere that somebody put it: what had it is gone, or a page was arrived at. */
export function focusIsLost(): boolean {
  const at = document.activeElement;
  return !at || at === document.body || at.id === "main" || at.tagName === "H1";
}
