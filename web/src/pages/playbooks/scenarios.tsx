import { ActionIcon, Button, FileButton, Group, SegmentedControl, Text, Textarea } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconPlayerPlay, IconUpload, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { ScenarioResult, TestView } from "@/api/schema";
import { showError } from "@/ui/act";
import { span } from "@/ui/format";
import { Keys } from "@/ui/kbd";
import classes from "./dock.module.css";
import example from "./example.yaml?raw";

interface File {
  name: string;
  source: string;
}

/** The scenarios that somebody brought, kept while the window is open. */
let brought: { files: File[]; pasted: string; built: boolean } = { files: [], pasted: "", built: true };

const pastedName = "pasted.yaml";

export interface ScenarioRun {
  run: () => void;
}

interface ScenariosProps {
  name: string;
  source: string;
  /** Mistakes in the text: then nothing can be played. */
  broken: boolean;
  handle: { current: ScenarioRun | null };
}

/** Plays stories against the text as it stands, published or not. */
export function Scenarios({ name, source, broken, handle }: ScenariosProps) {
  const { t } = useTranslation("playbooks");
  const [state, setState] = useState(brought);
  const [result, setResult] = useState<{ view: TestView; of: string }>();
  const [since, setSince] = useState<number>();
  const abort = useRef<AbortController>(null);
  const change = (next: Partial<typeof brought>) => {
    brought = { ...brought, ...next };
    setState(brought);
  };
  useEffect(() => () => abort.current?.abort(), []);

  const own = [...state.files, ...(state.pasted.trim() ? [{ name: pastedName, source: state.pasted }] : [])];
  const ready = !broken && since === undefined && (state.built || own.length > 0);
  const run = async () => {
    if (!ready) return;
    const stop = new AbortController();
    abort.current = stop;
    setSince(Date.now());
    try {
      const body = { name, source, ...(state.built ? {} : { scenarios: own }) };
      const view = await take(api.POST("/v1/playbooks/test", { body, signal: stop.signal }));
      setResult({ view, of: source });
    } catch (error) {
      if (!stop.signal.aborted) showError(error);
    } finally {
      setSince(undefined);
    }
  };
  handle.current = { run: () => void run() };
  const add = async (picked: globalThis.File[]) => {
    const read = await Promise.all(picked.map(async (f) => ({ name: f.name, source: await f.text() })));
    const names = new Set(read.map((f) => f.name));
    change({ files: [...state.files.filter((f) => !names.has(f.name)), ...read] });
  };

  return (
    <div className={classes.scenarios}>
      <div className={classes.bring}>
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label={t("scenarios.which")}
          value={state.built ? "built" : "own"}
          onChange={(v) => change({ built: v === "built" })}
          data={[
            { value: "built", label: t("scenarios.built") },
            { value: "own", label: t("scenarios.own") },
          ]}
        />
        <Group gap="xs">
          <Button
            leftSection={<IconPlayerPlay size={14} />}
            rightSection={
              <span className={classes.key}>
                <Keys of="mod+enter" />
              </span>
            }
            variant="light"
            disabled={!ready && since === undefined}
            loading={since !== undefined}
            onClick={() => void run()}
          >
            {t("scenarios.run")}
          </Button>
          {since !== undefined && (
            <Button variant="subtle" color="gray" onClick={() => abort.current?.abort()}>
              {t("scenarios.stop")}
            </Button>
          )}
        </Group>
        {broken && (
          <Text size="xs" c="var(--warn)">
            {t("scenarios.broken")}
          </Text>
        )}
        {state.built ? (
          <Text size="xs" c="var(--dim)">
            {t("scenarios.builtHelp")}
          </Text>
        ) : (
          <>
            <Textarea
              size="xs"
              aria-label={t("scenarios.paste")}
              placeholder={t("scenarios.paste")}
              value={state.pasted}
              onChange={(e) => change({ pasted: e.currentTarget.value })}
              minRows={4}
              maxRows={9}
              autosize
              spellCheck={false}
              classNames={{ input: classes.code }}
            />
            <Group gap="xs">
              <FileButton multiple accept=".yaml,.yml,.txt" onChange={(f) => void add(f)}>
                {(p) => (
                  <Button {...p} variant="default" size="compact-xs" leftSection={<IconUpload size={13} />}>
                    {t("scenarios.add")}
                  </Button>
                )}
              </FileButton>
              {!state.pasted && (
                <Button variant="subtle" size="compact-xs" onClick={() => change({ pasted: example })}>
                  {t("scenarios.example")}
                </Button>
              )}
            </Group>
            {state.files.map((f) => (
              <Group key={f.name} gap="xs" wrap="nowrap" justify="space-between">
                <Text size="xs" truncate>
                  {f.name}
                </Text>
                <ActionIcon
                  aria-label={t("scenarios.remove", { name: f.name })}
                  onClick={() => change({ files: state.files.filter((x) => x !== f) })}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Group>
            ))}
          </>
        )}
      </div>
      <div className={classes.results} role="status">
        {since !== undefined ? (
          <Text size="sm" c="var(--dim)" p="xs">
            <Playing since={since} />
          </Text>
        ) : result ? (
          <Results view={result.view} old={result.of !== source} />
        ) : (
          <Text size="sm" c="var(--dim)" p="xs">
            {t("scenarios.none")}
          </Text>
        )}
      </div>
    </div>
  );
}

