import type { Order } from "@/api/schema";

const over = new Set(["delivered", "canceled", "refunded"]);

/** Nothing more of it is expected to arrive. */
export const isOver = (o: Pick<Order, "status">) => over.has(o.status);

/** An order is in time until the day that was promised has ended where one looks. */
export function isLate(o: Pick<Order, "status" | "promised" | "eta">, now: number): boolean {
  if (isOver(o)) return false;
  if (o.status === "delayed") return true;
  const due = o.promised ?? o.eta;
  if (!due) return false;
  const end = new Date(due).setHours(24, 0, 0, 0);
  return now >= end || (o.eta !== undefined && Date.parse(o.eta) >= end);
}
