import { Anchor, Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBell,
  IconBolt,
  IconBriefcase,
  IconCheck,
  IconHandStop,
  IconHeartHandshake,
  IconId,
  IconNote,
  IconRss,
  IconSearch,
  IconSend,
  IconSendOff,
  IconShieldCheck,
  IconStar,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { CustomerDetail, HistoryEntry } from "@/api/schema";
import { said, saidAlone } from "@/i18n/said";
import classes from "./entry.module.css";
import { reasonOf, type Told } from "./history";
import { Post } from "./post";
import { When } from "./time";
import { WhyLink } from "./why";
import { happening, word } from "./word";

const icons: Record<string, typeof IconBolt> = {
  sent: IconSend,
  not_sent: IconSendOff,
  event: IconBell,
  lookup: IconSearch,
  answer: IconCheck,
  case: IconBriefcase,
  work_item: IconHandStop,
  promise: IconHeartHandshake,
  subscription: IconRss,
  identity: IconId,
  consent: IconShieldCheck,
  set_aside: IconArrowBackUp,
  alarm: IconAlertTriangle,
  rating: IconStar,
  note: IconNote,
};

function toneOf({ kind, what }: HistoryEntry): "bad" | "warn" | "ours" | undefined {
  if (kind === "alarm" || kind === "not_sent" || (kind === "promise" && what === "broken")) return "bad";
  if (kind === "promise" || kind === "work_item" || kind === "note") return "warn";
  return kind === "sent" ? "ours" : undefined;
}

interface EntryProps {
  of: Told;
  customer: CustomerDetail | undefined;
  /** The case whose history is shown: what belongs to another one names it. */
  within?: string;
}

/** One line of a history: messages as they looked, everything else in a sentence; each leads to its why. */
export function Entry({ of: { line, end }, customer, within }: EntryProps) {
  const message = line.kind === "post" || line.kind === "reply" || line.kind === "staff";
  const other = within && line.case_id && line.case_id !== within ? line.case_id : undefined;
  const id = reasonOf(line, customer?.id ?? "");
  const why = id && <WhyLink id={id} step={line.decision} of={happening(line.kind, line.what)} />;
  return (
    <div className={message ? classes.message : classes.entry} data-kind={line.kind} data-tone={toneOf(line)}>
      {message ? (
        <Message of={line} end={end} customer={customer} other={other} />
      ) : (
        <Plain of={line} customer={customer} other={other} />
      )}
      {why}
    </div>
  );
}

interface PartProps {
  of: HistoryEntry;
  customer: CustomerDetail | undefined;
  other: string | undefined;
}

function Message({ of: e, end, customer, other }: PartProps & { end: HistoryEntry | undefined }) {
  const { t } = useTranslation(["history", "ui"]);
  const name = useNames();
  const identities = customer?.identities ?? [];
  const writer = identities.find((i) => i.handle === e.by || i.author === e.by) ?? identities[0];
  const ours = e.kind !== "post";
  return (
    <Post
      network={writer?.network ?? ""}
      name={ours ? (e.by ? name(e.by) : t("advocate")) : customer?.name}
      handle={ours ? undefined : e.by || writer?.handle || writer?.author}
      text={e.text || t("noText")}
      at={e.at}
      visibility={e.visibility}
      ours={ours}
      state={<State of={e} end={end} />}
    >
      {end?.kind === "not_sent" && end.text && <p className={classes.bad}>{saidAlone(end.text, end.text_said)}</p>}
      {other && <Other id={other} />}
    </Post>
  );
}

/** What became of a message. */
function State({ of: e, end }: { of: HistoryEntry; end: HistoryEntry | undefined }) {
  const { t } = useTranslation(["history", "ui"]);
  if (e.kind === "reply") {
    if (!end) return <Badge color="gray">{t("decided")}</Badge>;
    if (end.kind === "sent") return <Badge color="green">{t("sent")}</Badge>;
    return <Badge color="red">{word("effect_state", end.what) || word("effect_state", "canceled")}</Badge>;
  }
  return e.what === "edited" || e.what === "deleted" ? (
    <Badge color="gray">{t(`ui:network.${e.what}`)}</Badge>
  ) : undefined;
}

function Plain({ of: e, other }: PartProps) {
  const name = useNames();
  const Icon = icons[e.kind] ?? IconBolt;
  const text = textOf(e);
  return (
    <>
      <span className={classes.icon}>
        <Icon size={15} aria-hidden />
      </span>
      <span className={classes.what}>
        <strong>{happening(e.kind, e.what)}</strong>
        {text && (
          <>
            {" "}
            <span className={classes.text} dir="auto">
              {text}
            </span>
          </>
        )}
        {e.by && <span className={classes.dim}> · {name(e.by)}</span>}
        {other && (
          <>
            {" · "}
            <Other id={other} />
          </>
        )}
      </span>
      <span className={classes.at}>
        <When at={e.at} />
      </span>
    </>
  );
}

/** What a line says beside its head. */
function textOf(e: HistoryEntry): string {
  if (e.kind === "sent" || e.text === "answered") return "";
  const text = said(e.text ?? "", e.text_said);
  return e.kind === "identity" ? [text, e.ref].filter(Boolean).join(" ") : text;
}

function Other({ id }: { id: string }) {
  const { t } = useTranslation("history");
  return (
    <Anchor c="var(--accent-ink)" size="sm" renderRoot={(p) => <Link to="/cases/$case" params={{ case: id }} {...p} />}>
      {t("case", { id: id.split("-").at(-1) })}
    </Anchor>
  );
}
