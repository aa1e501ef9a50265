import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** The API's words in the viewer's language; a word that is not known stays as it is. */
export function useWords(): (group: string, raw: string | undefined) => string {
  const { t } = useTranslation("customers");
  return useCallback(
    (group, raw) => (raw ? t(`word.${group}.${raw}` as never, { defaultValue: raw.replaceAll("_", " ") }) : ""),
    [t],
  );
}

/** What a customer is called: their name, else how they write, else the id. */
export function nameOf(c: {
  id: string;
  name?: string;
  identities?: { handle?: string; author: string }[] | null;
}): string {
  const first = c.identities?.[0];
  return c.name || (first ? `@${first.handle || first.author}` : c.id);
}
