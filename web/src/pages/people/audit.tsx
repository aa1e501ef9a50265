import { Badge, Button, Select, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconListSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { AuditView } from "@/api/schema";
import { Snippet } from "@/ui/copy";
import { dateTime } from "@/ui/format";
import { List } from "@/ui/list";
import { Panel } from "@/ui/panel";
import { Empty, Read } from "@/ui/states";
import { actions, useActionName } from "./actions";
import classes from "./people.module.css";

const pageSize = 100;
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
  const [open, setOpen] = useState<number | null>(null);
  const log = useInfiniteQuery({
    queryKey: ["audit", asked],
    queryFn: ({ pageParam }) =>
      take(api.GET("/v1/audit", { params: { query: { ...queryOf(asked), cursor: pageParam, limit: pageSize } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    // Looking is itself written down: it is read when asked for.
    refetchOnWindowFocus: false,
  });
  const rows = (log.data?.pages ?? []).flatMap((p) => p.items ?? []);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = log;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <Panel
      title={t("audit.title")}
      aside={
        <Button variant="default" onClick={() => void log.refetch()} loading={log.isRefetching}>
          {t("audit.again")}
        </Button>
      }
      flush
    >
      <p className={classes.about}>{t("audit.about")}</p>
      <Filters value={filter} change={setFilter} />
      <Read of={log}>
        {() =>
          rows.length === 0 ? (
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
                items={rows}
                keyOf={(row) => String(row.seq)}
                estimate={58}
                onEnd={onEnd}
                render={(row) => (
                  <Entry of={row} open={open === row.seq} toggle={() => setOpen(open === row.seq ? null : row.seq)} />
                )}
                footer={
                  <p className={classes.foot}>
                    {t(isFetchingNextPage ? "ui:loading" : hasNextPage ? "ui:more" : "ui:list.end")}
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
  const name = useActionName();
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
        data={choices(name)}
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
function choices(name: (action: string) => string) {
  const words = Map.groupBy(actions, name);
  return [...words]
    .flatMap(([label, same]) =>
      same.map((value) => ({ value, label: same.length > 1 ? `${label} (${value})` : label })),
    )
    .sort((a, b) => a.label.localeCompare(b.label));
}

const tones: Record<string, string> = { refused: "yellow", failed: "red" };

function Entry({ of, open, toggle }: { of: AuditView; open: boolean; toggle: () => void }) {
  const { t } = useTranslation("people");
  const name = useActionName();
  const outcome = tones[of.outcome] ? t(`audit.outcome.${of.outcome as "refused"}`) : of.outcome;
  return (
    <>
      <UnstyledButton className={classes.entry} onClick={toggle} aria-expanded={open}>
        <span className={classes.dim}>{dateTime(of.at)}</span>
        <span>
          <strong>{of.by || t("audit.nobody")}</strong> {name(of.action)}
          {of.object && <span className={classes.dim}> {of.object}</span>}
        </span>
        {of.outcome !== "ok" ? <Badge color={tones[of.outcome] ?? "gray"}>{outcome}</Badge> : <span />}
      </UnstyledButton>
      {open && (
        <div className={classes.detail}>
          <span className={classes.dim}>
            {[of.action, t("audit.via", { via: of.via }), of.from && t("audit.from", { from: of.from })]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {of.customer_id && (
            <Link to="/customers/$customer" params={{ customer: of.customer_id }} className={classes.link}>
              {t("audit.toCustomer")}
            </Link>
          )}
          {of.detail ? <Snippet label={t("audit.detail")} text={JSON.stringify(of.detail, null, 2)} wrap /> : null}
        </div>
      )}
    </>
  );
}
