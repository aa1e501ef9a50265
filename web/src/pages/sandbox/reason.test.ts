import i18next from "i18next";
import { expect, test } from "vitest";
import en from "@/i18n/en";
import es from "@/i18n/es";
import { reasonOf } from "./reason";

await i18next.init({ lng: "es", fallbackLng: false, resources: { en, es }, interpolation: { escapeValue: false } });

test("the sample company's reasons are in the viewer's language, another's are its own words", () => {
  const samples = [{ code: "demo_customs", text: "held at customs" }];
  expect(reasonOf("held at customs", samples)).toBe("retenido en la aduana");
  expect(reasonOf("held at customs", undefined)).toBe("held at customs");
  expect(reasonOf("out of stock", samples)).toBe("out of stock");
  expect(reasonOf(undefined, samples)).toBe("");
});
