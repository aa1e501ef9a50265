import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Filters } from "./data";
import { dayOf, fieldOf, type Preset, wrongDays } from "./period";
import classes from "./reports.module.css";
import { useKey } from "./words";

export interface Days {
  first: Date;
  last: Date;
}

interface ChooseProps {
  preset: Preset;
  setPreset: (p: Preset) => void;
  days: Days;
  setDays: (d: Days) => void;
  filters: Filters;
  setFilters: (f: Filters) => void;
  choices: Record<keyof Filters, string[]>;
}

const presets = ["today", "week", "month", "own"] as const;
const kinds = ["queue", "network", "intent"] as const;

/** What a report is of. */
export function Choose({ preset, setPreset, days, setDays, filters, setFilters, choices }: ChooseProps) {
  const { t } = useTranslation("reports");
  const key = useKey();
  return (
    <div className={classes.choose}>
      <SegmentedControl
        size="xs"
        aria-label={t("period.label")}
        value={preset}
        onChange={(p) => setPreset(p as Preset)}
        data={presets.map((value) => ({ value, label: t(`period.${value}`) }))}
      />
      {preset === "own" && <Own days={days} set={setDays} />}
      <div className={classes.filters}>
        {kinds.map((kind) => (
          <Select
            key={kind}
            size="xs"
            aria-label={t(`by.${kind}`)}
            placeholder={t(`all.${kind}`)}
            clearable
            searchable={choices[kind].length > 8}
            value={filters[kind]}
            onChange={(value) => setFilters({ ...filters, [kind]: value })}
            data={choices[kind].map((value) => ({ value, label: key(kind, value) }))}
          />
        ))}
      </div>
    </div>
  );
}

function Own({ days, set }: { days: Days; set: (d: Days) => void }) {
  const { t } = useTranslation("reports");
  const [first, setFirst] = useState(fieldOf(days.first));
  const [last, setLast] = useState(fieldOf(days.last));
  const wrong = wrongDays(first, last, new Date());
  const change = (from: string, to: string) => {
    setFirst(from);
    setLast(to);
    if (!wrongDays(from, to, new Date())) set({ first: dayOf(from), last: dayOf(to) });
  };
  return (
    <div className={classes.own}>
      <TextInput
        type="date"
        size="xs"
        aria-label={t("period.first")}
        value={first}
        max={fieldOf(new Date())}
        onChange={(e) => change(e.currentTarget.value, last)}
        error={Boolean(wrong)}
      />
      <span aria-hidden>–</span>
      <TextInput
        type="date"
        size="xs"
        aria-label={t("period.last")}
        value={last}
        onChange={(e) => change(first, e.currentTarget.value)}
        error={Boolean(wrong)}
      />
      {wrong && (
        <span className={classes.wrong} role="alert">
          {t(`period.wrong.${wrong}`)}
        </span>
      )}
    </div>
  );
}
