import { expect, test } from "vitest";
import { strokeOf } from "./shortcuts";

const pressed = (key: string, held: Partial<KeyboardEvent> = {}) =>
  strokeOf({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("a key as shortcuts write it", () => {
  expect(pressed("a")).toBe("a");
  expect(pressed("Y", { shiftKey: true })).toBe("shift+y");
  expect(pressed("?", { shiftKey: true })).toBe("?");
  expect(pressed("k", { metaKey: true })).toBe("mod+k");
  expect(pressed("Enter", { shiftKey: true })).toBe("shift+enter");
  expect(pressed("Shift", { shiftKey: true })).toBe("");
});

test("with Alt it is the key, not the letter that it types", () => {
  expect(pressed("¥", { altKey: true, code: "KeyY" })).toBe("alt+y");
  expect(pressed("y", { altKey: true, code: "KeyY" })).toBe("alt+y");
});
