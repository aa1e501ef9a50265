import i18next from "i18next";
import { afterEach, expect, test, vi } from "vitest";
import { keepNames } from "@/api/queries/person";
import type { Part } from "@/api/schema";
import en from "./en";
import es from "./es";
import { said, saidAlone, saidLines, says } from "./said";

await i18next.init({ lng: "es", fallbackLng: false, resources: { en, es }, interpolation: { escapeValue: false } });

const part = (code: string, text: string, params?: Record<string, string>): Part => ({
  code,
  text,
  ...(params && { params }),
});

afterEach(() => vi.unstubAllEnvs());

test("a sentence is said in the viewer's language, and what fills it as well", () => {
  const late = [
    part("point_order", "Order A-1 is delayed.", { order: "A-1", status: "delayed" }),
    part("point_order_late", "It was promised for Mon 23 Nov: 3 days late.", { day: "2026-11-23", count: "3" }),
  ];
  expect(said("…", late)).toBe("Pedido A-1: retrasado. Se prometió para el lun, 23 nov: 3 días de retraso.");
  const promised = part("promised_by", "…", { promise: "callback", due: "2026-11-24T10:00:00Z" });
  expect(said("…", [promised], { timeZone: "Europe/Madrid" })).toMatch(/^una llamada, antes de 24 nov 2026, 11:00$/);
  const found = part("guard_found", "the guard on public replies found a phone number", { finding: "found_phone" });
  expect(saidAlone("…", [found])).toBe("La protección de las respuestas públicas encontró un número de teléfono");
});

test("a time that the customer was told says what their clock shows then, where it is another", () => {
  vi.stubEnv("TZ", "America/New_York");
  const promised = part("point_promise", "…", { promise: "callback", at: "2026-11-24T16:00:00Z" });
  expect(said("…", [promised], { theirs: "Europe/Berlin" })).toContain("24 nov 2026, 11:00 (mar, 17:00, Berlin)");
  for (const theirs of ["America/Detroit", "Mars/Olympus", "", undefined])
    expect(said("…", [promised], { theirs })).not.toContain("(");
});

test("somebody's own words stay", () => {
  const why = [part("rejected_by_nobody", "a sentence of a newer server"), { text: "mi madre llama" }];
  expect(said("…", why)).toBe("a sentence of a newer server: mi madre llama");
  expect(said("at lunch", undefined)).toBe("at lunch");
  expect(said("at lunch", [])).toBe("at lunch");
  expect(said("…", [part("rejected", "rejected by ana", { by: "ana" }), { text: "at lunch" }])).toBe(
    "rechazada por ana: at lunch",
  );
  // A company gives its orders' reasons in its own language, also one that we have a word for.
  expect(said("…", [part("point_order_reason", "…", { reason: "returned" })])).toBe("El motivo que consta: returned.");
});

test("a note is said line by line, and what a customer or an agent wrote in it stays", () => {
  const note = [
    [part("just_asked_call", "The customer has just asked to be called.")],
    [{ text: "ana: she is at work until six" }],
    [part("note_later", "Later: any news?", { text: "any news?" })],
  ];
  expect(saidLines("…", note)).toBe(
    "El cliente acaba de pedir que le llamen.\nana: she is at work until six\nMás tarde: any news?",
  );
  expect(saidLines("as it was stored", undefined)).toBe("as it was stored");
});

test("what is asked is the code, never the text", () => {
  expect(says("offers_missed", [part("offers_missed", "whatever it says", { count: "3" })])).toBe(true);
  expect(says("offers_missed", [{ text: "3 offers in a row were not answered" }])).toBe(false);
  expect(says("offers_missed", null)).toBe(false);
});

test("a colleague is called by their name in every sentence", () => {
  keepNames([{ login: "ana", name: "Ana Ruiz" }]);
  const who = (agent: string) => said("…", [part("err_case_taken", `the case is taken by ${agent}`, { agent })]);
  expect(who("ana")).toBe("El caso lo tiene Ana Ruiz");
  expect(who("bo")).toBe("El caso lo tiene bo");
  expect(who("staff:shop")).toBe("El caso lo tiene @shop");
  keepNames([]);
});
