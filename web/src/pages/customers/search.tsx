import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { IconSearch, IconUserSearch, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CustomerSummary } from "@/api/schema";
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
  const [at, setAt] = useState(0);
  const [side, setSide] = useState<"customers" | "cases">("customers");
  const narrow = useMediaQuery("(max-width: 62em)", false, { getInitialValueInEffect: false });
  const found = useInfiniteQuery(customersQuery(q));
  const items = useMemo(() => found.data?.pages.flatMap((p) => p.items ?? []) ?? [], [found.data]);
  const selected = items.length > 0 ? Math.min(at, items.length - 1) : -1;
  const one = items[selected];

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
  useShortcuts([
    { keys: "/", label: t("find"), group: t("title"), run: () => field.current?.focus(), hidden: true },
    { keys: "down", label: t("keys.next"), group: t("title"), run: () => move(1), hidden: true },
    { keys: "up", label: t("keys.previous"), group: t("title"), run: () => move(-1), hidden: true },
    { keys: "enter", label: t("keys.open"), group: t("title"), run: () => one && open(one.id), hidden: true },
  ]);
  const move = (by: number) => setAt(Math.max(0, Math.min(items.length - 1, selected + by)));
  const typed = (e: KeyboardEvent<HTMLInputElement>) => {
    if (e.nativeEvent.isComposing) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") move(e.key === "ArrowDown" ? 1 : -1);
    else if (e.key === "Enter" && one && q === text.trim() && !found.isPlaceholderData) open(one.id);
    else if (e.key === "Escape" && text) setText("");
    else if (e.key === "Escape") field.current?.blur();
    else return;
    e.preventDefault();
  };
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const showCases = q === "";
  return (
    <Page title={t("title")} fill>
      <div className={classes.search}>
        <section className={classes.left} aria-label={t("find")}>
          <div className={classes.bar}>
            <TextInput
              ref={field}
              type="search"
              role="combobox"
              aria-expanded={items.length > 0}
              aria-controls="customers-found"
              aria-label={t("find")}
              placeholder={t("placeholder")}
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              value={text}
              onChange={(e) => {
                setText(e.currentTarget.value);
                setAt(0);
              }}
              onKeyDown={typed}
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
            {found.data && t(found.hasNextPage ? "countMore" : "count", { count: items.length })}
          </p>
          {narrow && showCases && side === "cases" ? (
            <RecentCases />
          ) : (
            <div id="customers-found" className={classes.found} aria-busy={found.isPlaceholderData}>
              <Found items={items} at={selected} q={q} of={found} more={more} onSelect={setAt} />
            </div>
          )}
        </section>
        {!narrow && (showCases ? <RecentCases /> : <Preview key={one?.id} of={one} />)}
      </div>
    </Page>
  );
}

interface FoundProps {
  items: CustomerSummary[];
  at: number;
  q: string;
  of: { data: unknown; error: unknown; refetch: () => unknown; isFetchingNextPage: boolean };
  more: () => void;
  onSelect: (i: number) => void;
}

function Found({ items, at, q, of, more, onSelect }: FoundProps) {
  const { t } = useTranslation("customers");
  if (of.data === undefined) {
    return of.error ? <Failed error={of.error} retry={() => void of.refetch()} /> : <Loading lines={8} />;
  }
  if (items.length === 0) {
    return q ? (
      <Empty icon={<IconUserSearch />} title={t("none.title")} text={t("none.text")} />
    ) : (
      <Empty icon={<IconUsers />} title={t("nobody.title")} text={t("nobody.text")} />
    );
  }
  return (
    <List
      items={items}
      keyOf={(c) => c.id}
      estimate={62}
      selected={at}
      onEnd={more}
      label={t("found")}
      render={(c, i) => <CustomerRow of={c} current={i === at} onSelect={() => onSelect(i)} />}
      footer={of.isFetchingNextPage ? <Loading lines={2} /> : undefined}
    />
  );
}
