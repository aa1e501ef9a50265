import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { decideEach } from "./decide";

test("what a colleague decided about, or what fails, keeps nobody from the others", async () => {
  const asked: string[] = [];
  const away = new ApiError(503, { code: "unavailable" });
  const answers: Record<string, ApiError> = {
    b: new ApiError(404, { code: "not_found" }),
    c: away,
    d: new ApiError(409, { code: "conflict" }),
  };
  const one = async (id: string) => {
    asked.push(id);
    if (answers[id]) throw answers[id];
  };
  for (const atOnce of [false, true])
    expect(await decideEach(["a", "b", "c", "d", "e"], one, atOnce)).toEqual({
      done: ["a", "e"],
      decided: ["b", "d"],
      refused: [{ id: "c", error: away }],
    });
  expect(asked.join("")).toBe("abcdeabcde");
});
