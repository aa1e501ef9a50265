import { expect, test } from "vitest";
import { modeOf, moveToNote, restoreDraft, setMode, setText, shownMode, spendDraft, textOf } from "./drafts";

test("a reply that comes back is not joined to a note, and does not take its place", () => {
  setMode("k1", "public");
  setText("k1", "public", "We are on it");
  spendDraft("k1", "public", "We are on it");
  setMode("k1", "note");
  setText("k1", "note", "They say this for the third time");
  restoreDraft("k1", "public", "We are on it");
  expect(modeOf("k1")).toBe("note");
  expect(textOf("k1", "note")).toBe("They say this for the third time");
  expect(textOf("k1", "public")).toBe("We are on it");
});

test("it comes before what was begun for the same readers, and is shown where nothing else is written", () => {
  setText("k2", "private", "Next:");
  restoreDraft("k2", "private", "First:");
  expect(textOf("k2", "private")).toBe("First:\n\nNext:");
  spendDraft("k2", "private", "First:");
  expect(textOf("k2", "private")).toBe("Next:");
  restoreDraft("k3", "public", "Hello");
  expect([modeOf("k3"), textOf("k3", "public")]).toEqual(["public", "Hello"]);
});

test("a reply that was begun stays in its place when only notes can be written", () => {
  expect(shownMode("private", true, "Your parcel", false)).toBe("private");
  expect(shownMode("public", true, "", true)).toBe("public");
  expect(shownMode("private", true, " ", false)).toBe("note");
  expect(shownMode("private", false, "", false)).toBe("private");
  expect(shownMode("note", true, "", true)).toBe("note");
});

test("a reply becomes a note where somebody says so, after what the note has", () => {
  setText("k4", "private", "Your parcel is here");
  setText("k4", "public", "Hello all");
  setText("k4", "note", "Called twice");
  moveToNote("k4", "private");
  expect(modeOf("k4")).toBe("note");
  expect(textOf("k4", "note")).toBe("Called twice\n\nYour parcel is here");
  expect([textOf("k4", "private"), textOf("k4", "public")]).toEqual(["", "Hello all"]);
});
