import { useTranslation } from "react-i18next";
import type { ReportRow } from "@/api/schema";
import { Figure, Figures } from "@/ui/figure";
import { changeOf, type MeasureName, measures } from "./measures";
import { moved, written } from "./words";

/** Cases are told in rows alone: the tile of posts says here how many were resolved. */
type TileName = Exclude<MeasureName, "cases" | "resolved">;

const groups = {
  answering: ["posts", "alone", "first", "reopened"],
  people: ["work", "level", "waiting", "handling"],
  outcome: ["kept", "csat", "negative", "attempts"],
} as const satisfies Record<string, readonly TileName[]>;

interface TilesProps {
  of: ReportRow;
  before: ReportRow | undefined;
  /** Of one queue, where cases have no place. */
  queue: boolean;
}

/** The figures of a period, each with its change against the one before. */
export function Tiles({ of, before, queue }: TilesProps) {
  const { t } = useTranslation("reports");
  return (Object.keys(groups) as (keyof typeof groups)[]).map((group) => (
    <Figures key={group} label={t(`group.${group}`)}>
      {groups[group].map((name) => (
        <Tile key={name} name={name} of={of} before={before} queue={queue} />
      ))}
    </Figures>
  ));
}

/** What a report of a queue can tell. */
const ofWork: readonly MeasureName[] = ["work", "level", "waiting", "handling", "attempts"];

function Tile({ name, of, before, queue }: TilesProps & { name: TileName }) {
  const { t } = useTranslation("reports");
  const m = measures[name];
  const value = m.of(of);
  const second = m.second?.(of);
  const change = changeOf(m, value, before && m.of(before));
  const label = t(`measure.${name}.label`);
  const silent = queue && !ofWork.includes(name);
  return (
    <Figure
      label={label}
      value={value === undefined ? "–" : written(m.unit, value)}
      hint={{ name: t("hint", { figure: label }), text: t(`measure.${name}.hint`) }}
      noteTone={change?.tone}
      note={
        silent
          ? t("noQueue")
          : value === undefined
            ? t("nothing")
            : [
                change && t("change.than", { by: moved(m, change) }),
                second !== undefined &&
                  t(`measure.${name}.second`, { value: written(secondUnit(name), second), count: second }),
              ]
                .filter(Boolean)
                .join(" · ")
      }
    />
  );
}

function secondUnit(name: MeasureName): "count" | "seconds" | "share" {
  if (name === "negative") return "share";
  return measures[name].unit === "seconds" ? "seconds" : "count";
}
