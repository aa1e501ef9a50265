import { expect, test } from "vitest";
import type { CaseView, WorkItemView } from "@/api/schema";
import { openPromises, ownerWithout } from "./promised";

const item = { id: "w1", kind: "review", state: "assigned", agent: "ines" } as WorkItemView;
const owned = (c: Partial<CaseView>) => ({ owner: "ines", ...c }) as CaseView;
const other = (kind: string, state: string) =>
  ({ id: "w2", kind, state }) as NonNullable<CaseView["work_items"]>[number];

test("a case goes back to its advocate with the work item by which somebody has it", () => {
  expect(ownerWithout(owned({}), item)).toBeUndefined();
  expect(ownerWithout(owned({ work_items: [other("callback", "pending"), other("expert", "assigned")] }), item)).toBe(
    undefined,
  );
});

test("who took the case itself keeps it, and so does who has other work on it, or is not the holder", () => {
  expect(ownerWithout(owned({ apart: true }), item)).toBe("ines");
  expect(ownerWithout(owned({ work_items: [other("callback", "wrapping")] }), item)).toBe("ines");
  expect(ownerWithout(owned({ owner: "sam" }), item)).toBe("sam");
  expect(ownerWithout(owned({ owner: "ines" }), { ...item, state: "pending" })).toBe("ines");
});

test("what was kept or broken is not promised any more", () => {
  const promises = ["open", "kept", "broken"].map((state) => ({ id: state, state }));
  expect(openPromises({ promises } as CaseView).map((p) => p.id)).toEqual(["open"]);
  expect(openPromises(undefined)).toEqual([]);
});
