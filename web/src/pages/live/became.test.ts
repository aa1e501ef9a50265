import { expect, test } from "vitest";
import type { CaseView } from "@/api/schema";
import { became, byLastPost } from "./became";

const at = "2026-03-02T10:00:00Z";
const matter = (more: Partial<CaseView> = {}): CaseView => ({
  customer_id: "c1",
  id: "c1-k1",
  state: "open",
  identity: { network: "sandbox", author: "maria" },
  thread: "p1",
  visibility: "public",
  posts: [{ id: "p1", from: "customer", at }],
  intent: "order_status",
  sentiment: "neutral",
  urgency: "normal",
  opened_at: at,
  updated_at: at,
  ...more,
});
const kinds = (c: CaseView) => became(c).map((s) => s.kind);

test("each way that a post can go", () => {
  expect(kinds(matter())).toEqual(["reading"]);
  const fact = { name: "orders", found: true, at };
  const verify = { order: "A-1", asked_at: at, attempts: 0 };
  expect(kinds(matter({ known: [fact], verify, answered: true, replies: 1 }))).toEqual(["looked", "proof"]);
  const ours = [
    { id: "p1", from: "customer", at },
    { id: "r1", from: "advocate", at },
  ];
  expect(kinds(matter({ known: [fact], answered: true, replies: 1, posts: ours }))).toEqual(["looked", "answered"]);
  const item = { id: "c1-w1", kind: "callback", state: "reserved" } as const;
  expect(kinds(matter({ answered: true, work_items: [item], handed_over: true }))).toEqual(["answered", "work"]);
  expect(kinds(matter({ handed_over: true }))).toEqual(["waits"]);
  expect(kinds(matter({ handed_over: true, owner: "rosa" }))).toEqual(["owner"]);
  expect(
    became(
      matter({
        state: "resolved",
        outcome: "set_aside",
        reason: "nothing is asked: praise",
        reason_said: [{ code: "nothing_asked", text: "…" }],
        intent: "praise",
      }),
    ),
  ).toEqual([{ kind: "aside", why: "praise" }]);
  expect(kinds(matter({ state: "resolved", outcome: "delivered", owner: "rosa", answered: true }))).toEqual([
    "answered",
    "resolved",
  ]);
});

test("an answer that has not left is none yet", () => {
  expect(kinds(matter({ answered: true, reply_waits: true, replies: 1 }))).toEqual(["answerWaits"]);
});

test("an answer that was canceled before it left is told as such", () => {
  const taken = matter({ answered: true, reply_not_sent: "canceled", replies: 1, owner: "rosa" });
  expect(became(taken)).toEqual([
    { kind: "notSent", how: "canceled" },
    { kind: "owner", who: "rosa" },
  ]);
  expect(kinds({ ...taken, reply_waits: true })).toEqual(["answerWaits", "owner"]);
  const verify = { order: "A-1", asked_at: at, attempts: 0 };
  expect(kinds({ ...taken, verify })).toEqual(["notSent", "owner"]);
  expect(kinds({ ...taken, verify, reply_waits: true })).toEqual(["answerWaits", "owner"]);
});

test("an answer of a person in the network's own app is told as such", () => {
  const posts = [
    { id: "p1", from: "customer", at },
    { id: "r1", from: "staff", at },
  ];
  expect(kinds(matter({ answered: true, posts }))).toEqual(["staff"]);
});

test("posts are in the order in which customers wrote", () => {
  const early = matter({
    id: "a",
    posts: [{ id: "1", from: "customer", at: "2026-03-02T09:00:00Z" }],
    updated_at: "2026-03-02T12:00:00Z",
  });
  const late = matter({ id: "b" });
  expect([early, late].sort(byLastPost).map((c) => c.id)).toEqual(["b", "a"]);
});
