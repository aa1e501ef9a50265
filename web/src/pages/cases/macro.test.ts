import { expect, test } from "vitest";
import type { MacroView } from "@/api/schema";
import { fill, macroText } from "./macro";

const macro = (texts: Record<string, string>) => ({ id: "m", title: "M", texts, queues: [] }) as unknown as MacroView;

test("a macro speaks the customer's language, else ours, else what it has", () => {
  const m = macro({ en: "Hello", "es-MX": "Hola", de: "Hallo" });
  expect(macroText(m, "es").text).toBe("Hola");
  expect(macroText(m, "de-AT").text).toBe("Hallo");
  expect(macroText(m, "fr", "es").text).toBe("Hola");
  expect(macroText(m, undefined).text).toBe("Hello");
  expect(macroText(macro({ fr: "Salut" }), "es").text).toBe("Salut");
});

test("what is not known stays to be typed", () => {
  expect(fill("Hi {first_name}, {agent} here", { first_name: "Ana", agent: "Kim" })).toEqual({
    text: "Hi Ana, Kim here",
  });
  expect(fill("Order {order}: {when}", { order: "A-1" })).toEqual({ text: "Order A-1: {when}", hole: [11, 17] });
  expect(fill("Hi {name}", { name: "" }).hole).toEqual([3, 9]);
  // Words that every object answers to are no names of ours.
  for (const word of ["constructor", "toString", "__proto__", "hasOwnProperty"])
    expect(fill(`Hi {${word}}`, { name: "Ana" })).toEqual({ text: `Hi {${word}}`, hole: [3, 5 + word.length] });
});
