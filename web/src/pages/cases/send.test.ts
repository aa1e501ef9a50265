import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import type { MessageView } from "@/api/schema";
import { type Sending, send } from "./send";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

const away = new ApiError(0, { code: "unreachable" });
const taken = new ApiError(409, { code: "conflict", detail: "bob has the case" });
const another = new ApiError(409, { code: "another_session" });

/** A server that answers so, one after the other; the last answer is its answer from then on. */
function server(answers: (ApiError | "well")[], said: Partial<MessageView>[] = []) {
  const told = { posts: 0, reads: 0, unsure: 0 };
  const of: Sending = {
    text: "Hello",
    visibility: "private",
    by: "ann",
    lost: "It did not leave",
    unsure: () => void told.unsure++,
    post: async () => {
      const answer = answers[Math.min(told.posts++, answers.length - 1)];
      if (answer instanceof ApiError) throw answer;
    },
    read: async () => {
      told.reads++;
      return said as MessageView[];
    },
    wait: async (ms) => void vi.setSystemTime(Date.now() + ms),
  };
  return { of, told };
}

test("a refusal is told, and nothing is sent again", async () => {
  const { of, told } = server([taken]);
  await expect(send(of)).rejects.toBe(taken);
  expect(told).toEqual({ posts: 1, reads: 0, unsure: 0 });
});

test("where the answer was lost it is asked for until it comes", async () => {
  const sent = server([away, another, new ApiError(409, { code: "under_way" }), "well"]);
  await send(sent.of);
  expect(sent.told).toEqual({ posts: 4, reads: 0, unsure: 1 });
  const refused = server([away, away, taken]);
  await expect(send(refused.of)).rejects.toBe(taken);
});

test("after a minute it is not sent any more, only asked after", async () => {
  const at = new Date(Date.now() + 1000).toISOString();
  const mine = { from: "staff", by: "ann", visibility: "private", text: "Hello", at } as const;
  const left = server([away], [mine]);
  await send(left.of);
  const before = left.told.posts;
  expect(before).toBeLessThan(20);
  const old = new Date(Date.now() - 3600_000).toISOString();
  const not = server(
    [away],
    [
      { ...mine, at: old },
      { ...mine, by: "bob" },
      { ...mine, visibility: "public" },
    ],
  );
  await expect(send(not.of)).rejects.toThrow("It did not leave");
  expect(not.told.reads).toBe(1);
});
