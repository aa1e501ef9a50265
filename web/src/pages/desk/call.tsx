import { Button, Group, Text } from "@mantine/core";
import { IconPhone, IconPhoneOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { now as atServer } from "@/api/clock";
import { useNames } from "@/api/queries/person";
import { callQuery } from "@/api/queries/workitem";
import type { CallView, WorkItemView } from "@/api/schema";
import { said } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { useNow } from "@/ui/clock";
import { clockIn, shortTime, span } from "@/ui/format";
import { Keys } from "@/ui/kbd";
import type { Moves } from "@/ui/moves";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Read } from "@/ui/states";
import { holderOf } from "@/ui/workitem";
import { useMayTake } from "./actions";
import classes from "./item.module.css";
import { zoneOr } from "./times";

/** When a call began here, so that the time of it can be shown; it is for the eyes alone. */
const began = new Map<string, number>();

/** The number, the customer's time, whether to call now; and the call. */
export function CallBox({ item: w, mine, moves }: { item: WorkItemView; mine: boolean; moves: Moves }) {
  const { t } = useTranslation("desk");
  const call = useQuery(callQuery(w.id));
  return (
    <Panel title={t("call.title")}>
      <Read of={call} lines={2}>
        {(plan) =>
          plan ? (
            <Ready item={w} plan={plan} mine={mine} moves={moves} />
          ) : (
            <Text size="sm" c="var(--dim)">
              {t("call.noNumber")}
            </Text>
          )
        }
      </Read>
    </Panel>
  );
}

interface ReadyProps {
  item: WorkItemView;
  plan: CallView;
  mine: boolean;
  moves: Moves;
}

function Ready({ item: w, plan, mine, moves }: ReadyProps) {
  const { t } = useTranslation("desk");
  const now = useNow(1000);
  const zone = zoneOr(plan.time_zone);
  const { dial, busy, calling } = useDialing(w);
  const may = plan.may_call || (plan.next !== undefined && Date.parse(plan.next) <= now);
  const active = mine && (w.state === "assigned" || w.state === "wrapping");
  const group = t("keys.item");
  const hangUp = () => void moves.wrap(w);
  useShortcuts([
    ...(active && may ? [{ keys: "c", label: t("call.call"), group, run: () => void dial(false) }] : []),
    ...(active && !may ? [{ keys: "alt+c", label: t("call.anyway"), group, run: () => void dial(true) }] : []),
    ...(mine && w.state === "assigned" ? [{ keys: "f", label: t("call.hangUp"), group, run: hangUp }] : []),
  ]);
  return (
    <div className={classes.call}>
      <div>
        <Text fw={620} className={classes.number}>
          {plan.number}
        </Text>
        <Text size="xs" c="var(--dim)">
          {t(`call.from.${plan.number_from}`)} · {t("call.there", { time: clockIn(zone, now) })}
        </Text>
      </div>
      {!may && (
        <div className={classes.warn} role="note">
          {t("call.notNow", { why: said(plan.why ?? "", plan.why_said) })}
          {plan.next && ` ${t("call.next", { time: shortTime(plan.next, now) })}`}
        </div>
      )}
      {active ? (
        <Group gap={6}>
          {may ? (
            <Button
              leftSection={<IconPhone size={15} />}
              rightSection={<Keys of="c" />}
              loading={busy}
              variant={calling ? "default" : "filled"}
              onClick={() => void dial(false)}
            >
              {t(calling ? "call.again" : "call.call")}
            </Button>
          ) : (
            <Button
              variant="default"
              color="orange"
              rightSection={<Keys of="alt+c" />}
              loading={busy}
              onClick={() => void dial(true)}
            >
              {t("call.anyway")}
            </Button>
          )}
          {w.state === "assigned" && (
            <Button
              variant="default"
              leftSection={<IconPhoneOff size={15} />}
              rightSection={<Keys of="f" />}
              loading={moves.busy}
              onClick={hangUp}
            >
              {t("call.hangUp")}
            </Button>
          )}
        </Group>
      ) : (
        <Text size="xs" c="var(--dim)">
          <Whose item={w} />
        </Text>
      )}
      <Text size="xs" c="var(--dim)" role="status">
        {active && calling !== undefined && w.state === "assigned"
          ? t("call.calling", { time: span(now - calling) })
          : ""}
      </Text>
    </div>
  );
}

/** Why there is no calling it from here: who has it, or what comes first. */
function Whose({ item: w }: { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const mayTake = useMayTake();
  const name = useNames();
  const holder = holderOf(w);
  if (mayTake(w)) return t("call.takeFirst");
  if (holder) return t(w.state === "reserved" ? "item.offeredTo" : "item.heldBy", { who: name(holder) });
  return t("call.others");
}

/** Has the telephone on this machine ring the number, once the server has noted the call. */
function useDialing(w: WorkItemView) {
  const queries = useQueryClient();
  const { now, busy } = useAct();
  const [calling, setCalling] = useState(began.get(w.id));
  const dial = (anyway: boolean) =>
    now(async () => {
      const plan = await take(
        api.POST("/v1/work-items/{id}/call", {
          params: { path: { id: w.id }, header: { "If-Match": `"${w.version}"`, "Idempotency-Key": onceKey() } },
          body: { anyway },
        }),
      );
      queries.setQueryData(callQuery(w.id).queryKey, plan);
      if (!plan.recorded) return;
      began.set(w.id, atServer());
      setCalling(atServer());
      const link = document.createElement("a");
      link.href = plan.link;
      link.click();
    });
  return { dial, busy, calling };
}
