import { expect, test } from "vitest";
import en from "@/i18n/en/connections.json";
import es from "@/i18n/es/connections.json";
import { snippets } from "./snippets";

test("what is copied for a real network leaves the sandbox alone, which would stay on beside it", () => {
  expect(snippets.network).not.toContain("sandbox");
});

test("each way in which a snippet names a secret is told of", () => {
  for (const text of Object.values(snippets)) {
    for (const [, way] of text.matchAll(/\{(env|file|vault): /g)) {
      expect(en.add.text).toContain(`{${way}: NAME}`.replace("file: NAME", "file: PATH"));
      expect(es.add.text).toContain(`{${way}: NAME}`.replace("file: NAME", "file: PATH"));
    }
  }
});
