import { Select } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "@/api/queries/queue";
import { useSession } from "@/api/session";
import { GoTo } from "@/ui/goto";
import { List } from "@/ui/list";
import { Empty, Failed, Loading } from "@/ui/states";
import { headword, word, wordsOf } from "@/ui/word";
import { CaseLine } from "./case";
import classes from "./customers.module.css";
import { type CaseFilter, networksQuery, recentCasesQuery } from "./queries";

/** Cases of all customers, changed last first, through a filter. */
export function RecentCases() {
  const { t } = useTranslation("customers");
  const [filter, setFilter] = useState<CaseFilter>({});
  const cases = useInfiniteQuery(recentCasesQuery(filter));
  const items = cases.data?.pages.flatMap((p) => p.items ?? []) ?? [];
  const filtered = Object.values(filter).some(Boolean);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = cases;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <section className={classes.right} aria-labelledby="recent-title">
      <header className={classes.bar}>
        <h2 id="recent-title" className={classes.heading}>
          {t("recent.title")}
        </h2>
        <Filters of={filter} set={setFilter} />
      </header>
      <div className={classes.found} aria-busy={cases.isPlaceholderData}>
        {cases.data === undefined ? (
          cases.error ? (
            <Failed error={cases.error} retry={() => void cases.refetch()} />
          ) : (
            <Loading lines={8} />
          )
        ) : items.length === 0 && !hasNextPage ? (
          <Empty
            icon={<IconInbox />}
            title={t(filtered ? "recent.none" : "recent.empty")}
            text={t(filtered ? "recent.noneText" : "recent.emptyText")}
            action={!filtered && <GoTo to="/sandbox">{t("recent.sandbox")}</GoTo>}
          />
        ) : (
          <List
            items={items}
            keyOf={(k) => k.id}
            estimate={74}
            onEnd={more}
            label={t("recent.title")}
            render={(k) => <CaseLine of={k} who={k.name || (k.handle && `@${k.handle}`) || k.identity.author} />}
          />
        )}
      </div>
    </section>
  );
}

function Filters({ of, set }: { of: CaseFilter; set: (f: CaseFilter) => void }) {
  const { t } = useTranslation("customers");
  const session = useSession();
  const queues = useQuery({ ...queuesQuery, enabled: session.can("read_work") });
  const networks = useQuery({ ...networksQuery, enabled: session.can("read_setup") });
  const put = (name: keyof CaseFilter) => (value: string | null) => set({ ...of, [name]: value ?? undefined });
  const field = (name: keyof CaseFilter, data: { value: string; label: string }[], searchable = false) => (
    <Select
      size="xs"
      aria-label={t(`recent.${name}`)}
      placeholder={t(`recent.${name}`)}
      data={data}
      value={of[name] ?? null}
      onChange={put(name)}
      clearable
      searchable={searchable}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      className={classes.filter}
    />
  );
  return (
    <fieldset className={classes.filters} aria-label={t("recent.filter")}>
      {field(
        "state",
        ["unresolved", "open", "waiting", "resolved"].map((v) => ({ value: v, label: headword("case_state", v) })),
      )}
      {field(
        "queue",
        (queues.data ?? []).map((x) => ({ value: x.queue, label: x.queue })),
        true,
      )}
      {field("owner", [
        { value: "me", label: t("recent.me") },
        { value: "-", label: t("recent.nobody") },
      ])}
      {field(
        "intent",
        wordsOf("intent").map((v) => ({ value: v, label: headword("intent", v) })),
        true,
      )}
      {field(
        "network",
        (networks.data ?? []).map((v) => ({ value: v, label: word("network", v) })),
      )}
    </fieldset>
  );
}
