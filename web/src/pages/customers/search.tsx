import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { IconSearch, IconUserSearch, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CustomerSummary } from "@/api/schema";
import { type ListboxProps, type OptionProps, useCombobox } from "@/ui/combobox";
import { GoTo } from "@/ui/goto";
import { Keys } from "@/ui/kbd";
import { List } from "@/ui/list";
import { Page } from "@/ui/page";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Failed, Loading } from "@/ui/states";
import classes from "./customers.module.css";
import { setFinder } from "./find";
import { Preview } from "./preview";
import { customersQuery } from "./queries";
import { RecentCases } from "./recent";
import { CustomerRow } from "./row";

/** What was searched for last, so that coming back finds it: in memory, and nowhere else. */
let kept = "";

/** Everybody who has written: found as one types, with recent cases beside. */
export function CustomersPage() {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(kept);
  const [q] = useDebouncedValue(text.trim(), 180);
  const [side, setSide] = useState<"customers" | "cases">("customers");
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const found = useInfiniteQuery(customersQuery(q));
  const items = useMemo(() => found.data?.pages.flatMap((p) => p.items ?? []) ?? [], [found.data]);
  const showCases = q === "";
  const asList = !(narrow && showCases && side === "cases");
  const settled = q === text.trim() && !found.isPlaceholderData;

  useEffect(() => {
    kept = text;
  }, [text]);
  useEffect(() => {
    const here = () => {
      field.current?.focus();
      field.current?.select();
    };
    here();
    setFinder(here);
    return () => setFinder(undefined);
  }, []);

  const open = (id: string) => void navigate({ to: "/customers/$customer", params: { customer: id } });
  const box = useCombobox({
    ids: items.map((c) => c.id),
    typed: text,
    open: asList,
    pick: (i) => settled && items[i] && open(items[i].id),
    leave: () => (text ? setText("") : field.current?.blur()),
  });
  const one = items[box.at];
  useShortcuts([
    { keys: "/", label: t("find"), group: t("title"), run: () => field.current?.focus(), hidden: true },
    { keys: "down", label: t("keys.next"), group: t("title"), run: () => move(1), hidden: true },
    { keys: "up", label: t("keys.previous"), group: t("title"), run: () => move(-1), hidden: true },
    { keys: "enter", label: t("keys.open"), group: t("title"), run: () => one && open(one.id), hidden: true },
  ]);
  const move = (by: number) => items.length > 0 && box.choose(Math.max(0, Math.min(items.length - 1, box.at + by)));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const counted =
    items.length === 0
      ? t(q ? "none.title" : "nobody.title")
      : t(found.hasNextPage ? "countMore" : "count", { count: items.length });
  return (
    <Page title={t("title")} fill>
      <div className={classes.search}>
        <section className={classes.left} aria-label={t("find")}>
          <div className={classes.bar}>
            <TextInput
              ref={field}
              type="search"
              {...box.field}
              aria-label={t("find")}
              placeholder={t("placeholder")}
              spellCheck={false}
              maxLength={200}
              value={text}
              onChange={(e) => setText(e.currentTarget.value)}
              leftSection={<IconSearch size={16} />}
              rightSection={text ? undefined : <Keys of="/" />}
            />
            {narrow && showCases && (
              <SegmentedControl
                fullWidth
                size="xs"
                value={side}
                onChange={(v) => setSide(v as typeof side)}
                data={[
                  { value: "customers", label: t("title") },
                  { value: "cases", label: t("recent.title") },
                ]}
              />
            )}
          </div>
          <p className="sr-only" role="status">
            {settled && found.data && asList && counted}
          </p>
          {asList ? (
            <div className={classes.found} aria-busy={found.isPlaceholderData}>
              <Found items={items} q={q} of={found} more={more} box={box} />
            </div>
          ) : (
            <RecentCases />
          )}
        </section>
        {!narrow && (showCases ? <RecentCases /> : <Preview key={one?.id} of={one} />)}
      </div>
    </Page>
  );
}

interface FoundProps {
  items: CustomerSummary[];
  q: string;
  of: { data: unknown; error: unknown; refetch: () => unknown; isFetchingNextPage: boolean };
  more: () => void;
  box: { at: number; choose: (i: number) => void; listbox: ListboxProps; option: (i: number) => OptionProps };
}

function Found({ items, q, of, more, box }: FoundProps) {
  const { t } = useTranslation("customers");
  if (of.data === undefined) {
    return of.error ? <Failed error={of.error} retry={() => void of.refetch()} /> : <Loading lines={8} />;
  }
  if (items.length === 0) {
    return q ? (
      <Empty icon={<IconUserSearch />} title={t("none.title")} text={t("none.text")} />
    ) : (
      <Empty
        icon={<IconUsers />}
        title={t("nobody.title")}
        text={t("nobody.text")}
        action={
          <GoTo to="/connections" need="configure">
            {t("nobody.go")}
          </GoTo>
        }
      />
    );
  }
  return (
    <List
      items={items}
      keyOf={(c) => c.id}
      estimate={62}
      selected={box.at}
      onEnd={more}
      label={t("found")}
      listbox={box.listbox}
      render={(c, i) => <CustomerRow of={c} option={box.option(i)} onSelect={() => box.choose(i)} />}
      footer={of.isFetchingNextPage ? <Loading lines={2} /> : undefined}
    />
  );
}
