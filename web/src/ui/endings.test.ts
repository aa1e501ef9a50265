import { expect, test } from "vitest";
import type { DispositionView, QueueView } from "@/api/schema";
import { endingsOf, labelOf } from "./endings";

const queue = (dispositions: DispositionView[]) => ({ settings: { dispositions } }) as QueueView;
const names = (list: DispositionView[]) => list.map((d) => d.name);

test("a review does not end in a voicemail, nor a call in writing", () => {
  const care = queue([
    { name: "resolved", kinds: ["callback", "review"], note: false },
    { name: "voicemail", kinds: ["callback"], note: false },
    { name: "praise", label: "Praise, nothing to say", kinds: ["review"], note: true },
  ]);
  expect(names(endingsOf({ ends_as: "callback" }, care))).toEqual(["resolved", "voicemail"]);
  const review = endingsOf({ ends_as: "review" }, care);
  expect(names(review)).toEqual(["resolved", "praise"]);
  expect(review.slice(1).map(labelOf)).toEqual(["Praise, nothing to say"]);
});

test("work of a queue that one cannot see ends as its kind does everywhere", () => {
  expect(names(endingsOf({ ends_as: "review" }))).toEqual(["resolved", "answered", "no_answer_needed"]);
  expect(names(endingsOf({ ends_as: "callback" }))).toContain("no_answer");
});
