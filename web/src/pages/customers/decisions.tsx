import { IconRoute } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { RecordView } from "@/api/schema";
import { List } from "@/ui/list";
import { Empty, Failed, Loading } from "@/ui/states";
import { When } from "@/ui/time";
import { WhyLink } from "@/ui/why";
import { headword, word } from "@/ui/word";
import classes from "./customers.module.css";
import { decisionsQuery } from "./queries";

/** Every decision of a customer's advocate, newest first, each with its reasons a step away. */
export function Decisions({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const decisions = useInfiniteQuery(decisionsQuery(id));
  const items = decisions.data?.pages.flatMap((p) => p.items ?? []) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = decisions;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (decisions.data === undefined) {
    return decisions.error ? (
      <Failed error={decisions.error} retry={() => void decisions.refetch()} />
    ) : (
      <Loading lines={8} />
    );
  }
  if (items.length === 0) return <Empty icon={<IconRoute />} title={t("decisions.none")} />;
  return (
    <List
      items={items}
      keyOf={(r) => `${r.customer_id} ${r.version}`}
      estimate={58}
      onEnd={more}
      label={t("history.decisions")}
      render={(r) => <Decision of={r} id={id} />}
      footer={isFetchingNextPage ? <Loading lines={2} /> : undefined}
    />
  );
}

function Decision({ of: r, id }: { of: RecordView; id: string }) {
  const { t } = useTranslation("customers");
  const came = [...new Set((r.inputs ?? []).map((i) => headword("input", i.kind)))].join(", ");
  const fired = (r.rules ?? []).filter((x) => x.outcome === "fired").map((x) => x.rule);
  const led = [...new Set((r.entries ?? []).map((e) => word("entry", e.kind)))];
  const about = (r.entries ?? []).find((e) => e.case_id)?.case_id ?? id;
  return (
    <div className={classes.entry}>
      <span className={classes.number}>{r.version}</span>
      <span className={classes.entryText}>
        <strong>{came}</strong> {led.length > 0 && <>→ {led.join(", ")}</>}
        {fired.length > 0 && (
          <>
            <br />
            <span className={classes.dim}>
              {t("decisions.fired", { count: fired.length })}: {fired.join(", ")}
            </span>
          </>
        )}
      </span>
      <span className={classes.entryTime}>
        <When at={r.at} />
      </span>
      <WhyLink id={about} step={r.version} of={t("decisions.number", { number: r.version })} />
    </div>
  );
}
