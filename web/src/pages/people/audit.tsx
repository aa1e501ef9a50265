import { Badge, Button, Select, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconListSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { AuditView } from "@/api/schema";
import { Snippet } from "@/ui/copy";
import { dateTime, exactTime } from "@/ui/format";
import { List } from "@/ui/list";
import { Panel } from "@/ui/panel";
import { Empty, Read } from "@/ui/states";
import { word, wordsOf } from "@/ui/word";
import classes from "./people.module.css";
import { type Run, runsOf } from "./runs";

const pageSize = 100;
/** So many more rows a page must have brought for the list to read on by itself. */
const worthIt = 20;
/** So many times of a run are shown at once. */
const timesShown = 50;
const hourMs = 3_600_000;
const spans = { hour: hourMs, day: 24 * hourMs, week: 7 * 24 * hourMs, month: 30 * 24 * hourMs, all: 0 } as const;
type Span = keyof typeof spans;

interface Filter {
  by: string;
  action: string | null;
  object: string;
  customer: string;
  span: Span;
}
const nothing: Filter = { by: "", action: null, object: "", customer: "", span: "all" };

/** Who saw or changed what, newest first. */
export function Audit() {
  const { t } = useTranslation(["people", "ui"]);
  const [filter, setFilter] = useState<Filter>(nothing);
  const [asked] = useDebouncedValue(filter, 300);
  const [open, setOpen] = useState<string | null>(null);
  const log = useInfiniteQuery({
    queryKey: ["audit", asked],
    queryFn: ({ pageParam }) =>
      take(api.GET("/v1/audit", { params: { query: { ...queryOf(asked), cursor: pageParam, limit: pageSize } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    // Looking is itself written down: it is read when asked for.
    refetchOnWindowFocus: false,
  });
  const pages = log.data?.pages;
  const runs = useMemo(() => runsOf((pages ?? []).flatMap((p) => p.items ?? [])), [pages]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = log;
  const readAt = useRef({ asked, rows: 0 });
  const readOn = useCallback(() => {
    readAt.current = { asked, rows: runs.length };
    void fetchNextPage();
  }, [asked, runs.length, fetchNextPage]);
  // Where pages fold into few rows the list's end is always in view: going on by itself would read the whole
  // log, and each reading is another row of it. Then it goes on when asked to.
  const onEnd = useCallback(() => {
    const before = readAt.current.asked === asked ? readAt.current.rows : 0;
    if (hasNextPage && !isFetchingNextPage && runs.length >= before + worthIt) readOn();
  }, [asked, hasNextPage, isFetchingNextPage, runs.length, readOn]);
  return (
    <Panel
      title={t("audit.title")}
      about={t("audit.about")}
      aside={
        <Button variant="default" onClick={() => void log.refetch()} loading={log.isRefetching}>
          {t("audit.again")}
        </Button>
      }
      flush
    >
      <Filters value={filter} change={setFilter} />
      <Read of={log}>
        {() =>
          runs.length === 0 ? (
            <Empty
              icon={<IconListSearch />}
              title={t("audit.none")}
              text={t("audit.noneText")}
              action={
                <Button variant="default" onClick={() => setFilter(nothing)}>
                  {t("audit.clear")}
                </Button>
              }
            />
          ) : (
            <div className={classes.audit}>
              <List
                label={t("audit.title")}
                items={runs}
                keyOf={(run) => run.key}
                estimate={58}
                onEnd={onEnd}
                render={(run) => (
                  <Entry of={run} open={open === run.key} toggle={() => setOpen(open === run.key ? null : run.key)} />
                )}
                footer={
                  <p className={classes.foot}>
                    {hasNextPage ? (
                      <Button variant="default" size="xs" onClick={readOn} loading={isFetchingNextPage}>
                        {t("audit.older")}
                      </Button>
                    ) : (
                      t("ui:list.end")
                    )}
                  </p>
                }
              />
            </div>
          )
        }
      </Read>
    </Panel>
  );
}

/** What is asked of the API. "Since" is to the minute, so that the same filter is the same question for a while. */
export function queryOf(f: Filter, now = Date.now()) {
  const since = spans[f.span] && Math.floor((now - spans[f.span]) / 60_000) * 60_000;
  return {
    ...(f.by.trim() && { by: f.by.trim() }),
    ...(f.action && { action: f.action }),
    ...(f.object.trim() && { object: f.object.trim() }),
    ...(f.customer.trim() && { customer: f.customer.trim() }),
    ...(since && { since: new Date(since).toISOString() }),
  };
}

function Filters({ value, change }: { value: Filter; change: (f: Filter) => void }) {
  const { t } = useTranslation("people");
  const text = (key: "by" | "object" | "customer", hint: string) => (
    <TextInput
      size="xs"
      label={t(`audit.${key}`)}
      placeholder={hint}
      value={value[key]}
      onChange={(e) => change({ ...value, [key]: e.currentTarget.value })}
      autoComplete="off"
    />
  );
  return (
    <search className={classes.filters}>
      {text("by", t("audit.byHint"))}
      <Select
        size="xs"
        label={t("audit.action")}
        placeholder={t("audit.any")}
        value={value.action}
        onChange={(action) => change({ ...value, action })}
        data={choices()}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t("audit.any") }}
      />
      {text("object", "webhook/…")}
      {text("customer", "c…")}
      <Select
        size="xs"
        label={t("audit.since")}
        value={value.span}
        onChange={(span) => span && change({ ...value, span: span as Span })}
        data={(Object.keys(spans) as Span[]).map((s) => ({ value: s, label: t(`audit.span.${s}`) }))}
        allowDeselect={false}
      />
    </search>
  );
}

/** Actions by their words. Two of the same words, a call's and a command's, are told apart by their names. */
function choices() {
  const words = Map.groupBy(wordsOf("action"), (action) => word("action", action));
  return [...words]
    .flatMap(([label, same]) =>
      same.map((value) => ({ value, label: same.length > 1 ? `${label} (${value})` : label })),
    )
    .sort((a, b) => a.label.localeCompare(b.label));
}

const tones: Record<string, string> = { refused: "yellow", failed: "red" };

function Entry({ of: { rows }, open, toggle }: { of: Run; open: boolean; toggle: () => void }) {
  const { t } = useTranslation("people");
  const [newest] = rows;
  const outcome = word("audit_outcome", newest.outcome);
  return (
    <>
      <UnstyledButton className={classes.entry} onClick={toggle} aria-expanded={open}>
        <span className={classes.dim}>{dateTime(newest.at)}</span>
        <span>
          <strong>{newest.by || t("audit.nobody")}</strong> {word("action", newest.action)}
          {newest.object && <span className={classes.dim}> {newest.object}</span>}
          {rows.length > 1 && (
            <span className={classes.dim}>
              {" "}
              · {t("audit.times", { count: rows.length, since: dateTime((rows.at(-1) ?? newest).at) })}
            </span>
          )}
        </span>
        {newest.outcome !== "ok" ? <Badge color={tones[newest.outcome] ?? "gray"}>{outcome}</Badge> : <span />}
      </UnstyledButton>
      {open && (
        <div className={classes.detail}>
          <span className={classes.dim}>
            {[newest.action, t("audit.via", { via: newest.via }), newest.from && t("audit.from", { from: newest.from })]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {newest.customer_id && (
            <Link to="/customers/$customer" params={{ customer: newest.customer_id }} className={classes.link}>
              {t("audit.toCustomer")}
            </Link>
          )}
          {rows.length > 1 ? <Times of={rows} /> : <Detail of={newest} />}
        </div>
      )}
    </>
  );
}

/** When each of a run was, newest first. */
function Times({ of }: { of: AuditView[] }) {
  const { t } = useTranslation("ui");
  const [most, setMost] = useState(timesShown);
  return (
    <>
      <ol className={classes.times}>
        {of.slice(0, most).map((row) => (
          <li key={row.seq}>
            <time dateTime={row.at} className={classes.dim}>
              {exactTime(row.at)}
            </time>
            <Detail of={row} />
          </li>
        ))}
      </ol>
      {of.length > most && (
        <Button variant="subtle" size="compact-xs" onClick={() => setMost(most + timesShown)}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

function Detail({ of }: { of: AuditView }) {
  const { t } = useTranslation("people");
  return of.detail ? <Snippet label={t("audit.detail")} text={JSON.stringify(of.detail, null, 2)} wrap /> : null;
}
