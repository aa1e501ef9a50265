import { Button, CloseButton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUserQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { now } from "@/api/clock";
import { useLive } from "@/api/listening";
import type { LiveEvent } from "@/api/live";
import { offersQuery, useMe } from "@/api/queries/agent";
import type { ReservationView } from "@/api/schema";
import { headword } from "@/ui/word";
import { useActivity, wentMissing } from "./activities";
import { notify, useRinging, useTitle } from "./alarm";
import { OfferCard } from "./offer";
import classes from "./offer.module.css";
import { useOffers } from "./offers";
import { expectItem } from "./pane";

/** Follows the offers to the agent who is signed in, whatever page is open. */
export function DeskWatch() {
  const { agent, me } = useMe();
  if (!agent) return null;
  return (
    <>
      <Offers />
      {me && wentMissing(me) && <AreYouThere />}
    </>
  );
}

function Offers() {
  const { t } = useTranslation("desk");
  const { data } = useQuery(offersQuery);
  const { answering, accept, reject } = useOffers();
  const offers = (data ?? [])
    .filter((r) => answering.get(r.id) !== "rejecting")
    .sort((a, b) => (a.until ?? "").localeCompare(b.until ?? ""));
  const said = useAnnounced(offers);
  useEnded(data, answering);
  useRinging(offers.length > 0);
  const offered = offers.length > 0;
  useEffect(() => (offered ? expectItem() : undefined), [offered]);
  useTitle(offers.length, t("offer.window", { count: offers.length }));
  return (
    <>
      <div className="sr-only" role="alert" aria-live="assertive">
        {said}
      </div>
      {offers.length > 0 && (
        <div className={classes.strip}>
          {offers.map((offer, i) => (
            <OfferCard
              key={offer.id}
              offer={offer}
              first={i === 0}
              busy={answering.has(offer.id)}
              onAccept={() => void accept(offer)}
              onReject={(note) => reject(offer, note)}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** Says each new offer once: to who cannot see the card, and, by the system, to who looks elsewhere. */
function useAnnounced(offers: ReservationView[]): string {
  const { t } = useTranslation("desk");
  const [said, setSaid] = useState("");
  const known = useRef(new Map<string, () => void>());
  useEffect(() => {
    const here = new Set(offers.map((o) => o.id));
    for (const [id, close] of known.current) {
      if (here.has(id)) continue;
      close();
      known.current.delete(id);
    }
    for (const { id, work_item: w } of offers) {
      if (known.current.has(id)) continue;
      const what = { kind: headword("work_kind", w.kind), queue: w.queue };
      known.current.set(id, notify(id, t("offer.notice"), t("offer.noticeText", what)));
      setSaid(t("offer.said", what));
    }
    if (here.size === 0) setSaid("");
  }, [offers, t]);
  return said;
}

/** Says quietly why an offer is gone that was not answered here. */
function useEnded(items: ReservationView[] | undefined, answering: ReadonlyMap<string, string>): void {
  const { t } = useTranslation("desk");
  const live = useLive();
  const why = useRef(new Map<string, LiveEvent>());
  const known = useRef(new Map<string, ReservationView>());
  const answered = useRef(new Set<string>());
  useEffect(
    () =>
      live?.listen((e) => {
        if (e.type.startsWith("advocate.workitem.") && e.event.workitemid) {
          why.current.delete(e.event.workitemid);
          why.current.set(e.event.workitemid, e);
          const oldest = why.current.size > 200 && why.current.keys().next().value;
          if (oldest) why.current.delete(oldest);
        }
      }),
    [live],
  );
  useEffect(() => {
    for (const id of answering.keys()) answered.current.add(id);
    if (!items) return;
    const here = new Set(items.map((r) => r.id));
    for (const [id, r] of known.current) {
      if (here.has(id)) continue;
      known.current.delete(id);
      if (answered.current.has(id)) continue;
      const last = why.current.get(r.work_item.id);
      const late = r.until !== undefined && Date.parse(r.until) - now() < 1500;
      const message =
        last?.type === "advocate.workitem.canceled" || last?.type === "advocate.workitem.completed"
          ? t("offer.ended.canceled")
          : last?.type === "advocate.workitem.assigned"
            ? last.event.data?.agent === r.agent
              ? ""
              : t("offer.ended.taken")
            : last?.event.data?.why === "timeout" || (!last && late)
              ? t("offer.ended.timeout")
              : last?.event.data?.why === "rejected"
                ? ""
                : t("offer.ended.rescinded");
      if (message) notifications.show({ message, color: "gray", autoClose: 8000 });
    }
    for (const r of items) known.current.set(r.id, r);
  }, [items, answering, t]);
}

/** Who let several offers go by counts as away; they are asked, and say so with one key. */
function AreYouThere() {
  const { t } = useTranslation(["desk", "ui"]);
  const { set, busy } = useActivity();
  const [closed, setClosed] = useState(false);
  if (closed) return null;
  return (
    <section className={`${classes.strip} ${classes.there}`} role="alert" aria-label={t("there.title")}>
      <IconUserQuestion size={20} aria-hidden />
      <div>
        <Text size="sm" fw={600}>
          {t("there.title")}
        </Text>
        <Text size="sm" c="var(--dim)">
          {t("there.text")}
        </Text>
      </div>
      <Button loading={busy} onClick={() => void set("available")}>
        {t("there.back")}
      </Button>
      <CloseButton aria-label={t("ui:close")} onClick={() => setClosed(true)} />
    </section>
  );
}
