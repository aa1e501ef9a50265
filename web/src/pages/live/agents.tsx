import { ActionIcon, Badge, Button, Menu, UnstyledButton } from "@mantine/core";
import { IconCheck, IconDots } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { AgentView, WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { GoTo } from "@/ui/goto";
import { Panel } from "@/ui/panel";
import { Empty } from "@/ui/states";
import { Ago } from "@/ui/time";
import { headword, word } from "@/ui/word";
import { holderOf } from "@/ui/workitem";
import classes from "./live.module.css";

const activities = ["available", "busy", "break", "offline"] as const;
type Activity = (typeof activities)[number];

const colors = {
  available: "teal",
  busy: "orange",
  break: "gray",
  offline: "gray",
  after_contact_work: "accent",
} as const;

interface AgentsProps {
  list: AgentView[];
  work: ReadonlyMap<string, WorkItemView>;
  /** Shows what an agent holds. */
  show: (agent: string) => void;
}

/** Who is there, what they are doing and what they hold. */
export function Agents({ list, work, show }: AgentsProps) {
  const { t } = useTranslation("live");
  const [away, setAway] = useState(false);
  const held = useMemo(() => {
    const counts = new Map<string, number>();
    for (const w of work.values()) {
      const who = holderOf(w);
      if (who) counts.set(who, (counts.get(who) ?? 0) + 1);
    }
    return counts;
  }, [work]);
  const known = list.filter((a) => !a.disabled);
  const offline = known.filter((a) => a.activity === "offline" && !held.get(a.id));
  const hide = offline.length > 3 && !away;
  const shown = hide ? known.filter((a) => !offline.includes(a)) : known;
  return (
    <Panel flush title={t("agents.title")}>
      {known.length === 0 ? (
        <Empty
          title={t("agents.empty")}
          text={t("agents.emptyText")}
          action={
            <GoTo to="/people" need="supervise">
              {t("agents.go")}
            </GoTo>
          }
        />
      ) : (
        <ul className={classes.rows}>
          {shown.toSorted(byDoing).map((a) => (
            <li key={a.id} className={classes.row}>
              <Agent of={a} holds={held.get(a.id) ?? 0} show={() => show(a.id)} />
            </li>
          ))}
          {offline.length > 3 && (
            <li className={classes.row}>
              <UnstyledButton className={classes.dim} onClick={() => setAway(!away)} aria-expanded={away} mih={24}>
                {away ? t("agents.hideAway") : t("agents.away", { count: offline.length })}
              </UnstyledButton>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}

/** Who is at work first, then by name. */
function byDoing(a: AgentView, b: AgentView): number {
  const order = ["after_contact_work", "busy", "available", "break", "offline"];
  return order.indexOf(a.doing) - order.indexOf(b.doing) || (a.name || a.id).localeCompare(b.name || b.id);
}

function Agent({ of: a, holds, show }: { of: AgentView; holds: number; show: () => void }) {
  const { t } = useTranslation("live");
  const may = useSession().can("supervise");
  const change = useActivityOf(a);
  return (
    <>
      <div className={classes.line}>
        <strong className={classes.clip}>{a.name || a.id}</strong>
        <Badge color={colors[a.doing]} c={a.doing === "available" ? "var(--good)" : "var(--ink)"}>
          {headword("activity", a.doing)}
        </Badge>
        <span className={classes.end} />
        {may && a.activity === "break" && (
          <Button
            size="compact-xs"
            variant="default"
            mih={24}
            aria-label={t("agents.endBreakOf", { name: a.name || a.id })}
            onClick={() => change("available")}
          >
            {t("agents.endBreak")}
          </Button>
        )}
        {may && <ActivityOf of={a} change={change} />}
      </div>
      <div className={`${classes.line} ${classes.dim}`}>
        <span>
          <Ago at={a.activity_since} />
        </span>
        {a.activity_reason && <span className={classes.clip}>{said(a.activity_reason, a.activity_reason_said)}</span>}
        {(a.missed ?? 0) > 0 && <span className={classes.warn}>{t("agents.missed", { count: a.missed ?? 0 })}</span>}
        <span className={`${classes.end} ${classes.clip}`}>{(a.queues ?? []).join(", ")}</span>
        <UnstyledButton
          onClick={show}
          disabled={holds === 0}
          c={holds === 0 ? "var(--dim)" : "var(--accent-ink)"}
          fz="inherit"
          mih={24}
          aria-label={t("agents.holdsLabel", { count: holds, capacity: a.capacity })}
        >
          {t("agents.holds", { n: holds, capacity: a.capacity })}
        </UnstyledButton>
      </div>
    </>
  );
}

function ActivityOf({ of: a, change }: { of: AgentView; change: (to: Activity) => void }) {
  const { t } = useTranslation("live");
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon aria-label={t("agents.change", { name: a.name || a.id })}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {activities.map((to) => (
          <Menu.Item
            key={to}
            onClick={() => change(to)}
            disabled={to === a.activity}
            rightSection={to === a.activity ? <IconCheck size={14} /> : undefined}
          >
            {headword("activity", to)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Says for an agent what they are doing, with the way back; for oneself it is the desk's. */
function useActivityOf(a: AgentView): (to: Activity) => void {
  const { t } = useTranslation("live");
  const act = useAct();
  const put = (activity: Activity, reason?: string) =>
    take(
      api.PUT("/v1/agents/{id}/activity", {
        params: { path: { id: a.id }, header: { "Idempotency-Key": onceKey() } },
        body: { activity, reason },
      }),
    );
  return (to) =>
    void act.now(() => put(to), {
      done: t("agents.changed", { name: a.name || a.id, activity: word("activity", to) }),
      undo: () => put(a.activity, a.activity_reason),
      touches: [["agents"], ["live"]],
    });
}
