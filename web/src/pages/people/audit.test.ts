import { expect, test } from "vitest";
import { queryOf } from "./audit";
import { slug } from "./macroform";
import { browserName } from "./person";

test("a filter asks for what is set, and nothing else", () => {
  const none = { by: " ", action: null, object: "", customer: "", span: "all" } as const;
  expect(queryOf(none)).toEqual({});
  expect(queryOf({ ...none, by: " ann ", action: "explain", span: "hour" }, 3_600_000 * 2 + 1234)).toEqual({
    by: "ann",
    action: "explain",
    since: "1970-01-01T01:00:00.000Z",
  });
});

test("a macro's name is made of its title", () => {
  expect(slug("¡Lo sentimos, señora!")).toBe("lo-sentimos-senora");
  expect(slug("…")).toBe("");
});

test("a browser is named as people name it", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
  expect(browserName(chrome)).toBe("Chrome · Linux");
  expect(browserName(`${chrome} Edg/139.0`)).toBe("Edge · Linux");
  expect(browserName("curl/8")).toBe("curl/8");
});
