export interface Consent {
  calls?: string;
  messages?: string;
  stopped?: boolean;
}

/** Two consents as one: every refusal of either stands. */
export function stricter(a: Consent, b: Consent): Consent {
  const pick = (x?: string, y?: string) => (x === "refused" || y === "refused" ? "refused" : x || y);
  return { calls: pick(a.calls, b.calls), messages: pick(a.messages, b.messages), stopped: !!a.stopped || !!b.stopped };
}
