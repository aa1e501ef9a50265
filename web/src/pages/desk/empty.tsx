import { Button, Text } from "@mantine/core";
import { IconCoffee, IconFilterOff, IconHeadset, IconHeadsetOff, IconUserPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/queries/agent";
import { useSession } from "@/api/session";
import { GoTo } from "@/ui/goto";
import { Keys } from "@/ui/kbd";
import { Empty } from "@/ui/states";
import { useActivity } from "./activities";
import { BecomeAgent } from "./activity";
import classes from "./desk.module.css";
import type { Row } from "./waiting";

/** The list is empty: because of what was asked for, or since there is nothing to do. */
export function NothingToDo({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation("desk");
  const { can } = useSession();
  const { agent, me } = useMe();
  // Who works in no queue sees no work: that it is quiet would be said of nothing.
  if (!filtered && !can("supervise") && (!agent || (me && !me.queues?.length))) return null;
  return filtered ? (
    <Empty
      icon={<IconFilterOff />}
      title={t("empty.filtered")}
      action={
        <Button variant="default" onClick={onClear}>
          {t("empty.clear")}
        </Button>
      }
    />
  ) : (
    <Empty
      icon={<IconCoffee />}
      title={t("empty.list")}
      text={t("empty.listText")}
      action={<GoTo to="/customers">{t("empty.cases")}</GoTo>}
    />
  );
}

/** No item is open: what comes next, and what stands in its way. */
export function NothingOpen({ rows, onOpen }: { rows: Row[]; onOpen: (id: string) => void }) {
  const { t } = useTranslation("desk");
  const { can } = useSession();
  const { agent, me } = useMe();
  const { set, busy } = useActivity();
  if (!agent) {
    return (
      <Empty
        icon={<IconUserPlus />}
        title={t("noAgent.title")}
        text={can("supervise") ? t("noAgent.text") : t("noAgent.ask")}
        action={can("supervise") ? <BecomeAgent variant="filled" /> : undefined}
      />
    );
  }
  if (!me) return null;
  if (!me.queues?.length) return <NoQueue />;
  const own = rows.find((r) => "item" in r && r.section === "mine" && r.item.state !== "reserved");
  if (own) {
    return (
      <Empty
        icon={<IconHeadset />}
        title={t("empty.own")}
        action={<Button onClick={() => onOpen(own.id)}>{t("empty.ownOpen")}</Button>}
      />
    );
  }
  if (me.activity !== "available") {
    return (
      <Empty
        icon={<IconHeadsetOff />}
        title={t(me.activity === "offline" ? "empty.offline" : "empty.away")}
        text={t("empty.offlineText")}
        action={
          <Button loading={busy} onClick={() => void set("available")} rightSection={<Keys of="v a" />}>
            {t("empty.begin")}
          </Button>
        }
      />
    );
  }
  const waits = rows.some((r) => "item" in r && (r.section === "waiting" || r.section === "held"));
  return (
    <Empty
      icon={<IconHeadset />}
      title={t("empty.ready")}
      text={t(waits ? "empty.readyWaits" : "empty.readyText")}
      action={
        <Text component="div" size="sm" c="var(--dim)" className={classes.hints}>
          <span>
            <Keys of="j" /> <Keys of="k" /> {t("empty.move")}
          </span>
          <span>
            <Keys of="enter" /> {t("keys.open")}
          </span>
          <span>
            <Keys of="?" /> {t("empty.keys")}
          </span>
        </Text>
      }
    />
  );
}

/** An agent in no queue waits for nothing, however available. */
function NoQueue() {
  const { t } = useTranslation("desk");
  const may = useSession().can("supervise");
  return (
    <Empty
      icon={<IconHeadsetOff />}
      title={t("noAgent.title")}
      text={t(may ? "noAgent.noQueue" : "noAgent.ask")}
      action={
        may && (
          <Button renderRoot={(p) => <Link {...p} to="/people/$tab" params={{ tab: "agents" }} />}>
            {t("noAgent.queues")}
          </Button>
        )
      }
    />
  );
}

/** On a phone, where the list has all the room: what keeps offers away, above it. */
export function Standing() {
  const { t } = useTranslation("desk");
  const { can } = useSession();
  const { agent, me } = useMe();
  const { set, busy } = useActivity();
  if (agent && me && !me.queues?.length) return <NoQueue />;
  if (agent && (!me || me.activity === "available")) return null;
  return (
    <div className={classes.standing}>
      <Text size="sm" fw={600}>
        {agent ? t(me?.activity === "offline" ? "empty.offline" : "empty.away") : t("noAgent.title")}
      </Text>
      {agent ? (
        <Button loading={busy} onClick={() => void set("available")}>
          {t("empty.begin")}
        </Button>
      ) : can("supervise") ? (
        <BecomeAgent variant="filled" />
      ) : (
        <Text size="xs">{t("noAgent.ask")}</Text>
      )}
    </div>
  );
}
