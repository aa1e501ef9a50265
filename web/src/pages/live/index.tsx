import { SegmentedControl, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { skew } from "@/api/clock";
import { liveQuery } from "@/api/queries/live";
import type { LiveView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useNow } from "@/ui/clock";
import { shortTime } from "@/ui/format";
import { useOpenWork } from "@/ui/openwork";
import { Page } from "@/ui/page";
import { Read } from "@/ui/states";
import { Agents } from "./agents";
import { useAgents, useLevels, usePosts, useStuck } from "./data";
import { Feed } from "./feed";
import { Standing } from "./figures";
import classes from "./live.module.css";
import { Mood } from "./mood";
import { everything, type WorkFilter } from "./order";
import { AtRisk } from "./promises";
import { Queues } from "./queues";
import { Spikes } from "./spikes";
import { Work } from "./work";

/** What is older than this is said to be. */
const staleMs = 20_000;

const parts = ["now", "work", "posts", "agents"] as const;
type Part = (typeof parts)[number];

/** The contact center as it stands, while it happens. */
export function LivePage() {
  const { t } = useTranslation("live");
  const standing = useQuery(liveQuery);
  const now = useNow(5000);
  const at = standing.dataUpdatedAt && standing.dataUpdatedAt - skew.ms;
  return (
    <Page
      title={t("title")}
      aside={
        at > 0 && (
          <Text size="sm" c={now - at > staleMs ? "var(--warn)" : "var(--dim)"}>
            {now - at > staleMs ? t("stale", { time: shortTime(at) }) : ""}
          </Text>
        )
      }
    >
      <Read of={standing} lines={10}>
        {(data) => <Panels of={data} />}
      </Read>
    </Page>
  );
}

function Panels({ of }: { of: LiveView }) {
  const { t } = useTranslation("live");
  const session = useSession();
  const stuck = useStuck();
  const levels = useLevels();
  const agents = useAgents();
  const work = useOpenWork();
  const posts = usePosts();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const [part, setPart] = useState<Part>("now");
  const [filter, setFilter] = useState<WorkFilter>(everything);
  const on = (p: Part) => !phone || p === part;
  const whole = of.posts !== undefined;
  const queues = of.queues ?? [];
  const show = (f: Partial<WorkFilter>) => {
    setFilter({ ...everything, ...f });
    setPart("work");
  };
  return (
    <>
      <Spikes list={of.spikes ?? []} />
      {phone && (
        <div className={classes.tabs}>
          <SegmentedControl
            fullWidth
            aria-label={t("tabs.label")}
            value={part}
            onChange={(p) => setPart(p as Part)}
            data={parts.map((value) => ({ value, label: t(`tabs.${value}`) }))}
          />
        </div>
      )}
      {on("now") && <Standing of={of} stuck={stuck.data} />}
      {on("now") && !whole && (
        <p className={classes.note}>
          {session.queues.length > 0 || queues.length > 0
            ? t("some", { queues: queues.map((q) => q.queue).join(", ") })
            : t("none")}
        </p>
      )}
      <div className={classes.wide}>
        {session.can("read_customers") && on("posts") && <Feed kept={posts.kept} whole={whole} retry={posts.retry} />}
        {session.can("read_work") && on("work") && (
          <Work kept={work} agents={agents.data ?? []} queues={queues} filter={filter} setFilter={setFilter} />
        )}
      </div>
      <div className={classes.cards}>
        {on("now") && <AtRisk of={of.promises} />}
        {on("now") && <Queues list={queues} levels={levels.data} show={(queue) => show({ queue })} />}
        {session.can("read_work") && on("agents") && (
          <Agents list={agents.data ?? []} work={work.items} show={(holder) => show({ holder })} />
        )}
        {on("now") && whole && <Mood hours={of.sentiment ?? []} />}
      </div>
    </>
  );
}
