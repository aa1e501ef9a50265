import i18next from "i18next";
import { expect, test } from "vitest";
import en from "@/i18n/en";
import es from "@/i18n/es";
import { capital, happening } from "./word";

await i18next.init({ lng: "en", fallbackLng: false, resources: { en, es } });

test("an event whose type is not told is not called twice", async () => {
  expect(happening("event", "event")).toBe("Event");
  expect(happening("event", "order.delayed")).toBe("Event: order delayed");
  await i18next.changeLanguage("es");
  expect(happening("event", "event")).toBe("Evento");
  await i18next.changeLanguage("en");
});

test("the head of a line begins with a capital", () => {
  expect(capital("order delayed, a time fell due")).toBe("Order delayed, a time fell due");
  expect(capital("")).toBe("");
});
