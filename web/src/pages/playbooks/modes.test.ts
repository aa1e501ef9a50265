import { expect, test } from "vitest";
import { effective } from "./modes";

const set = (...rows: [string, string][]) => rows.map(([scope, mode]) => ({ scope, mode, at: "" }));

test("a stop of everything stops; otherwise the narrower switch holds", () => {
  expect(effective(set(), "network:x")).toBe("live");
  expect(effective(set(["all", "shadow"]), "network:x")).toBe("shadow");
  expect(effective(set(["all", "shadow"], ["network:x", "live"]), "network:x")).toBe("live");
  expect(effective(set(["all", "stopped"], ["network:x", "live"]), "network:x")).toBe("stopped");
  expect(effective(set(["rule:late", "approve"]), "rule:late")).toBe("approve");
});
