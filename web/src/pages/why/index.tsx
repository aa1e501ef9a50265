import { Badge, Button } from "@mantine/core";
import { IconZoomQuestion } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { ApiError } from "@/api/problem";
import { Page } from "@/ui/page";
import { Why } from "@/ui/problem";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { word } from "@/ui/word";
import { About } from "./about";
import { type ExplanationView, endsOf, kindOf, made, startOf, stepsOf } from "./logic";
import { StepCard } from "./step";
import classes from "./why.module.css";

export const explainQuery = (id: string) =>
  queryOptions({
    queryKey: ["explain", id],
    queryFn: ({ signal }) => take(api.GET("/v1/explain/{id}", { params: { path: { id } }, signal })),
    retry: (n, e) => n < 2 && !(e instanceof ApiError && e.final),
  });

/** Why anything happened, or did not: decision by decision, as a story. */
export function WhyPage() {
  const { t } = useTranslation("why");
  const { id } = useParams({ from: "/why/$id" });
  const { step } = useSearch({ from: "/why/$id" });
  const x = useQuery(explainQuery(id));
  const missing = x.error instanceof ApiError && (x.error.status === 404 || x.error.status === 409);
  return (
    <Page
      title={x.data ? t("titleOf", { what: word("thing", kindOf(x.data)) }) : t("title")}
      aside={x.data && <Badge color="gray">{t("steps", { count: x.data.records?.length ?? 0 })}</Badge>}
    >
      {missing && !x.data ? (
        <Empty
          icon={<IconZoomQuestion />}
          title={t("nothing")}
          text={<Why error={x.error} />}
          action={
            <Button component={Link} to="/customers" variant="default">
              {t("customers")}
            </Button>
          }
        />
      ) : (
        <Read of={x} lines={8}>
          {(data) => <Story key={`${id} ${step ?? ""}`} of={data} step={step} />}
        </Read>
      )}
    </Page>
  );
}

function Story({ of: x, step }: { of: ExplanationView; step?: number }) {
  const { t } = useTranslation("why");
  const steps = useMemo(() => stepsOf(x), [x]);
  const ends = useMemo(() => endsOf(x), [x]);
  const [first] = useState(() => startOf(steps, x, step));
  const makes = x.kind === "case" || x.kind === "customer" ? -1 : steps.findIndex((s) => made(s.record, x));
  const [at, setAt] = useState(first);
  const [open, setOpen] = useState<Set<string>>(() => new Set(steps[first] ? [steps[first].key] : []));
  const list = useRef<HTMLOListElement>(null);
  const head = (i: number) => list.current?.querySelector<HTMLButtonElement>(`[data-step="${i}"]`);
  const toggle = (key: string) =>
    setOpen((was) => {
      const next = new Set(was);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const go = (to: number) => {
    const i = Math.max(0, Math.min(steps.length - 1, to));
    setAt(i);
    head(i)?.focus({ preventScroll: true });
    head(i)?.scrollIntoView({ block: "nearest" });
  };
  const current = steps[at];
  useEffect(() => {
    if (first > 0) list.current?.querySelector(`[data-step="${first}"]`)?.scrollIntoView({ block: "center" });
  }, [first]);
  const group = t("title");
  useShortcuts([
    { keys: "j", label: t("keys.next"), group, run: () => go(at + 1), hidden: true },
    { keys: "k", label: t("keys.previous"), group, run: () => go(at - 1), hidden: true },
    {
      keys: "enter",
      label: t("keys.open"),
      group,
      hidden: true,
      // On a link or a button the key does what they do.
      run: () => {
        const on = document.activeElement;
        if (on instanceof HTMLElement && on.matches("a, button, summary")) on.click();
        else if (current) toggle(current.key);
      },
    },
    {
      keys: "e",
      label: t("keys.all"),
      group,
      run: () => setOpen(open.size < steps.length ? new Set(steps.map((s) => s.key)) : new Set()),
    },
    {
      keys: "f",
      label: t("keys.filter"),
      group,
      hidden: true,
      run: () => {
        if (current && !open.has(current.key)) toggle(current.key);
        requestAnimationFrame(() => {
          const details = list.current?.querySelector<HTMLDetailsElement>(`[data-of="${at}"] details`);
          if (!details) return;
          details.open = true;
          requestAnimationFrame(() => details.querySelector("input")?.focus());
        });
      },
    },
  ]);
  if (steps.length === 0) return <Empty icon={<IconZoomQuestion />} title={t("nothing")} text={t("nothingText")} />;
  return (
    <div className={classes.layout}>
      <ol ref={list} className={classes.steps}>
        {steps.map((s, i) => (
          <StepCard
            key={s.key}
            of={s}
            index={i}
            x={x}
            ends={ends}
            open={open.has(s.key)}
            current={i === at}
            asked={i === makes}
            toggle={() => {
              setAt(i);
              toggle(s.key);
            }}
          />
        ))}
      </ol>
      <About of={x} />
    </div>
  );
}
