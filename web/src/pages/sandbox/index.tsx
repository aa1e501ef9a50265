import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconEye, IconEyeOff, IconFlaskOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { sandboxQuery } from "@/api/queries/sandbox";
import type { SandboxInfo, SandboxPost } from "@/api/schema";
import { useAct } from "@/ui/act";
import { GoTo } from "@/ui/goto";
import { Page } from "@/ui/page";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Failed, Loading } from "@/ui/states";
import { word } from "@/ui/word";
import { Column } from "./column";
import { NetworkContext, personOf } from "./context";
import { Inside, InsideOf } from "./inside";
import { AddPerson } from "./people";
import classes from "./sandbox.module.css";
import { firstPeople, maxPeople } from "./thread";
import { useTimeline } from "./timeline";

/** Who was shown when the page was left; gone with the window, and nowhere stored. */
let lastPeople: string[] | undefined;

/** A small social network to try things on: made-up customers side by side. */
export function SandboxPage() {
  const { t } = useTranslation("sandbox");
  const info = useQuery({
    ...sandboxQuery,
    retry: (n, error) => n < 30 && !(error instanceof ApiError && error.final),
    retryDelay: 2000,
  });
  if (info.data) return <Board info={info.data} />;
  return (
    <Page title={t("title")}>
      {!info.error ? (
        <Loading />
      ) : info.error instanceof ApiError && info.error.status === 404 ? (
        <Empty
          icon={<IconFlaskOff />}
          title={t("off.title")}
          text={t("off.text")}
          action={
            <GoTo to="/connections" need="configure">
              {t("off.go")}
            </GoTo>
          }
        />
      ) : (
        <Failed error={info.error} retry={() => void info.refetch()} />
      )}
    </Page>
  );
}

function Board({ info }: { info: SandboxInfo }) {
  const { t } = useTranslation("sandbox");
  const queries = useQueryClient();
  const act = useAct();
  const phone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const [people, setPeopleState] = useState(() => lastPeople ?? firstPeople(info.customers ?? []));
  const [wanted, setWanted] = useState(people[0] ?? "");
  const [inside, setInside] = useState(info.inside);
  const [adding, setAdding] = useState(false);
  const [focus, setFocus] = useState({ handle: "", n: 0 });
  const [news, setNews] = useState("");
  const active = people.includes(wanted) ? wanted : (people[0] ?? "");

  const setPeople = (change: (was: string[]) => string[]) =>
    setPeopleState((was) => {
      lastPeople = change(was);
      return lastPeople;
    });
  const { posts, read, live, put } = useTimeline(people, (came) => {
    void queries.invalidateQueries({ queryKey: ["sandbox", "inside"] });
    const answer = came.find((p) => p.company && !p.deleted && p.to && people.includes(p.to));
    if (answer) setNews(newsOf(answer));
  });
  const newsOf = (p: SandboxPost) => t(`news.${p.visibility}`, { name: personOf(info, p.to ?? "").name, text: p.text });
  const network = useMemo(
    () => ({
      info,
      posts,
      read,
      put: (post: SandboxPost) => {
        put(post);
        void queries.invalidateQueries({ queryKey: ["sandbox", "inside"] });
      },
    }),
    [info, posts, read, put, queries],
  );

  const show = (handle: string) => {
    setPeople((was) => (was.includes(handle) ? was : [...was, handle].slice(0, maxPeople)));
    setWanted(handle);
    setFocus((was) => ({ handle, n: was.n + 1 }));
  };
  const remove = (handle: string) => {
    const place = people.indexOf(handle);
    void act.now(async () => setPeople((was) => was.filter((h) => h !== handle)), {
      done: t("people.removed", { name: personOf(info, handle).name }),
      undo: async () => setPeople((was) => (was.includes(handle) ? was : was.toSpliced(place, 0, handle))),
    });
  };
  const step = (by: number) => {
    const next = people[(people.indexOf(active) + by + people.length) % people.length] ?? "";
    setWanted(next);
    return next;
  };
  const group = t("title");
  useShortcuts([
    { keys: "n", label: t("key.write"), group, run: () => show(active) },
    { keys: "]", label: t("key.next"), group, run: () => show(step(1)) },
    { keys: "[", label: t("key.previous"), group, run: () => show(step(-1)) },
    { keys: "a", label: t("people.add"), group, run: () => people.length < maxPeople && setAdding(true) },
    ...(info.inside ? [{ keys: "i", label: t("inside.toggle"), group, run: () => setInside(!inside) }] : []),
  ]);

  return (
    <NetworkContext value={network}>
      <Page
        fill
        title={t("titleOf", { company: word("company", info.company) })}
        aside={
          <span role="status" className={classes.line} data-live={live || undefined}>
            {t(live ? "line.live" : read ? "line.again" : "line.connecting")}
          </span>
        }
        actions={
          <>
            {info.inside && (
              <Button
                variant="default"
                leftSection={inside ? <IconEyeOff size={16} /> : <IconEye size={16} />}
                aria-expanded={inside}
                onClick={() => setInside(!inside)}
              >
                {t(inside ? "inside.hide" : "inside.show")}
              </Button>
            )}
            <AddPerson shown={people} onAdd={show} opened={adding} onOpened={setAdding} />
          </>
        }
      >
        <div className={classes.board}>
          {phone && <PhoneTabs people={people} active={active} onActive={setWanted} step={step} info={info} />}
          <div className={classes.columns}>
            {people.map((handle) => (
              <Column
                key={handle}
                handle={handle}
                active={handle === active}
                told={inside && !phone && people.length > 1 && handle === active}
                tab={phone ? `tab-${handle}` : undefined}
                focus={focus.handle === handle ? focus.n : 0}
                onActive={() => setWanted(handle)}
                onRemove={people.length > 1 ? () => remove(handle) : undefined}
              />
            ))}
          </div>
          {inside && (
            <Inside handle={active} choice={phone ? [] : people} onChoose={setWanted}>
              <InsideOf key={active} handle={active} />
            </Inside>
          )}
        </div>
        <div aria-live="polite" className="sr-only">
          {news}
        </div>
      </Page>
    </NetworkContext>
  );
}

interface PhoneTabsProps {
  people: string[];
  active: string;
  info: SandboxInfo;
  onActive: (handle: string) => void;
  /** Goes to a neighbour and tells which it is. */
  step: (by: number) => string;
}

/** Where there is room for one customer only: which. */
function PhoneTabs({ people, active, info, onActive, step }: PhoneTabsProps) {
  const { t } = useTranslation("sandbox");
  const move = (e: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (by) document.getElementById(`tab-${step(by)}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={t("people.shown")} className={classes.phoneTabs}>
      {people.map((handle) => (
        <button
          key={handle}
          id={`tab-${handle}`}
          type="button"
          role="tab"
          aria-selected={handle === active}
          aria-controls={`as-${handle}`}
          tabIndex={handle === active ? 0 : -1}
          onClick={() => onActive(handle)}
          onKeyDown={move}
        >
          {personOf(info, handle).name}
        </button>
      ))}
    </div>
  );
}
