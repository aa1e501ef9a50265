import type { Order } from "@/api/schema";
import { number } from "./format";

const settled: ReadonlySet<string> = new Set(["delivered", "canceled", "refunded"]);

/** Nothing more is expected to happen to it. */
export const isSettled = (o: Pick<Order, "status">): boolean => settled.has(o.status);

/** When it came, or is expected to; nothing of an order that does not come any more. */
export function arrivalOf(o: Pick<Order, "status" | "delivered_at" | "eta">): { came?: string; expected?: string } {
  if (o.delivered_at) return { came: o.delivered_at };
  return o.eta && !isSettled(o) ? { expected: o.eta } : {};
}

/** What was ordered, in a line. */
export const itemsOf = (o: Pick<Order, "items">): string =>
  (o.items ?? []).map((i) => `${(i.quantity ?? 1) > 1 ? `${i.quantity} × ` : ""}${i.name || i.sku}`).join(", ");

/** What it costs, as the viewer writes money; as it was told where that is no amount or no currency. */
export function totalOf({ total, currency }: Pick<Order, "total" | "currency">): string {
  try {
    return number(Number(total), { style: currency ? "currency" : "decimal", currency: currency || undefined });
  } catch {
    return `${total} ${currency ?? ""}`;
  }
}
