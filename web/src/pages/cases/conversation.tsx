import { Anchor, Button, Text } from "@mantine/core";
import { IconArrowDown, IconMessages, IconPhoto, IconWorld } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { conversationQuery } from "@/api/queries/case";
import { customerQuery } from "@/api/queries/customer";
import { useNames } from "@/api/queries/person";
import type { CaseView, MessageView } from "@/api/schema";
import { said } from "@/i18n/said";
import { Post } from "@/ui/post";
import { Empty, Read } from "@/ui/states";
import { TheirClock, When } from "@/ui/time";
import { word } from "@/ui/word";
import classes from "./conversation.module.css";
import { useLeaving } from "./drafts";
import { To } from "./link";
import { Mark, type Tone } from "./mark";

/** What was said, the newest at the bottom and in view. */
export function Conversation({ of }: { of: CaseView }) {
  const { t } = useTranslation("cases");
  const said = useQuery(conversationQuery(of.id));
  return (
    <Read of={said} lines={6}>
      {(messages) =>
        messages.length === 0 ? (
          <Empty icon={<IconMessages />} title={t("talk.none")} text={t("talk.noneText")} />
        ) : (
          <Messages of={of} messages={messages} />
        )
      }
    </Read>
  );
}

/** This near to its end a conversation follows what arrives. */
const nearPx = 90;

function Messages({ of, messages }: { of: CaseView; messages: MessageView[] }) {
  const { t } = useTranslation("cases");
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const [below, setBelow] = useState(0);
  const leaving = useLeaving(of.id);
  const customer = useQuery(customerQuery(of.customer_id));
  const count = messages.length;
  const seen = useRef(count);
  const news = useNews(messages);

  const toEnd = () => {
    follows.current = true;
    setBelow(0);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };
  const last = `${messages.at(-1)?.id} ${leaving.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came last is why it runs
  useLayoutEffect(() => {
    if (follows.current) toEnd();
    else setBelow((n) => n + Math.max(0, count - seen.current));
    seen.current = count;
  }, [last, count]);
  // The window and the composer change the box's height without scrolling it.
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const watch = new ResizeObserver(() => {
      if (follows.current) el.scrollTo({ top: el.scrollHeight });
    });
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const scrolled = () => {
    const el = box.current;
    if (!el) return;
    follows.current = el.scrollHeight - el.scrollTop - el.clientHeight < nearPx;
    if (follows.current) setBelow(0);
  };
  return (
    <div className={classes.frame}>
      <TheirClock zone={customer.data?.time_zone} className={classes.clock} />
      <section ref={box} className={classes.box} tabIndex={0} aria-label={t("talk.title")} onScroll={scrolled}>
        <ol className={classes.messages}>
          {messages.map((m, i) => (
            <li key={m.effect || m.id} className={m.from === "customer" ? classes.theirs : classes.ours}>
              <Message m={m} of={of} before={messages[i - 1]} all={messages} />
            </li>
          ))}
          {leaving.map((m) => (
            <li key={m.id} className={classes.ours}>
              <Post
                network={of.identity.network}
                name={t("you")}
                text={m.text}
                visibility={m.visibility}
                ours
                state={<Mark tone="warn">{t(m.unsure ? "talk.unsure" : "talk.leaving")}</Mark>}
              />
            </li>
          ))}
        </ol>
      </section>
      {below > 0 && (
        <Button className={classes.below} size="compact-sm" leftSection={<IconArrowDown size={14} />} onClick={toEnd}>
          {t("talk.below", { count: below })}
        </Button>
      )}
      <div className="sr-only" role="status">
        {news && t("talk.news", { who: news.name || news.handle || word("speaker", news.from), text: news.text })}
      </div>
    </div>
  );
}

/** The newest message that came while one looked, to be read out. */
function useNews(messages: MessageView[]): MessageView | undefined {
  const known = useRef<Set<string> | undefined>(undefined);
  const [news, setNews] = useState<MessageView>();
  useEffect(() => {
    const ids = new Set(messages.map((m) => m.effect || m.id));
    const fresh = known.current && messages.findLast((m) => !known.current?.has(m.effect || m.id));
    known.current = ids;
    if (fresh) setNews(fresh);
  }, [messages]);
  return news;
}

function Message(p: { m: MessageView; of: CaseView; before: MessageView | undefined; all: MessageView[] }) {
  const { m, of } = p;
  const { t } = useTranslation("cases");
  const name = useNames();
  const ours = m.from !== "customer";
  const parent =
    m.in_reply_to && m.in_reply_to !== p.before?.id ? p.all.find((x) => x.id === m.in_reply_to) : undefined;
  const shown = ours ? (m.by ? name(m.by) : t("advocate")) : m.name;
  return (
    <Post
      network={of.identity.network}
      {...(shown && { name: shown })}
      {...(!ours && m.handle && { handle: m.handle })}
      {...(m.visibility && { visibility: m.visibility })}
      {...(m.url && { url: m.url })}
      text={m.text}
      at={m.at}
      ours={ours}
      state={<Marks m={m} />}
    >
      {m.deleted && (
        <Text size="sm" c="var(--dim)" fs="italic">
          {t("talk.deleted")}
        </Text>
      )}
      {parent?.text && (
        <Text size="xs" c="var(--dim)" truncate mt={4}>
          {t("talk.inReplyTo", { text: parent.text })}
        </Text>
      )}
      {m.media && m.media.length > 0 && (
        <ul className={classes.media}>
          {m.media.map((x) => (
            <li key={x.url}>
              <IconPhoto size={14} aria-hidden />
              {/^https?:\/\//.test(x.url) ? (
                <Anchor href={x.url} target="_blank" rel="noreferrer noopener" size="xs">
                  {x.alt || x.type || t("talk.media")}
                </Anchor>
              ) : (
                <span>{x.alt || x.type || t("talk.media")}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Below m={m} />
    </Post>
  );
}

function Below({ m }: { m: MessageView }) {
  const { t } = useTranslation("cases");
  if (m.from === "customer") return null;
  const failed = m.reason && m.state !== "sent";
  return (
    <div className={classes.foot}>
      {failed && (
        <Text component="span" size="xs" c="var(--bad)">
          {said(m.reason ?? "", m.reason_said)}
        </Text>
      )}
      {m.state === "held" && (
        <To to="/approvals" size="xs">
          {t("talk.approve")}
        </To>
      )}
      {m.effect && (
        <To to="/why/$id" params={{ id: m.effect }} size="xs">
          {t("why.said")}
        </To>
      )}
    </div>
  );
}

const stateTones: Record<string, Tone> = {
  held: "warn",
  pending: "warn",
  decided: "warn",
  sending: "warn",
  shadow: "plain",
  canceled: "plain",
  let_go: "plain",
};

function Marks({ m }: { m: MessageView }) {
  const { t } = useTranslation("cases");
  const usual = m.state === "sent" || m.state === "received";
  return (
    <>
      {m.visibility === "public" && (
        <Mark tone="warn" icon={<IconWorld size={10} />}>
          {t("visibility.public")}
        </Mark>
      )}
      {m.edited && <Mark tone="plain">{t("talk.edited")}</Mark>}
      {!usual && (
        <Mark tone={stateTones[m.state] ?? "bad"}>
          {m.not_before ? (
            <>
              {t("talk.heldUntil")} <When at={m.not_before} />
            </>
          ) : (
            word("effect_state", m.state)
          )}
        </Mark>
      )}
    </>
  );
}
