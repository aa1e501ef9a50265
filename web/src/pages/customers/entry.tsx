import { Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArchive,
  IconBell,
  IconBellPlus,
  IconBriefcase,
  IconCheck,
  IconFileText,
  IconFolder,
  IconHandStop,
  IconHeartHandshake,
  IconNote,
  IconSearch,
  IconSend,
  IconStar,
  IconUser,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { WhyLink } from "@/pages/why/link";
import { dateTime } from "@/ui/format";
import { Post } from "@/ui/post";
import { When } from "@/ui/time";
import classes from "./customers.module.css";
import { isOurs, type Line, withTimes } from "./logic";
import type { CustomerDetail, HistoryEntry } from "./queries";
import { useWords } from "./words";

const icons: Record<string, typeof IconCheck> = {
  event: IconBell,
  lookup: IconSearch,
  answer: IconFileText,
  case: IconFolder,
  work_item: IconBriefcase,
  promise: IconHeartHandshake,
  subscription: IconBellPlus,
  identity: IconUser,
  consent: IconHandStop,
  set_aside: IconArchive,
  alarm: IconAlertTriangle,
  rating: IconStar,
  note: IconNote,
  sent: IconSend,
  not_sent: IconAlertTriangle,
};

/** One line of the history: messages as they looked, everything else in a sentence. */
export function EntryLine({ of: { entry: e, end }, customer }: { of: Line; customer: CustomerDetail }) {
  const { t } = useTranslation("customers");
  const why = <WhyLink id={reasonOf(e, customer.id)} step={e.decision} of={t(`kind.${e.kind}` as never)} />;
  if (e.kind === "post" || e.kind === "reply" || e.kind === "staff") {
    return (
      <div className={classes.message}>
        <Message of={e} end={end} customer={customer} />
        {why}
      </div>
    );
  }
  return <Plain of={e} why={why} />;
}

/** Under what id the reason is found: the thing's own, else its case's, else the customer's. */
function reasonOf(e: HistoryEntry, customer: string): string {
  if (isOurs(e.ref)) return e.ref;
  return e.case_id || customer;
}

function Message({ of: e, end, customer }: { of: HistoryEntry; end?: HistoryEntry; customer: CustomerDetail }) {
  const { t } = useTranslation(["customers", "ui"]);
  const word = useWords();
  const identities = customer.identities ?? [];
  const writer = identities.find((i) => i.handle === e.by || i.author === e.by) ?? identities[0];
  const ours = e.kind !== "post";
  const state =
    e.kind === "reply" ? (
      end?.kind === "not_sent" ? (
        <Badge color="red">{word("not_sent", end.what) || t("kind.not_sent")}</Badge>
      ) : end ? (
        <Badge color="green">{t("history.sent")}</Badge>
      ) : (
        <Badge color="gray">{t("history.decided")}</Badge>
      )
    ) : e.what === "edited" || e.what === "deleted" ? (
      <Badge color="gray">{t(`ui:network.${e.what}`)}</Badge>
    ) : undefined;
  return (
    <Post
      network={writer?.network ?? ""}
      name={ours ? e.by || t("history.advocate") : customer.name}
      handle={ours ? undefined : e.by || writer?.handle || writer?.author}
      text={e.text || t("history.noText")}
      at={e.at}
      visibility={e.visibility}
      ours={ours}
      state={state}
    >
      {end?.kind === "not_sent" && end.text && <p className={classes.bad}>{end.text}</p>}
    </Post>
  );
}

function Plain({ of: e, why }: { of: HistoryEntry; why: ReactNode }) {
  const { t } = useTranslation("customers");
  const word = useWords();
  const Icon = icons[e.kind] ?? IconCheck;
  const bad = e.kind === "alarm" || e.kind === "not_sent" || (e.kind === "promise" && e.what === "broken");
  const what = e.kind === "event" || e.kind === "lookup" || e.kind === "answer" ? e.what : word("did", e.what);
  const text = withTimes(e.text ?? "", (at) => dateTime(at));
  return (
    <div className={classes.entry} data-bad={bad || undefined}>
      <Icon size={16} aria-hidden className={classes.entryIcon} />
      <span className={classes.entryText}>
        <strong>{t(`kind.${e.kind}` as never, { defaultValue: e.kind })}</strong> {what}
        {text && e.kind !== "sent" && (
          <>
            {" "}
            <span className={classes.dim}>{text}</span>
          </>
        )}
        {e.kind === "identity" && e.ref && <span className={classes.dim}> {e.ref}</span>}
        {e.by && <span className={classes.dim}> · {e.by}</span>}
      </span>
      <span className={classes.entryTime}>
        <When at={e.at} />
      </span>
      {why}
    </div>
  );
}
