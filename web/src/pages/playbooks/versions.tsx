import { Anchor, Badge, Button, NativeSelect, Text } from "@mantine/core";
import { IconArrowBackUp, IconArrowsDiff, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { useNames } from "@/api/queries/person";
import type { PlaybookView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Failed, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { ActivateButton, useActivate } from "./activate";
import { StateBadge } from "./badge";
import { Compare } from "./compare";
import { useDraft } from "./draft";
import classes from "./playbooks.module.css";
import { activeOf, beforeOf, titleOf, versionQuery } from "./query";

/** How many are shown at first; older ones on demand. */
const shownFirst = 12;

/** All versions, the one that decides marked; compare any two, go back to the one before. */
export function Versions({ versions }: { versions: PlaybookView[] }) {
  const { t } = useTranslation("playbooks");
  const session = useSession();
  const navigate = useNavigate();
  const [pair, setPair] = useState<[number, number]>();
  const [all, setAll] = useState(false);
  const active = activeOf(versions);
  const before = beforeOf(versions);
  const can = session.can("configure");
  const goBack = useReturn(active, before);
  const edit = () =>
    active && void navigate({ to: "/playbooks/$version", params: { version: String(active.version) } });
  const compare = () => active && setPair(pair ? undefined : [(before ?? active).version, active.version]);
  useShortcuts([
    { keys: "e", label: t(can ? "keys.edit" : "keys.open"), group: t("title"), run: edit },
    { keys: "c", label: t("keys.compare"), group: t("title"), run: compare },
    ...(can && before && active
      ? [{ label: t("return", { version: before.version }), group: t("title"), run: () => void goBack.run() }]
      : []),
  ]);
  if (versions.length === 0)
    return (
      <Panel title={t("versions")}>
        <Empty title={t("noVersions.title")} text={t("noVersions.text")} />
      </Panel>
    );
  return (
    <div className={classes.versions}>
      <Panel title={t("versions")} flush>
        <ul className={classes.list}>
          {versions.slice(0, all ? undefined : shownFirst).map((v) => (
            <Version
              key={v.version}
              of={v}
              compare={() =>
                setPair(v.active ? [(before ?? v).version, v.version] : [v.version, active?.version ?? v.version])
              }
            >
              {can && v.active && before && (
                <Button
                  variant="default"
                  leftSection={<IconArrowBackUp size={14} />}
                  loading={goBack.busy}
                  onClick={() => void goBack.run()}
                >
                  {t("return", { version: before.version })}
                </Button>
              )}
              {can && !v.active && <ActivateButton version={v.version} was={active} />}
            </Version>
          ))}
        </ul>
        {!all && versions.length > shownFirst && (
          <Button variant="subtle" m="xs" onClick={() => setAll(true)}>
            {t("older", { count: versions.length - shownFirst })}
          </Button>
        )}
      </Panel>
      {pair && <Difference versions={versions} pair={pair} setPair={setPair} close={() => setPair(undefined)} />}
    </div>
  );
}

/** Returns to the version before; undo lets the one that decided do so again. */
function useReturn(active: PlaybookView | undefined, before: PlaybookView | undefined) {
  const { t } = useTranslation("playbooks");
  const act = useAct();
  const { activate } = useActivate();
  return {
    busy: act.busy,
    run: async () => {
      if (!active || !before) return;
      await act.now(
        () =>
          take(
            api.POST("/v1/playbooks/{version}/return", {
              params: { path: { version: active.version }, header: { "Idempotency-Key": onceKey() } },
            }),
          ),
        {
          done: t("activated", { version: before.version }),
          touches: [["playbooks"]],
          undo: () => activate(active.version, undefined),
        },
      );
    },
  };
}

function Version({ of: v, compare, children }: { of: PlaybookView; compare: () => void; children: React.ReactNode }) {
  const { t } = useTranslation("playbooks");
  const session = useSession();
  const draft = useDraft(v.version);
  const name = useNames();
  const by = (who?: string) => (who?.startsWith("config:") ? t("config") : who ? name(who) : t("nobody"));
  return (
    <li className={classes.row} data-active={v.active || undefined}>
      <div className={classes.what}>
        <div className={classes.name}>
          <Anchor
            component={Link}
            to="/playbooks/$version"
            params={{ version: String(v.version) } as never}
            c="var(--ink)"
            fw={600}
            size="sm"
          >
            {t("version", { version: v.version })}
          </Anchor>
          <Text component="span" size="sm" truncate maw="14rem">
            {titleOf(v)}
          </Text>
          {v.built_in && <Badge color="gray">{t("builtIn")}</Badge>}
          {(v.active || draft) && <StateBadge active={v.active} edited={!!draft} />}
        </div>
        <div className={classes.when}>
          {t("publishedBy", { by: by(v.by) })}, <Ago at={v.at} />
          {v.active && v.activated_at && (
            <>
              {" · "}
              {t("activatedBy", { by: by(v.activated_by) })}, <Ago at={v.activated_at} />
            </>
          )}
        </div>
      </div>
      <div className={classes.does}>
        {children}
        <Button variant="default" leftSection={<IconArrowsDiff size={14} />} onClick={compare}>
          {t("compare.button")}
        </Button>
        <Button
          component={Link}
          to="/playbooks/$version"
          params={{ version: String(v.version) } as never}
          variant={v.active ? "filled" : "default"}
          leftSection={<IconPencil size={14} />}
        >
          {t(session.can("configure") ? "edit" : "open")}
        </Button>
      </div>
    </li>
  );
}

interface DifferenceProps {
  versions: PlaybookView[];
  pair: [number, number];
  setPair: (pair: [number, number]) => void;
  close: () => void;
}

function Difference({ versions, pair, setPair, close }: DifferenceProps) {
  const { t } = useTranslation(["playbooks", "ui"]);
  const first = useQuery(versionQuery(pair[0]));
  const second = useQuery(versionQuery(pair[1]));
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const data = versions.map((v) => ({
    value: String(v.version),
    label: `${t("version", { version: v.version })}, ${titleOf(v)}${v.active ? ` (${t("decides")})` : ""}`,
  }));
  const error = first.error ?? second.error;
  return (
    <div ref={place}>
      <Panel
        title={t("compare.title")}
        aside={
          <Button variant="subtle" color="gray" size="compact-xs" onClick={close}>
            {t("ui:close")}
          </Button>
        }
      >
        <div className={classes.pick}>
          <NativeSelect
            size="xs"
            label={t("compare.from")}
            data={data}
            value={String(pair[0])}
            onChange={(e) => setPair([Number(e.currentTarget.value), pair[1]])}
          />
          <NativeSelect
            size="xs"
            label={t("compare.to")}
            data={data}
            value={String(pair[1])}
            onChange={(e) => setPair([pair[0], Number(e.currentTarget.value)])}
          />
        </div>
        {error ? (
          <Failed error={error} />
        ) : first.data && second.data ? (
          <Compare
            key={pair.join(" ")}
            before={first.data.source ?? ""}
            after={second.data.source ?? ""}
            label={t("compare.title")}
          />
        ) : (
          <Loading />
        )}
      </Panel>
    </div>
  );
}
