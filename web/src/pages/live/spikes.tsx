import { Button, Drawer, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { Spike } from "@/api/schema";
import { useSession } from "@/api/session";
import { number, shortTime } from "@/ui/format";
import { Empty, Read } from "@/ui/states";
import { word } from "@/ui/word";
import { byLastPost } from "./became";
import { PostRow } from "./feed";
import classes from "./live.module.css";

const shownBehind = 100;

const keyOf = (s: Spike) => `${s.kind}/${s.name ?? ""}`;

/** What many post about, until somebody hides it; it comes back only when it is over and begins anew. */
export function Spikes({ list }: { list: Spike[] }) {
  const { t } = useTranslation("live");
  const session = useSession();
  const about = useAbout();
  const [hidden, setHidden] = useState<string[]>([]);
  const [open, setOpen] = useState<Spike | null>(null);
  const keys = list.map(keyOf);
  const still = hidden.filter((k) => keys.includes(k));
  if (still.length < hidden.length) setHidden(still);
  const shown = list.filter((s) => !hidden.includes(keyOf(s)));
  return (
    <>
      {/* Told once by screen readers: what changes afterwards are only numbers, which stand outside. */}
      <div className="sr-only" role="alert">
        {shown.map((s) => (
          <p key={keyOf(s)}>{about(s)}</p>
        ))}
      </div>
      {shown.map((s) => (
        <section key={keyOf(s)} className={classes.alarm} aria-label={about(s)}>
          <IconAlertTriangle size={20} aria-hidden />
          <div className={classes.alarmText}>
            <Text fw={600}>{about(s)}</Text>
            <p className={classes.dim}>
              {t("spike.count", { count: s.count, time: shortTime(s.since), usual: number(s.usual) })}
              {", "}
              {t("spike.factor", { times: number(s.factor, { maximumFractionDigits: 1 }) })}
            </p>
          </div>
          {session.can("read_customers") && (
            <Button variant="default" onClick={() => setOpen(s)}>
              {t("spike.see")}
            </Button>
          )}
          <Button variant="subtle" color="gray" c="var(--ink)" onClick={() => setHidden([...hidden, keyOf(s)])}>
            {t("spike.hide")}
          </Button>
        </section>
      ))}
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="md"
        title={open ? about(open) : t("spike.drawer")}
        padding="md"
      >
        {open && <Behind spike={open} />}
      </Drawer>
    </>
  );
}

function useAbout(): (s: Spike) => string {
  const { t } = useTranslation("live");
  return (s) => {
    if (s.kind === "posts" || !s.name) return t("spike.posts");
    return t("spike.about", { what: s.kind === "topic" || s.kind === "intent" ? word(s.kind, s.name) : s.name });
  };
}

function Behind({ spike }: { spike: Spike }) {
  const { t } = useTranslation("live");
  const about = spike.kind === "posts" ? undefined : `${spike.kind}/${spike.name}`;
  const cases = useQuery({
    queryKey: ["cases-list", "spike", about, spike.since],
    queryFn: () =>
      take(api.GET("/v1/cases", { params: { query: { about, updated_since: spike.since, limit: shownBehind } } })),
    staleTime: 30_000,
  });
  return (
    <Read of={cases}>
      {({ items, next }) =>
        items?.length ? (
          <>
            <ul className={classes.rows}>
              {items.toSorted(byLastPost).map((c) => (
                <li key={c.id}>
                  <PostRow of={c} />
                </li>
              ))}
            </ul>
            {next && <p className={classes.note}>{t("spike.more", { count: items.length })}</p>}
          </>
        ) : (
          <Empty title={t("spike.empty")} />
        )
      }
    </Read>
  );
}
