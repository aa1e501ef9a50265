/** The priorities that have a name. The API takes any number between them, too. */
export const priorities = { low: 20, normal: 50, high: 80, urgent: 100 } as const;
export type Priority = keyof typeof priorities;

const names = Object.keys(priorities) as Priority[];

/** The name of a priority; undefined for a number between names. */
export function priorityName(n: number): Priority | undefined {
  return names.find((name) => priorities[name] === n);
}

/** The next higher named priority; undefined for the highest. */
export function nextPriority(n: number): Priority | undefined {
  return names.find((name) => priorities[name] > n);
}
