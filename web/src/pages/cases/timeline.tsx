import { SegmentedControl, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBell,
  IconBolt,
  IconBriefcase,
  IconCheck,
  IconHandStop,
  IconHeartHandshake,
  IconHistory,
  IconId,
  IconMessage,
  IconMessageReply,
  IconNote,
  IconRss,
  IconSearch,
  IconSend,
  IconSendOff,
  IconShieldCheck,
  IconStar,
} from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { dateTime } from "@/ui/format";
import { Keys } from "@/ui/kbd";
import { List } from "@/ui/list";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { When } from "@/ui/time";
import { useNames } from "./data";
import { dueIn, type Filter, filters, groupOf, type Line, useHistory } from "./history";
import { To } from "./link";
import { Mark } from "./mark";
import classes from "./timeline.module.css";
import { word } from "./words";

const icons: Record<string, typeof IconBolt> = {
  post: IconMessage,
  reply: IconMessageReply,
  sent: IconSend,
  not_sent: IconSendOff,
  staff: IconMessageReply,
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

/** Everything that happened, as one list: of this case, or of all the customer's. */
export function Timeline({ id, customer }: { id: string; customer: string }) {
  const { t } = useTranslation("cases");
  const [filter, setFilter] = useState<Filter>("all");
  const [everything, setEverything] = useState(false);
  const history = useHistory(customer, everything ? undefined : id);
  const { more, ended } = history;
  const group = t("title");
  useShortcuts([
    ...filters.map((f, i) => ({
      keys: `${i + 1}`,
      label: t("keys.filter", { filter: t(`filter.${f}`) }),
      group,
      run: () => setFilter(f),
    })),
    { keys: "0", label: t("keys.scope"), group, run: () => setEverything(!everything) },
  ]);
  const lines = useMemo(
    () => (history.data ?? []).filter((l) => filter === "all" || groupOf(l) === filter),
    [history.data, filter],
  );
  // What is filtered out asks for no more by being scrolled to.
  useEffect(() => {
    if (history.data && !ended && lines.length < 20) void more();
  }, [history.data, ended, lines.length, more]);
  return (
    <div className={classes.timeline}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          className={classes.filters}
          value={filter}
          onChange={(v) => setFilter(v as Filter)}
          aria-label={t("timeline.filter")}
          data={filters.map((f) => ({ value: f, label: t(`filter.${f}`) }))}
        />
        <SegmentedControl
          size="xs"
          value={everything ? "all" : "case"}
          onChange={(v) => setEverything(v === "all")}
          aria-label={t("timeline.scope")}
          data={[
            { value: "case", label: t("timeline.this") },
            { value: "all", label: t("timeline.all") },
          ]}
        />
      </div>
      <Read of={history} lines={8}>
        {() =>
          lines.length === 0 && ended ? (
            <Empty
              icon={<IconHistory />}
              title={t("timeline.none")}
              text={
                <>
                  {t("timeline.noneText")} <Keys of="1" />
                </>
              }
            />
          ) : (
            <div className={classes.list}>
              <List
                items={lines}
                keyOf={(l) => l.key}
                estimate={58}
                label={t("timeline.title")}
                onEnd={() => void more()}
                render={(l) => <Row line={l} of={id} />}
                footer={
                  ended && lines.length > 12 ? (
                    <Text size="xs" c="var(--dim)" ta="center" p="sm">
                      {t("timeline.end")}
                    </Text>
                  ) : undefined
                }
              />
            </div>
          )
        }
      </Read>
    </div>
  );
}

const hasId = /^c[a-z0-9]{13}-[a-z]\d+$/;

/** What a line can be explained by: what it names, or else its case. */
export function whyOf(l: Pick<Line, "kind" | "ref" | "case_id">): string | undefined {
  if (l.ref && hasId.test(l.ref)) return l.ref;
  if (l.kind === "post" && l.ref) return l.ref;
  return l.case_id;
}

function Row({ line: l, of }: { line: Line; of: string }) {
  const { t } = useTranslation("cases");
  const Icon = icons[l.kind] ?? IconBolt;
  const why = whyOf(l);
  const { head, text } = useWords(l);
  return (
    <div className={classes.row} data-kind={l.kind}>
      <span className={classes.icon}>
        <Icon size={15} aria-hidden />
      </span>
      <div className={classes.what}>
        <div className={classes.first}>
          <span className={classes.head}>{head}</span>
          {l.visibility && (
            <Mark tone={l.visibility === "public" ? "warn" : "plain"}>
              {t(`visibility.${l.visibility === "public" ? "public" : "private"}`)}
            </Mark>
          )}
          {l.case_id && l.case_id !== of && (
            <To to="/cases/$case" params={{ case: l.case_id }}>
              {t("timeline.other", { id: l.case_id.split("-").at(-1) })}
            </To>
          )}
          <span className={classes.at}>
            <When at={l.at} />
          </span>
          {why && (
            <To
              to="/why/$id"
              params={{ id: why }}
              size="xs"
              className={classes.why}
              aria-label={t("why.of", { what: head })}
            >
              {t("why.short")}
            </To>
          )}
        </div>
        {text && (
          <p className={classes.text} dir="auto">
            {text}
          </p>
        )}
      </div>
    </div>
  );
}

/** A line in words. What the server says in a sentence of its own stays as it is. */
function useWords(l: Line): { head: string; text?: string | undefined } {
  const { t } = useTranslation("cases");
  const name = useNames();
  const by = l.by ? name(l.by) : "";
  const known = word("line", `${l.kind}-${(l.what ?? "").replaceAll(" ", "_")}`);
  const isKnown = !known.startsWith(`${l.kind}-`.replaceAll("_", " "));
  switch (l.kind) {
    case "post":
      return { head: isKnown ? known : t("line.post", { by: by ? `@${by.replace(/^@/, "")}` : "" }), text: l.text };
    case "reply":
      return { head: by ? t("line.wrote", { by }) : t("line.reply"), text: l.text };
    case "staff":
      return { head: t("line.staff", { by: by ? `@${by}` : "" }), text: l.text };
    case "sent":
      return { head: t("line.sent") };
    case "not_sent":
      return { head: t("line.notSent", { why: word("sending", l.what) }), text: l.text };
    case "note":
      return { head: t("line.note", { by }), text: l.text };
    case "lookup":
      return { head: t("line.lookup", { what: word("component", l.what) }) };
    case "answer":
      return {
        head: t("line.answer", { what: word("component", l.what) }),
        text: l.text === "answered" ? undefined : l.text,
      };
    case "event":
      return { head: l.what ?? "", text: l.text };
    case "promise": {
      const due = dueIn(l.text);
      if (!due) return { head: isKnown ? known : t("line.promise"), text: l.text };
      return {
        head: `${isKnown ? known : t("line.promise")}: ${word("promise", due.what)}`,
        text: t("due.by", { at: dateTime(due.due) }),
      };
    }
    case "work_item":
      return { head: t("line.work", { state: word("work", l.what) }), text: l.text };
    case "case":
      if (l.what === "corrected") {
        const [was, is] = (l.text ?? "").split(" is ");
        return { head: t("line.corrected", { by, was: word("intent", was), is: word("intent", is) }) };
      }
      return { head: `${isKnown ? known : (l.what ?? "")}${by ? ` · ${by}` : ""}`, text: l.text };
    default:
      return { head: `${isKnown ? known : word("kind", l.kind)}${by ? ` · ${by}` : ""}`, text: l.text || undefined };
  }
}
