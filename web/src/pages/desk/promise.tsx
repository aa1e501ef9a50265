import { Button, CloseButton, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { now } from "@/api/clock";
import type { Promised } from "@/api/schema";
import { fieldTime } from "@/ui/format";
import type { Draft } from "./draft";
import classes from "./item.module.css";

/** What the customer was promised on the phone: the advocate keeps it like its own. */
export function PromiseFields({
  value,
  onChange,
}: {
  value: Draft["promise"];
  onChange: (next: Draft["promise"]) => void;
}) {
  const { t } = useTranslation("desk");
  if (!value) {
    const tomorrow = fieldTime(new Date(Math.ceil(now() / 3_600_000) * 3_600_000 + 24 * 3_600_000));
    return (
      <Button
        variant="subtle"
        size="compact-xs"
        className={classes.add}
        onClick={() => onChange({ what: "", by: tomorrow })}
      >
        {t("promise.add")}
      </Button>
    );
  }
  return (
    <fieldset className={classes.promise}>
      <legend>{t("promise.title")}</legend>
      <TextInput
        size="xs"
        label={t("promise.what")}
        placeholder={t("promise.whatPlaceholder")}
        value={value.what}
        onChange={(e) => onChange({ ...value, what: e.currentTarget.value })}
        maxLength={200}
        data-autofocus
      />
      <TextInput
        size="xs"
        type="datetime-local"
        label={t("promise.by")}
        value={value.by}
        onChange={(e) => onChange({ ...value, by: e.currentTarget.value })}
      />
      <CloseButton size="sm" aria-label={t("promise.remove")} onClick={() => onChange(undefined)} />
    </fieldset>
  );
}

/** A promise that is written out; one without words or time is none. */
export function promiseOf(p: Draft["promise"]): Promised | undefined {
  const what = p?.what.trim();
  if (!p || !what || !p.by) return undefined;
  return { what, by: new Date(p.by).toISOString() };
}
