import { MantineProvider } from "@mantine/core";
import i18next from "i18next";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { initReactI18next } from "react-i18next";
import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import en from "@/i18n/en";
import { Timeline } from "./timeline";

await i18next.use(initReactI18next).init({ lng: "en", resources: { en }, interpolation: { escapeValue: false } });

test("a list too short to scroll says that it could not be read on, and asks again by hand", () => {
  const drawn = (failed: unknown, ended = false) => {
    const of = {
      data: [],
      error: null,
      isPending: false,
      refetch: async () => {},
      more: async () => {},
      ended,
      failed,
    };
    const list = createElement(Timeline, {
      of: of as never,
      lines: [],
      customer: undefined,
      label: "History",
      none: "Nothing happened",
    });
    return renderToStaticMarkup(createElement(MantineProvider, null, list));
  };
  const stuck = drawn(new ApiError(0, {}));
  expect(stuck).toContain('role="alert"');
  expect(stuck).toContain(">Try again<");
  expect(drawn(undefined)).not.toContain('role="alert"');
  expect(drawn(undefined, true)).toContain("Nothing happened");
});
