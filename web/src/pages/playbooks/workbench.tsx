import { Badge, Button, Group, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlaybookView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Keys } from "@/ui/kbd";
import { Page } from "@/ui/page";
import { later } from "@/ui/part";
import { useShortcuts } from "@/ui/shortcuts";
import { Loading } from "@/ui/states";
import { ActivateButton } from "./activate";
import { StateBadge } from "./badge";
import { useCheck } from "./check";
import { Compare } from "./compare";
import { draftOf, dropDraft, keepDraft, useDraft } from "./draft";
import type { EditorHandle } from "./editor";
import { outline, placeAt } from "./outline";
import { OutlinePane, OutlineSelect } from "./outlinepane";
import { Problems } from "./problems";
import { Meanwhile, Publish } from "./publish";
import { activeOf, titleOf, vocabularyQuery } from "./query";
import { type ScenarioRun, Scenarios } from "./scenarios";
import classes from "./workbench.module.css";

const Editor = lazy(later(() => import("./editor")));

interface WorkbenchProps {
  base: PlaybookView;
  versions: PlaybookView[];
  line?: number;
}

/** A version's text with all that helps to change it, until the next version is published. */
export function Workbench({ base, versions, line: marked }: WorkbenchProps) {
  const { t } = useTranslation("playbooks");
  const session = useSession();
  const navigate = useNavigate();
  const act = useAct();
  const can = session.can("configure");
  const version = base.version;
  const source = base.source ?? "";
  const draft = useDraft(version);
  const text = draft?.text ?? source;
  const dirty = draft !== undefined;
  const newest = Math.max(0, ...versions.map((v) => v.version));
  const active = activeOf(versions);
  const decides = active?.version === version;
  const narrow = useMediaQuery("(max-width: 62em)");

  const [generation, setGeneration] = useState(0);
  const [at, setAt] = useState(marked ?? 1);
  const [tab, setTab] = useState<string | null>("problems");
  const [publishing, setPublishing] = useState(false);
  const [wanted, setWanted] = useState(false);
  const [told, setTold] = useState(0);
  const editor = useRef<EditorHandle>(null);
  const scenarios = useRef<ScenarioRun>(null);

  const words = useQuery(vocabularyQuery).data;
  const checked = useCheck(base.name, text, can);
  const checking = can && checked?.text !== text;
  const problems = checked?.problems ?? [];
  const places = useMemo(() => outline(text), [text]);

  const change = useCallback(
    (next: string) => {
      if (next === source) dropDraft(version);
      else keepDraft(version, { text: next, newest: draftOf(version)?.newest ?? newest });
    },
    [source, version, newest],
  );
  const replace = (next: string) => {
    change(next);
    setGeneration((n) => n + 1);
  };
  const discard = () => {
    const was = text;
    void act.now(async () => replace(source), { done: t("discarded"), undo: async () => replace(was) });
  };

  // Asked for before the answer of the check: it happens as soon as that is there.
  useEffect(() => {
    if (!wanted || checking || !checked) return;
    setWanted(false);
    if (checked.ok) setPublishing(true);
    else {
      setTab("problems");
      const first = checked.problems[0];
      if (first) editor.current?.showProblem(first);
      notifications.show({
        color: "red",
        role: "alert",
        message: checked.error || t("publish.broken", { count: checked.problems.length }),
      });
    }
  }, [wanted, checking, checked, t]);

  const publish = () => {
    if (!can || publishing) return;
    if (dirty) setWanted(true);
    else notifications.show({ message: t("publish.unchanged") });
  };
  const runScenarios = () => {
    setTab("scenarios");
    // The tab may only be opened by this.
    setTimeout(() => scenarios.current?.run());
  };
  useShortcuts([
    ...(can
      ? [
          { keys: "mod+s", label: t("keys.publish"), group: t("title"), inFields: true, run: publish },
          { keys: "mod+enter", label: t("keys.run"), group: t("title"), inFields: true, run: runScenarios },
          {
            keys: "f8",
            label: t("keys.next"),
            group: t("title"),
            inFields: true,
            run: () => editor.current?.nextProblem(),
          },
        ]
      : []),
    { keys: "/", label: t("keys.find"), group: t("title"), run: () => editor.current?.find() },
    { keys: "e", label: t("keys.text"), group: t("title"), run: () => editor.current?.goTo(at) },
  ]);

  const news = versions.filter((v) => v.version > Math.max(told, draft?.newest ?? newest));
  const here = placeAt(places, at);
  return (
    <Page
      fill
      title={t("page", { name: titleOf(base), version })}
      aside={<StateBadge active={decides} edited={dirty} builtIn={base.built_in} />}
      actions={
        <>
          {dirty && (
            <Button variant="subtle" color="gray" onClick={discard}>
              {t("discard")}
            </Button>
          )}
          {can && !dirty && !decides && <ActivateButton version={version} was={active} />}
          {can && (
            <Button
              disabled={!dirty}
              loading={wanted}
              onClick={publish}
              rightSection={
                <span className={classes.key}>
                  <Keys of="mod+s" />
                </span>
              }
            >
              {t("publish.button")}
            </Button>
          )}
        </>
      }
    >
      <div className={classes.bench}>
        {!narrow && (
          <div className={classes.side}>
            <OutlinePane places={places} line={at} goTo={(n) => editor.current?.goTo(n)} />
          </div>
        )}
        <div className={classes.middle}>
          {dirty && news[0] && (
            <div className={classes.news} role="status">
              <Meanwhile of={news[0]}>
                <Group gap="xs" mt={6}>
                  <Button variant="default" size="compact-xs" onClick={() => setTab("changes")}>
                    {t("meanwhile.compare")}
                  </Button>
                  <Button
                    component={Link}
                    to="/playbooks/$version"
                    params={{ version: String(news[0].version) } as never}
                    variant="default"
                    size="compact-xs"
                  >
                    {t("meanwhile.open")}
                  </Button>
                  <Button variant="subtle" size="compact-xs" onClick={() => setTold(newest)}>
                    {t("meanwhile.ok")}
                  </Button>
                </Group>
              </Meanwhile>
            </div>
          )}
          {narrow && (
            <div className={classes.jump}>
              <OutlineSelect places={places} line={at} goTo={(n) => editor.current?.goTo(n)} />
            </div>
          )}
          <div className={classes.editor}>
            <Suspense fallback={<Loading lines={12} />}>
              <Editor
                key={`${version} ${generation}`}
                text={text}
                readOnly={!can}
                label={t("page", { name: titleOf(base), version })}
                problems={can ? problems : []}
                line={marked}
                words={words}
                onChange={change}
                onLine={setAt}
                handle={editor}
              />
            </Suspense>
          </div>
          <footer className={classes.bar}>
            <span>
              {t("line", { line: at })}
              {here ? ` · ${here.name}` : ""}
            </span>
            <span className={classes.hint}>{t(can ? "leave" : "leaveReadOnly")}</span>
          </footer>
          {can ? (
            <Tabs value={tab} onChange={setTab} className={classes.dock} data-tab={tab} keepMounted={false}>
              <Tabs.List>
                <Tabs.Tab
                  value="problems"
                  rightSection={
                    problems.length > 0 && (
                      <Badge color="red" circle={problems.length < 10}>
                        {problems.length}
                      </Badge>
                    )
                  }
                >
                  {t("problems.title")}
                </Tabs.Tab>
                <Tabs.Tab value="scenarios">{t("scenarios.title")}</Tabs.Tab>
                <Tabs.Tab value="changes">{t("changes.title")}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="problems" className={classes.panel}>
                <div aria-live="polite">
                  <Problems
                    checked={checked}
                    checking={checking}
                    show={(p) => editor.current?.showProblem(p)}
                    mend={(p) => editor.current?.mend(p)}
                  />
                </div>
              </Tabs.Panel>
              <Tabs.Panel value="scenarios" className={classes.panel}>
                <Scenarios
                  name={base.name}
                  source={text}
                  broken={!checking && !!checked && !checked.ok}
                  handle={scenarios}
                />
              </Tabs.Panel>
              <Tabs.Panel value="changes" className={classes.panel}>
                <Changes base={base} text={text} />
              </Tabs.Panel>
            </Tabs>
          ) : (
            <p className={classes.mayRead}>{t("mayRead")}</p>
          )}
        </div>
      </div>
      <Publish
        key={String(publishing)}
        base={base}
        text={text}
        newest={draft?.newest ?? newest}
        opened={publishing}
        close={() => setPublishing(false)}
        done={(made) => {
          setPublishing(false);
          dropDraft(version);
          void navigate({ to: "/playbooks/$version", params: { version: String(made.version) } });
        }}
      />
    </Page>
  );
}

function Changes({ base, text }: { base: PlaybookView; text: string }) {
  const { t } = useTranslation("playbooks");
  return (
    <div className={classes.changes}>
      <Compare before={base.source ?? ""} after={text} label={t("changes.since", { version: base.version })} />
    </div>
  );
}
