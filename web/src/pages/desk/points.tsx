import { Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconClockX,
  IconHandStop,
  IconHeartHandshake,
  IconInfoCircle,
  IconMessage,
  IconMoodSad,
  IconPackage,
  IconPhone,
  IconRepeat,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pointsQuery } from "@/api/queries/workitem";
import type { Point, WorkItemView } from "@/api/schema";
import { said } from "@/i18n/said";
import { Panel } from "@/ui/panel";
import { Read } from "@/ui/states";
import classes from "./item.module.css";

const icons: Record<Point["kind"], typeof IconCheck> = {
  care: IconAlertTriangle,
  order: IconPackage,
  unproven: IconHandStop,
  promise_broken: IconClockX,
  promise: IconHeartHandshake,
  said: IconMessage,
  again: IconRepeat,
  mood: IconMoodSad,
  unanswered: IconMessage,
  call: IconPhone,
  checked: IconCheck,
};

/** What stands beside anyway: promises in the head of the item, our messages in the conversation. */
const beside: ReadonlySet<Point["kind"]> = new Set(["promise", "said"]);

/** What to know and to say, from the facts; the weightiest first. */
export function Points({ item }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const points = useQuery(pointsQuery(item.id));
  return (
    <Panel title={t("points.title")}>
      <Read of={points} lines={3}>
        {(all) => {
          const list = all.filter((p) => !beside.has(p.kind));
          return list.length === 0 ? (
            <Text size="sm" c="var(--dim)">
              {t("points.none")}
            </Text>
          ) : (
            <ul className={classes.points}>
              {list.map((p) => {
                const Icon = icons[p.kind] ?? IconInfoCircle;
                return (
                  <li key={`${p.kind} ${p.text}`} data-kind={p.kind}>
                    <Icon size={15} stroke={1.8} aria-hidden />
                    <span dir="auto">{said(p.text, p.text_said, { theirs: item.time_zone })}</span>
                  </li>
                );
              })}
            </ul>
          );
        }}
      </Read>
    </Panel>
  );
}
