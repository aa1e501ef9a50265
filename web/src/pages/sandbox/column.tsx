import { ActionIcon, Badge, Tabs, Title, Tooltip } from "@mantine/core";
import { IconAddressBook, IconMessages, IconWorld, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { SandboxPost } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Empty, Loading } from "@/ui/states";
import classes from "./column.module.css";
import { Composer, type Draft, emptyDraft } from "./composer";
import { personOf, useMay, useNetwork } from "./context";
import { useCustomer } from "./known";
import { type Act, Face, Message } from "./message";
import { isSecret, lastQuestion, threadsOf, type View } from "./thread";
import { shortZone } from "./words";

interface ColumnProps {
  handle: string;
  active: boolean;
  /** What stands beside the columns is about this one. */
  told: boolean;
  /** Set where one column is shown at a time: it is the panel of this tab. */
  tab?: string;
  /** Raised when the writer is to be taken to the text. */
  focus: number;
  onActive: () => void;
  onRemove?: () => void;
}

/** The network as one customer sees it. */
export function Column({ handle, active, told, tab, focus, onActive, onRemove }: ColumnProps) {
  const { t } = useTranslation("sandbox");
  const { info, posts, read, put } = useNetwork();
  const may = useMay();
  const act = useAct();
  const field = useRef<HTMLTextAreaElement>(null);
  const feed = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>("mine");
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const me = personOf(info, handle);
  const threads = useMemo(() => threadsOf(posts.values(), handle, view), [posts, handle, view]);
  const wrote = useMemo(() => [...posts.values()].some((p) => !p.company && p.handle === handle), [posts, handle]);
  const customer = useCustomer(handle, wrote);
  useEffect(() => {
    if (focus > 0) field.current?.focus();
  }, [focus]);

  useArrivals(feed, read ? threads[0]?.at(-1)?.id : undefined, handle);

  const write = (next: Draft) => {
    setDraft(next);
    field.current?.focus();
  };
  const sample = (text: string) => {
    if (!isSecret(text)) {
      write(draft.kind === "reply" ? { ...draft, text } : { ...emptyDraft, text });
      return;
    }
    const asked = lastQuestion(posts.values(), handle);
    write(
      asked
        ? { kind: "reply", post: asked, text, visibility: "private" }
        : { ...emptyDraft, text, visibility: "private" },
    );
  };
  const mark = (id: string, on: boolean) =>
    setLeaving((was) => {
      const next = new Set(was);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  const onAct = (what: Act, post: SandboxPost) => {
    if (what === "reply") write({ kind: "reply", post, text: "", visibility: post.visibility });
    if (what === "staff") write({ kind: "staff", post, text: "", visibility: post.visibility });
    if (what === "edit") write({ kind: "edit", post, text: post.text, visibility: post.visibility });
    if (what === "delete") {
      mark(post.id, true);
      act.later({
        text: t("deleting"),
        undone: () => mark(post.id, false),
        run: async (init) => {
          const params = { path: { id: post.id }, query: { handle } };
          put(await take(api.DELETE("/v1/sandbox/posts/{id}", { params, ...init })));
          mark(post.id, false);
        },
      });
    }
  };

  return (
    <section
      className={classes.column}
      aria-label={me.name}
      id={`as-${handle}`}
      data-told={told || undefined}
      hidden={tab !== undefined && !active}
      {...(tab !== undefined && { role: "tabpanel", "aria-labelledby": tab, "aria-label": undefined })}
      onFocus={onActive}
      onPointerDown={onActive}
    >
      <header className={classes.head}>
        <Face handle={handle} name={me.name} />
        <div className={classes.who}>
          <Title order={2} size="h3" className={classes.name}>
            {me.name}
          </Title>
          <span className={classes.handle}>
            {me.name !== `@${handle}` && `@${handle}`}
            {me.known && (
              <Badge c="var(--good)" bg="var(--good-soft)">
                {t("known")}
              </Badge>
            )}
          </span>
        </div>
        {customer.id && may("read_customers") && (
          <Tooltip label={t("link.customer")}>
            <ActionIcon
              component={Link}
              to={`/customers/${customer.id}` as "/customers/$customer"}
              aria-label={t("link.customerOf", { name: me.name })}
            >
              <IconAddressBook size={17} />
            </ActionIcon>
          </Tooltip>
        )}
        {onRemove && (
          <Tooltip label={t("people.remove")}>
            <ActionIcon onClick={onRemove} aria-label={t("people.removeOf", { name: me.name })}>
              <IconX size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      <div className={classes.about}>
        <p>{me.about ?? t("people.own")}</p>
        {me.orders && (
          <p className={classes.orders}>
            {me.orders.map((o) => (
              <span key={o.id}>
                <code>{o.id}</code> {o.about}
              </span>
            ))}
          </p>
        )}
      </div>
      <Composer
        handle={handle}
        draft={draft}
        onDraft={(next) => (next.kind === "new" && draft.kind !== "new" ? write(next) : setDraft(next))}
        samples={useSamples(handle)}
        onSample={sample}
        onSent={(post) => {
          put(post);
          setDraft(emptyDraft);
          if (view === "all" && post.visibility === "private") setView("mine");
        }}
        field={field}
        quiet={wrote}
      />
      <Tabs value={view} onChange={(v) => setView((v ?? "mine") as View)} className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="mine">{t("view.mine")}</Tabs.Tab>
          <Tabs.Tab value="all">{t("view.all")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={view} className={classes.feed} ref={feed}>
          <Zone timeZone={customer.timeZone} />
          {!read ? (
            <Loading />
          ) : threads.length === 0 ? (
            <Empty
              icon={view === "mine" ? <IconMessages /> : <IconWorld />}
              title={t(`none.${view}`)}
              text={t(`none.${view}Text`, { name: me.name })}
            />
          ) : (
            <ul className={classes.threads} aria-label={t(`view.${view}`)}>
              {threads.map((thread) => (
                <li key={thread[0]?.thread} className={classes.thread}>
                  {thread.map((p) => (
                    <Message
                      key={p.id}
                      post={p}
                      handle={handle}
                      timeZone={customer.timeZone}
                      leaving={leaving.has(p.id)}
                      onAct={onAct}
                    />
                  ))}
                </li>
              ))}
            </ul>
          )}
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

/** Brings the post that came last into view, where the conversations have a window of their own. */
function useArrivals(feed: RefObject<HTMLDivElement | null>, last: string | undefined, handle: string): void {
  const was = useRef(last);
  useEffect(() => {
    const came = was.current !== undefined && last !== undefined && last !== was.current;
    was.current = last;
    const window = feed.current;
    const post = came && document.getElementById(`${handle}-${last}`);
    if (!window || !post || window.scrollHeight <= window.clientHeight) return;
    const frame = window.getBoundingClientRect();
    const box = post.getBoundingClientRect();
    if (box.bottom > frame.bottom)
      window.scrollTop += Math.min(box.bottom - frame.bottom + 12, box.top - frame.top - 12);
  }, [feed, last, handle]);
}

/** What a customer might write first. */
function useSamples(handle: string): string[] {
  const { t } = useTranslation("sandbox");
  const { info } = useNetwork();
  const own = personOf(info, handle).samples;
  if (own?.length) return own;
  const order = info.customers?.flatMap((c) => c.orders ?? [])[0]?.id;
  return order ? [t("sample.order", { order }), t("sample.angry"), t("sample.thanks")] : [t("sample.late")];
}

/** In which zone the times are: messages are written in the customer's. */
function Zone({ timeZone }: { timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  const name = [shortZone(zone), zone].filter(Boolean).join(", ");
  return <p className={classes.zone}>{t(timeZone ? "zone.theirs" : "zone.yours", { zone: name })}</p>;
}
