import i18next from "i18next";
import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import en from "@/i18n/en";
import es from "@/i18n/es";
import { fieldErrors } from "./submit";

await i18next.init({ lng: "es", fallbackLng: false, resources: { en, es }, interpolation: { escapeValue: false } });

test("what is said of a field stands at the field", () => {
  const error = new ApiError(400, {
    errors: [
      {
        field: "url",
        message: "is required",
        message_said: [{ code: "err_needed", text: "is required" }],
      },
      { field: "types[2]", message: "is no type" },
      { field: "elsewhere", message: "is wrong" },
    ],
  });
  expect(fieldErrors(error, ["url", "types"])).toEqual({
    url: { text: "Hace falta" },
    types: { text: "El servidor no admite este valor", detail: "is no type" },
  });
});
