import { expect, test } from "vitest";
import { stricter } from "./logic";

test("of two consents every refusal stands, and silence says nothing", () => {
  expect(stricter({ calls: "granted" }, { calls: "refused", stopped: true })).toEqual({
    calls: "refused",
    messages: undefined,
    stopped: true,
  });
  expect(stricter({}, { calls: "granted", messages: "granted" })).toEqual({
    calls: "granted",
    messages: "granted",
    stopped: false,
  });
});
