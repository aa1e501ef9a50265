/** What the agent is doing, and how to change it. */
export function ActivityMenu() {
  return null;
}
