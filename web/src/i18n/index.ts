import i18next, { type BackendModule, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en";

/** One catalogue a language: a namespace for each part of the console. */
export type Catalogue = typeof en;
export type Namespace = keyof Catalogue;

export const languages = { en: "English", es: "Español" } as const;
export type Language = keyof typeof languages;

const chosenKey = "advocate.language";

/** What every page may say; the other texts come with the page that says them. */
const common: Namespace[] = ["app", "ui", "words", "said", "problems", "desk", "cases", "history"];

const files = import.meta.glob<{ default: object }>(["./en/*.json", "./es/*.json"]);

const backend: BackendModule = {
  type: "backend",
  init: () => {},
  read: (language, namespace, done) => {
    const file = files[`./${language}/${namespace}.json`];
    if (!file) {
      done(new Error(`there are no texts ${language}/${namespace}`), null);
      return;
    }
    file().then(
      (texts) => done(null, texts.default as never),
      (error) => done(error, null),
    );
  },
};

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
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: first,
      fallbackLng: false,
      ns: common,
      defaultNS: "app",
      interpolation: { escapeValue: false },
      returnNull: false,
    });
  document.documentElement.lang = first;
  return i18next;
}

/** Texts that are shown are read in the other language before it is chosen. */
export async function chooseLanguage(next: Language): Promise<void> {
  await i18next.changeLanguage(next);
  localStorage.setItem(chosenKey, next);
  document.documentElement.lang = next;
}
