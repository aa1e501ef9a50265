import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en";

/** One catalogue a language: a namespace for each part of the console. */
export type Catalogue = typeof en;
export type Namespace = keyof Catalogue;

export const languages = { en: "English", es: "Español" } as const;
export type Language = keyof typeof languages;

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en"),
  es: () => import("./es"),
};

const chosenKey = "advocate.language";

/** What was chosen, else the first of the browser's languages that we have. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(chosenKey) ?? "", ...navigator.languages].map((l) => l.slice(0, 2));
  return wanted.find((l): l is Language => l in languages) ?? "en";
}

/** The language in which texts, numbers and times are shown. */
export function language(): Language {
  return (i18next.language as Language) || "en";
}

export async function startTexts(first: Language = preferredLanguage()): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: first,
    fallbackLng: false,
    resources: { [first]: (await catalogues[first]()).default as never },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = first;
  return i18next;
}

export async function chooseLanguage(next: Language): Promise<void> {
  const { default: texts } = await catalogues[next]();
  for (const [namespace, entries] of Object.entries(texts)) {
    i18next.addResourceBundle(next, namespace, entries, true, true);
  }
  localStorage.setItem(chosenKey, next);
  await i18next.changeLanguage(next);
  document.documentElement.lang = next;
}
