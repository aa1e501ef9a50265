import { notificationsStore } from "@mantine/notifications";
import i18next from "i18next";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { initReactI18next } from "react-i18next";
import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import en from "@/i18n/en";
import es from "@/i18n/es";
import { fieldErrors, useSubmit } from "./submit";

await i18next
  .use(initReactI18next)
  .init({ lng: "es", fallbackLng: false, resources: { en, es }, interpolation: { escapeValue: false } });

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

test("what is said of no field of the form is told as well", async () => {
  let submit!: ReturnType<typeof useSubmit>["submit"];
  const Form = () => {
    submit = useSubmit(["url"]).submit;
    return null;
  };
  renderToStaticMarkup(createElement(Form));
  const refused = (...errors: object[]) =>
    submit(() => Promise.reject(new ApiError(422, { detail: "3 things are wrong with the request", errors })));
  const toasts = () => {
    const { notifications, queue } = notificationsStore.getState();
    return [...notifications, ...queue].map((n) => renderToStaticMarkup(n.message as ReactNode));
  };
  await refused({ field: "url", message: "is required" });
  expect(toasts()).toEqual([]);
  await refused(
    { field: "url", message: "is required" },
    { message: "is required", message_said: [{ code: "err_needed", text: "is required" }] },
    { field: "secret", message: "is too short" },
  );
  const [whole, elsewhere, ...more] = toasts();
  expect(whole).toBe("Hace falta");
  expect(elsewhere).toContain("secret: is too short");
  expect(more).toEqual([]);
});
