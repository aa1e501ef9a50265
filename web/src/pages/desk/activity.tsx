import { Button, Menu, Switch, Text, UnstyledButton } from "@mantine/core";
import { IconBell, IconBellOff, IconChevronUp, IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { mineQuery, useMe } from "@/api/queries/agent";
import type { AgentView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said } from "@/i18n/said";
import { useBecoming } from "@/ui/becoming";
import { Keys } from "@/ui/kbd";
import { useLeaving } from "@/ui/leaving";
import { useShortcuts } from "@/ui/shortcuts";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import { activities, activityKeys, useActivity } from "./activities";
import classes from "./activity.module.css";
import { useNotifying, useSound } from "./alarm";

/** What the agent is doing, and how to change it. */
export function ActivityMenu() {
  const { agent, me } = useMe();
  if (!agent) return <NoAgent />;
  return me ? <Activity me={me} /> : null;
}

function Activity({ me }: { me: AgentView }) {
  const { t } = useTranslation("desk");
  const leaving = useLeaving();
  const going = (useQuery(mineQuery).data ?? []).filter((w) => leaving.has(w.id)).length;
  const { set, busy } = useActivity();
  const sound = useSound();
  const group = t("activities.title");
  useShortcuts(
    activities.map((a) => ({
      keys: `v ${activityKeys[a]}`,
      label: t("activities.become", { activity: headword("activity", a) }),
      group,
      run: () => void set(a),
    })),
  );
  return (
    <Menu position="top-start" width={270}>
      <Menu.Target>
        <UnstyledButton className={classes.button} data-doing={me.doing} disabled={busy}>
          <span className={classes.dot} aria-hidden />
          <span className={classes.words}>
            <Text size="sm" fw={600} truncate>
              {headword("activity", me.doing)}
            </Text>
            <Text size="xs" c="var(--dim)" truncate>
              {load(me, going, t)}
            </Text>
          </span>
          {!sound.on && <IconVolumeOff size={15} aria-label={t("sound.off")} />}
          <IconChevronUp size={15} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {headword("activity", me.activity)}: <Ago at={me.activity_since} />
          {me.activity_reason && ` · ${said(me.activity_reason, me.activity_reason_said)}`}
        </Menu.Label>
        {activities.map((a) => (
          <Menu.Item
            key={a}
            onClick={() => void set(a)}
            aria-current={me.activity === a || undefined}
            leftSection={<span className={classes.dot} data-doing={a} aria-hidden />}
            rightSection={<Keys of={`v ${activityKeys[a]}`} />}
          >
            {headword("activity", a)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("sound.label")}</Menu.Label>
        <Telling />
      </Menu.Dropdown>
    </Menu>
  );
}

/** What an agent holds, in a few words; what is about to be done counts no more, as in the list. */
function load(me: AgentView, going: number, t: ReturnType<typeof useTranslation<"desk">>["t"]): string {
  if (me.disabled) return t("activities.disabled");
  if (!me.queues?.length) return t("activities.noQueue");
  const held = Math.max(0, me.assigned + me.wrapping - going);
  if (me.offered > 0) return t("activities.offered", { count: me.offered });
  if (held > 0) return t("activities.load", { held, capacity: me.capacity });
  return me.activity === "available" ? t("activities.waiting") : t("activities.noOffers");
}

/** How one is told of offers: by sound, and by the system where one has allowed it. */
function Telling() {
  const { t } = useTranslation("desk");
  const sound = useSound();
  const notifying = useNotifying();
  return (
    <>
      <Menu.Item
        closeMenuOnClick={false}
        component="div"
        leftSection={sound.on ? <IconVolume size={15} /> : <IconVolumeOff size={15} />}
        rightSection={<Switch size="xs" checked={sound.on} readOnly tabIndex={-1} aria-hidden />}
        onClick={() => sound.setOn(!sound.on)}
        role="menuitemcheckbox"
        aria-checked={sound.on}
      >
        {t("sound.sound")}
      </Menu.Item>
      {sound.on && sound.blocked && (
        <Text size="xs" c="var(--warn)" px="sm" pb={4}>
          {t("sound.blocked")}
        </Text>
      )}
      {notifying.state === "default" && (
        <Menu.Item closeMenuOnClick={false} leftSection={<IconBell size={15} />} onClick={notifying.ask}>
          {t("notify.ask")}
        </Menu.Item>
      )}
      {notifying.state !== "default" && (
        <Text size="xs" c="var(--dim)" px="sm" pb={6} className={classes.state}>
          {notifying.state === "granted" ? <IconBell size={14} aria-hidden /> : <IconBellOff size={14} aria-hidden />}
          {t(`notify.${notifying.state}`)}
        </Text>
      )}
    </>
  );
}

/** Somebody who may work, and to whom nothing can be offered since nobody has made an agent of them. */
function NoAgent() {
  const { t } = useTranslation("desk");
  const { can } = useSession();
  if (!can("supervise")) {
    return (
      <Text size="xs" c="var(--dim)" className={classes.none}>
        {t("noAgent.ask")}
      </Text>
    );
  }
  return <BecomeAgent variant="subtle" />;
}

/** Makes an agent of who is signed in, for all the queues that their rights reach. */
export function BecomeAgent({ variant }: { variant: "subtle" | "filled" }) {
  const { t } = useTranslation("desk");
  const { become, busy } = useBecoming(t("noAgent.done"));
  return (
    <Button
      variant={variant}
      justify="flex-start"
      loading={busy}
      onClick={() => void become()}
      classNames={{ root: classes.become, label: classes.becomeWords }}
    >
      {t("noAgent.become")}
    </Button>
  );
}
