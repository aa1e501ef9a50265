import { Button, Text } from "@mantine/core";
import { IconLock, IconPlayerPause, IconPlayerPlay, IconTimeline } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kept } from "@/api/keeper";
import { useNames } from "@/api/queries/person";
import type { CaseView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Keys } from "@/ui/kbd";
import { Panel } from "@/ui/panel";
import { NetworkIcon } from "@/ui/post";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Failed, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { headword, word } from "@/ui/word";
import { became, lastPost, needsSomebody, type Step } from "./became";
import { newest } from "./data";
import classes from "./live.module.css";

/** Screen readers hear of new posts this often at most. */
const tellMs = 10_000;

/** Posts as they come in, with what is done about each; they can be held to be read. */
export function Feed({ kept, whole, retry }: { kept: Kept<CaseView>; whole: boolean; retry: () => void }) {
  const { t } = useTranslation("live");
  const [held, setHeld] = useState<CaseView[] | null>(null);
  const current = useMemo(() => newest(kept.items.values()), [kept.items]);
  const shown = held ?? current;
  const since = held?.[0] ? lastPost(held[0]) : "";
  const fresh = held ? current.filter((c) => lastPost(c) > since).length : 0;
  const turn = () => setHeld(held ? null : current);
  useShortcuts([{ keys: "h", label: t("keys.pause"), group: t("title"), run: turn }]);
  return (
    <Panel
      flush
      title={t("posts.title")}
      aside={
        <>
          {held && (
            <Text size="sm" c="var(--dim)" role="status">
              {fresh > 0 ? t("posts.new", { count: fresh }) : t("posts.paused")}
            </Text>
          )}
          <Button
            variant={held ? "filled" : "default"}
            leftSection={held ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            rightSection={
              <span className={classes.hint}>
                <Keys of="h" />
              </span>
            }
            aria-pressed={held !== null}
            onClick={turn}
          >
            {t(held ? "posts.resume" : "posts.pause")}
          </Button>
        </>
      }
    >
      <Arrivals posts={current} quiet={held !== null} />
      <Posts kept={kept} shown={shown} whole={whole} retry={retry} />
    </Panel>
  );
}

interface PostsProps {
  kept: Kept<CaseView>;
  shown: CaseView[];
  whole: boolean;
  retry: () => void;
}

function Posts({ kept, shown, whole, retry }: PostsProps) {
  const { t } = useTranslation("live");
  const session = useSession();
  if (!kept.ready) return kept.error ? <Failed error={kept.error} retry={retry} /> : <Loading lines={8} />;
  if (shown.length === 0)
    return (
      <Empty
        icon={<IconTimeline />}
        title={t("posts.empty")}
        text={t(whole ? "posts.emptyText" : "posts.emptySome")}
        action={
          whole &&
          session.can("supervise") && (
            <Button variant="default" renderRoot={(p) => <Link to="/sandbox" {...p} />}>
              {t("posts.sandbox")}
            </Button>
          )
        }
      />
    );
  return (
    // A region that scrolls has to be reachable by the keyboard.
    <section className={classes.posts} tabIndex={0} aria-label={t("posts.list")}>
      <ul className={classes.rows}>
        {shown.map((c) => (
          <li key={c.id}>
            <PostRow of={c} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One matter: its newest post and what is done about it. */
export function PostRow({ of: c }: { of: CaseView }) {
  const { t } = useTranslation(["live", "ui"]);
  const posts = (c.posts ?? []).filter((p) => p.from === "customer");
  const who = c.name || (c.handle ? `@${c.handle}` : writer(c.identity.author)) || t("posts.customer");
  return (
    <Link to="/cases/$case" params={{ case: c.id }} className={classes.post}>
      <NetworkIcon network={c.identity.network} size={16} />
      <span className={classes.head}>
        <Text component="span" size="sm" fw={600} className={classes.clip}>
          {who}
        </Text>
        {c.visibility === "private" && <IconLock size={13} aria-label={t("ui:visibility.private")} />}
        {posts.length > 1 && <span className={classes.dim}>{t("posts.nth", { n: posts.length })}</span>}
        {c.sentiment === "negative" && <span className={classes.dim}>{t("mood.negative")}</span>}
        <span className={`${classes.dim} ${classes.end}`}>
          <Ago at={lastPost(c)} />
        </span>
      </span>
      <p className={classes.quote} dir="auto">
        {posts.at(-1)?.gone ? <i>{t("posts.gone")}</i> : c.quote}
      </p>
      <Steps of={became(c)} />
    </Link>
  );
}

function Steps({ of }: { of: Step[] }) {
  const say = useStep();
  return (
    <ul className={classes.steps}>
      {of.map((s) => (
        <li key={say(s)} data-needs={needsSomebody(s) || undefined}>
          {say(s)}
        </li>
      ))}
    </ul>
  );
}

function useStep(): (s: Step) => string {
  const { t } = useTranslation("live");
  const name = useNames();
  return (s) => {
    switch (s.kind) {
      case "looked":
        return t(s.found ? "step.looked" : "step.lookedIn", { what: word("component", s.what) });
      case "notSent":
        return t(`step.notSent.${s.how}`);
      case "promised":
        return t("step.promised", { what: word("promise", s.what) });
      case "work":
        return t("step.work", { kind: headword("work_kind", s.what), state: word("work_state", s.state) });
      case "owner":
        return t("step.owner", { who: name(s.who) });
      case "aside":
        return t("step.asideWhy", { why: word("intent", s.why) });
      case "resolved":
        return s.how ? t("step.resolvedHow", { how: word("outcome", s.how) }) : t("step.resolved");
      default:
        return t(`step.${s.kind}`);
    }
  };
}

/** Tells screen readers how many came in, now and then. */
function Arrivals({ posts, quiet }: { posts: CaseView[]; quiet: boolean }) {
  const { t } = useTranslation("live");
  const [said, setSaid] = useState("");
  const told = useRef<string>(undefined);
  const latest = useRef(posts);
  latest.current = posts;
  useEffect(() => {
    if (quiet) return;
    const timer = setInterval(() => {
      const first = latest.current[0];
      if (!first) return;
      const since = told.current;
      told.current = lastPost(first);
      if (since === undefined) return;
      const count = latest.current.filter((c) => lastPost(c) > since).length;
      setSaid(count > 0 ? t("posts.came", { count }) : "");
    }, tellMs);
    return () => clearInterval(timer);
  }, [quiet, t]);
  return (
    <span className="sr-only" role="status">
      {said}
    </span>
  );
}

/** Who wrote, as far as their network's id can be read. */
function writer(author: string): string | undefined {
  return /^(did:|https?:)|^\d+$/.test(author) ? undefined : `@${author.replace(/^@/, "")}`;
}
