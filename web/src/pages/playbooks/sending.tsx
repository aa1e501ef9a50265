import { Button, SegmentedControl, Select, Text } from "@mantine/core";
import { IconHandStop, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { networksQuery } from "@/api/queries/connection";
import { useNames } from "@/api/queries/person";
import type { PlaybookView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Panel } from "@/ui/panel";
import { NetworkIcon } from "@/ui/post";
import { useShortcuts } from "@/ui/shortcuts";
import { Read } from "@/ui/states";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import { effective, type Mode, type Setting, useSwitch } from "./modes";
import { outline } from "./outline";
import classes from "./playbooks.module.css";
import { activeOf, type Switch, statusQuery, switchesQuery, versionQuery } from "./query";

/** Whether what is decided may leave: the stop, and the modes of networks and rules. */
export function Sending({ versions }: { versions: PlaybookView[] }) {
  const switches = useQuery(switchesQuery);
  return (
    <Read of={switches}>
      {(list) => (
        <>
          <div className={classes.top}>
            <Stop switches={list} />
          </div>
          <div className={classes.below}>
            <Modes switches={list} active={activeOf(versions)} />
          </div>
        </>
      )}
    </Read>
  );
}

function Stop({ switches }: { switches: Switch[] }) {
  const { t } = useTranslation("playbooks");
  const can = useSession().can("configure");
  const status = useQuery(statusQuery).data;
  const { set, busy } = useSwitch(switches);
  const name = useNames();
  const all = switches.find((s) => s.scope === "all");
  const stopped = all?.mode === "stopped";
  const flip = () => void set("all", stopped ? "live" : "stopped");
  useShortcuts(can ? [{ label: t(stopped ? "stop.start" : "stop.stop"), group: t("title"), run: flip }] : []);
  return (
    <Panel title={t(stopped ? "stop.isStopped" : "stop.title")} className={stopped ? classes.stopped : undefined}>
      <div className={classes.stop} role="status">
        {stopped && all ? (
          <>
            <Text size="sm" fw={600}>
              {t("since", { by: all.by ? name(all.by) : t("nobody") })} <Ago at={all.at} />
            </Text>
            <Text size="sm">
              {status && t("stop.waiting", { count: status.effects_pending })} {t("stop.meanwhile")}
            </Text>
          </>
        ) : (
          <Text size="sm" c="var(--dim)">
            {t("stop.text")}
          </Text>
        )}
        {can ? (
          <Button
            size="md"
            fullWidth
            color={stopped ? undefined : "red"}
            variant={stopped ? "filled" : "outline"}
            leftSection={stopped ? <IconPlayerPlay size={18} /> : <IconHandStop size={18} />}
            loading={busy}
            onClick={flip}
            className={stopped ? undefined : classes.halt}
          >
            {t(stopped ? "stop.start" : "stop.stop")}
          </Button>
        ) : (
          <Text size="sm" c="var(--dim)">
            {t("stop.mayNot")}
          </Text>
        )}
      </div>
    </Panel>
  );
}

const legend = ["live", "approve", "shadow", "stopped"] as const;

function Modes({ switches, active }: { switches: Switch[]; active: PlaybookView | undefined }) {
  const { t } = useTranslation("playbooks");
  const can = useSession().can("configure");
  const networks = useQuery(networksQuery).data ?? [];
  const source = useQuery(versionQuery(active?.version ?? 0)).data?.source ?? "";
  const rules = outline(source).filter((p) => p.kind === "rule");
  const [added, setAdded] = useState<string[]>([]);
  const named = (kind: string) =>
    switches.filter((s) => s.scope.startsWith(`${kind}:`)).map((s) => s.scope.slice(kind.length + 1));
  const networkNames = [...new Set([...networks, ...named("network")])].sort();
  const ruleNames = [...new Set([...named("rule"), ...added])].sort();
  const lines = new Map(rules.map((r) => [r.name, r.line]));
  const free = [...rules.map((r) => r.name), "csat", "(engine)"].filter((name) => !ruleNames.includes(name));
  return (
    <Panel title={t("modes.title")}>
      <div className={classes.modes}>
        <div className={classes.group}>
          <Scope scope="all" switches={switches} can={can}>
            {t("modes.all")}
          </Scope>
        </div>
        {networkNames.length > 0 && (
          <section className={classes.group}>
            <h3>{t("modes.networks")}</h3>
            {networkNames.map((name) => (
              <Scope key={name} scope={`network:${name}`} switches={switches} can={can}>
                <NetworkIcon network={name} size={15} /> {name}
              </Scope>
            ))}
          </section>
        )}
        <section className={classes.group}>
          <h3>{t("modes.rules")}</h3>
          {ruleNames.length === 0 && (
            <Text size="sm" c="var(--dim)" mb="xs">
              {t("modes.noRules")}
            </Text>
          )}
          {ruleNames.map((name) => (
            <Scope key={name} scope={`rule:${name}`} switches={switches} can={can}>
              {lines.has(name) && active ? (
                <Link
                  to="/playbooks/$version"
                  params={{ version: String(active.version) }}
                  search={{ line: lines.get(name) as number }}
                  className={classes.rule}
                >
                  {name}
                </Link>
              ) : (
                ruleLabel(t, name)
              )}
              {active && source && !lines.has(name) && !["csat", "(engine)"].includes(name) && (
                <small>{t("modes.unknownRule")}</small>
              )}
            </Scope>
          ))}
          {can && (
            <Select
              size="xs"
              mt="xs"
              searchable
              value={null}
              data={free.map((value) => ({ value, label: ruleLabel(t, value) }))}
              placeholder={t("modes.addRule")}
              aria-label={t("modes.addRule")}
              nothingFoundMessage={t("outline.nothing")}
              onChange={(name) => name && setAdded((was) => [...was, name])}
            />
          )}
        </section>
        <dl className={classes.legend}>
          {legend.map((mode) => (
            <div key={mode} style={{ display: "contents" }}>
              <dt>{headword("mode", mode)}</dt>
              <dd>{t(`modeHelp.${mode}`)}</dd>
            </div>
          ))}
        </dl>
        <Text size="xs" c="var(--dim)">
          {t("modes.order")}
        </Text>
      </div>
    </Panel>
  );
}

function ruleLabel(t: ReturnType<typeof useTranslation<"playbooks">>["t"], name: string): string {
  if (name === "csat") return t("modes.csat");
  return name === "(engine)" ? t("modes.engine") : name;
}

interface ScopeProps {
  scope: string;
  switches: Switch[];
  can: boolean;
  children: React.ReactNode;
}

/** One switch: what it is set to, by whom, and what holds instead where that is something else. */
function Scope({ scope, switches, can, children }: ScopeProps) {
  const { t } = useTranslation("playbooks");
  const { set, busy } = useSwitch(switches);
  const row = switches.find((s) => s.scope === scope);
  const setting: Setting = (row?.mode as Mode | undefined) ?? (scope === "all" ? "live" : "inherit");
  const name = useNames();
  const holds = effective(switches, scope);
  const label = scope === "all" ? t("modes.all") : scope.slice(scope.indexOf(":") + 1);
  const options: Setting[] = [...(scope === "all" ? [] : (["inherit"] as const)), ...legend];
  return (
    <div className={classes.mode}>
      <div className={classes.scope}>
        {children}
        {row && (
          <small>
            {t("since", { by: row.by ? name(row.by) : t("nobody") })} <Ago at={row.at} />
          </small>
        )}
      </div>
      <SegmentedControl
        styles={{ root: { flexWrap: "wrap", height: "auto" } }}
        size="xs"
        fullWidth
        aria-label={t("modes.of", { scope: label })}
        value={setting}
        readOnly={!can || busy}
        onChange={(next) => void set(scope, next as Setting)}
        data={options.map((value) => ({ value, label: headword("mode", value) }))}
      />
      {setting !== "inherit" && holds !== setting && <p className={classes.note}>{t("modes.overruled")}</p>}
    </div>
  );
}
