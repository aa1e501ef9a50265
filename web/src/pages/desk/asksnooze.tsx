import { Button, Checkbox, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { now as atServer } from "@/api/clock";
import { pointsQuery } from "@/api/queries/workitem";
import { fieldTime, shortTime } from "@/ui/format";
import type { AskProps } from "./asking";
import classes from "./item.module.css";
import { type Preset, presets, zoneOr } from "./times";

const hourMs = 3_600_000;

/** Until when; and, where the customer was promised an earlier call, what was agreed on with them. */
export function AskSnooze({ item: w, moves, onClose, onDone }: AskProps) {
  const { t } = useTranslation("desk");
  const [now] = useState(atServer);
  const zone = zoneOr(w.time_zone);
  const times = presets(now, zone);
  const [until, setUntil] = useState<Date>();
  const [agreed, setAgreed] = useState(false);
  const points = useQuery(pointsQuery(w.id));
  const own = zoneOr(undefined);
  const show = (at: Date) =>
    zone === own ? shortTime(at, now) : t("snooze.both", { here: shortTime(at, now), there: shortTime(at, now, zone) });
  // The rule of the API: a promise to call earlier stands, unless another time was agreed on.
  const promised = (points.data ?? [])
    .flatMap((p) => (p.kind === "promise" && p.at ? [Date.parse(p.at)] : []))
    .sort((a, b) => a - b)[0];
  const breaks = until !== undefined && promised !== undefined && promised < until.getTime();
  const put = async (at: Date, withPromise: boolean) => {
    const body = {
      until: at.toISOString(),
      ...(withPromise && { promise: { what: w.kind, by: new Date(at.getTime() + hourMs).toISOString() } }),
    };
    onClose();
    if (await moves.snooze(w, body, t("done.snoozed", { time: shortTime(at) }))) onDone();
  };
  const choose = (at: Date) => {
    setUntil(at);
    if (promised === undefined || promised >= at.getTime()) void put(at, false);
  };
  return (
    <div className={classes.ask}>
      <div className={classes.presets}>
        {(Object.keys(times) as Preset[]).map((name, i) => (
          <Button
            key={name}
            variant={until?.getTime() === times[name].getTime() ? "light" : "default"}
            size="sm"
            justify="space-between"
            className={classes.preset}
            rightSection={
              <Text span size="xs" c="var(--dim)">
                {show(times[name])}
              </Text>
            }
            onClick={() => choose(times[name])}
            data-autofocus={i === 0 || undefined}
          >
            {t(`snooze.${name}`)}
          </Button>
        ))}
      </div>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          const at = new Date(String(new FormData(e.currentTarget).get("until")));
          if (at.getTime() > atServer()) choose(at);
        }}
      >
        <Group align="end" gap="xs" wrap="nowrap">
          <TextInput
            type="datetime-local"
            name="until"
            label={t("snooze.pick")}
            min={fieldTime(new Date(now + 60_000))}
            max={fieldTime(new Date(now + 90 * 24 * hourMs))}
            required
            withAsterisk={false}
            flex={1}
          />
          <Button type="submit" size="sm" variant="default">
            {t("act.snooze")}
          </Button>
        </Group>
      </form>
      {breaks && until && (
        <div className={classes.warn} role="alert">
          <p className={classes.ruleText}>{t("snooze.promised", { time: shortTime(promised, now) })}</p>
          <Checkbox
            checked={agreed}
            onChange={(e) => setAgreed(e.currentTarget.checked)}
            label={t("snooze.agreed", {
              from: shortTime(until, now),
              to: shortTime(until.getTime() + hourMs, now),
            })}
          />
          <Button mt="xs" size="sm" disabled={!agreed} onClick={() => void put(until, true)}>
            {t("snooze.go")}
          </Button>
        </div>
      )}
      <Text size="xs" c="var(--dim)">
        {t("snooze.hint")}
      </Text>
    </div>
  );
}