function Playing({ since }: { since: number }) {
  const { t } = useTranslation("playbooks");
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // Said once by screen readers, and not with every second.
  return (
    <>
      {t("scenarios.playing")} <span aria-hidden>{span(now - since)}</span>
    </>
  );
}

function Results({ view, old }: { view: TestView; old: boolean }) {
  const { t } = useTranslation("playbooks");
  const problems = view.problems ?? [];
  const results = view.results ?? [];
  const failed = results.filter((r) => !r.ok);
  const good = results.filter((r) => r.ok);
  if (problems.length > 0)
    return (
      <ul className={classes.list} aria-label={t("scenarios.problems")}>
        {problems.map((p) => (
          <li key={`${p.file} ${p.line} ${p.message}`} className={classes.problem}>
            <span className={classes.goto}>
              <IconCircleX size={16} aria-hidden className={classes.bad} />
              <span className={classes.line}>
                {p.file}
                {p.line ? `:${p.line}` : ""}
              </span>
              <span className={classes.what}>
                {p.message}
                {p.expected && <span className={classes.expected}>{t("problems.expected", { what: p.expected })}</span>}
              </span>
            </span>
          </li>
        ))}
      </ul>
    );
  return (
    <>
      <p className={classes.summary}>
        <span className={classes.good}>{t("scenarios.good", { count: view.good })}</span>
        {view.failed > 0 && <span className={classes.bad}>{t("scenarios.failed", { count: view.failed })}</span>}
        {old && <span>{t("scenarios.old")}</span>}
      </p>
      {failed.map((r) => (
        <Failed key={`${r.file} ${r.line}`} of={r} />
      ))}
      {good.length > 0 && (
        <details className={classes.passed} open={failed.length === 0 && good.length < 12}>
          <summary>{t("scenarios.passed", { count: good.length })}</summary>
          <ul>
            {good.map((r) => (
              <li key={`${r.file} ${r.line}`}>
                <IconCircleCheck size={14} aria-hidden className={classes.good} /> {r.name}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Failed({ of: r }: { of: ScenarioResult }) {
  return (
    <article className={classes.failure}>
      <h3>
        <IconCircleX size={15} aria-hidden className={classes.bad} /> {r.name}{" "}
        <span className={classes.line}>
          {r.file}:{r.line}
        </span>
      </h3>
      <ul>
        {(r.failures ?? []).map((f) => (
          <li key={`${f.line} ${f.text}`}>
            {f.line ? <span className={classes.line}>{f.line}</span> : null}
            <span>{f.text}</span>
          </li>
        ))}
      </ul>
    </article>
  );
}
