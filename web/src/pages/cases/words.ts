import i18next from "i18next";

/** The API's word in the viewer's language; a word that is new to us as it is. */
export function word(group: string, value: string | undefined): string {
  if (!value) return "";
  const key = `cases:word.${group}.${value}`;
  return i18next.exists(key) ? i18next.t(key as never) : value.replaceAll("_", " ");
}

/** All that a case can be about, in the order in which they are offered. */
export const intents = [
  "order_status",
  "item_problem",
  "refund_return",
  "cancel_change",
  "billing",
  "account_access",
  "technical",
  "service_complaint",
  "praise",
  "question",
  "legal_safety",
  "chatter",
  "spam",
  "unclear",
];
