/** What is read anew after something was done to a case. */
export const touchedBy = (id: string, customer: string) => [
  ["cases", id],
  ["customers", customer],
];

/** Answered in the network's own app: somebody without an account here. */
export const isOutside = (owner: string) => owner === "staff" || owner.startsWith("staff:");
