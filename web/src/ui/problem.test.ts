import i18next from "i18next";
import { expect, test } from "vitest";
import { ApiError, Plain } from "@/api/problem";
import en from "@/i18n/en";
import es from "@/i18n/es";
import { sentence, tell } from "./problem";

await i18next.init({ lng: "es", fallbackLng: false, resources: { en, es }, interpolation: { escapeValue: false } });

const taken = "the case is taken by ana";

test("what the server says is said in the viewer's language", () => {
  const said = new ApiError(409, {
    code: "conflict",
    detail: taken,
    detail_said: [{ code: "err_case_taken", text: taken, params: { agent: "ana" } }],
  });
  expect(tell(said)).toEqual({ text: "El caso lo tiene ana" });
});

test("one wrong field that no form has is named", () => {
  const error = new ApiError(400, {
    code: "invalid",
    detail: "handle: is required",
    errors: [{ field: "handle", message: "is required", message_said: [{ code: "err_needed", text: "is required" }] }],
  });
  expect(sentence(error)).toBe("handle: Hace falta");
});

test("what has no code is said by its kind, and the server's words are kept for support", () => {
  expect(tell(new ApiError(409, { code: "conflict", detail: "the moon is in the way" }))).toEqual({
    text: es.ui.problem.conflict,
    detail: "the moon is in the way",
  });
  expect(tell(new ApiError(418, { code: "of_a_newer_server", detail: "a teapot" }))).toEqual({
    text: es.ui.problem.other,
    detail: "a teapot",
  });
  expect(tell(new TypeError("x is undefined"))).toEqual({ text: es.ui.problem.page, detail: "x is undefined" });
  expect(sentence(new Plain("Ana lo tomó"))).toBe("Ana lo tomó");
  expect(sentence(new ApiError(0, {}))).toBe(es.ui.failed.unreachable);
});

test("in English the server's own words are best", async () => {
  await i18next.changeLanguage("en");
  expect(tell(new ApiError(409, { code: "conflict", detail: "the moon is in the way" }))).toEqual({
    text: "The moon is in the way",
  });
  await i18next.changeLanguage("es");
});
