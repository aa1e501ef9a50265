import { expect, test } from "vitest";
import type { DispositionView, QueueView } from "@/api/schema";
import source from "../../../internal/domain/disposition.go?raw";
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

test("work of a queue that one cannot see ends as the server's does where the operator does not say", () => {
  const words = new Map([...source.matchAll(/\b(Disposition\w+)\s+= "(\w+)"/g)].map(([, name, word]) => [name, word]));
  const kinds = /kindDispositions = .*\{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  const theirs = [...kinds.matchAll(/^\t(\w+): \{([^}]*)\}/gm)].map(([, kind, list]) => [
    kind?.toLowerCase(),
    [...(list ?? "").matchAll(/\w+/g)].map(([name]) => words.get(name)),
  ]);
  expect(theirs.map(([kind]) => kind)).toEqual(["callback", "review", "expert"]);
  expect(theirs.map(([kind]) => [kind, names(endingsOf({ ends_as: String(kind) }))])).toEqual(theirs);
});
