import { ActionIcon, Badge, Button, Tabs, Title, Tooltip } from "@mantine/core";
import { IconAddressBook, IconMessageDots, IconMessages, IconWorld, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { DemoOrder, SandboxPost } from "@/api/schema";
import { said } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { useGoing } from "@/ui/going";
import { Empty, Loading } from "@/ui/states";
import { word } from "@/ui/word";
import { useArrivals } from "./arrivals";
import classes from "./column.module.css";
import { Composer, type Draft, emptyDraft } from "./composer";
import { personOf, useMay, useNetwork } from "./context";
import { useCustomer, useInside } from "./known";
import { type Act, Face, Message } from "./message";
import { reasonOf } from "./reason";
import { isSecret, lastQuestion, threadsOf, type View } from "./thread";
import { Zone } from "./zone";

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
  // What was written here last: as this customer, or as staff who answers them.
  const [sent, setSent] = useState("");
  const [view, setView] = useState<View>("mine");
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const { gone, stays } = useGoing();
  const me = personOf(info, handle);
  const threads = useMemo(() => threadsOf(posts.values(), handle, view), [posts, handle, view]);
  const wrote = useMemo(() => [...posts.values()].some((p) => !p.company && p.handle === handle), [posts, handle]);
  const customer = useCustomer(handle, wrote);
  useEffect(() => {
    if (focus > 0) field.current?.focus();
  }, [focus]);

  const newest = threads[0]?.at(-1);
  const arrivals = useArrivals({
    feed,
    last: newest && `${handle}-${newest.id}`,
    read,
    own: !!newest && (newest.id === sent || (!newest.company && newest.handle === handle)),
    writing: draft.text !== "" && document.activeElement === field.current,
  });

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
  const onAct = (what: Act, post: SandboxPost) => {
    if (what === "reply") write({ kind: "reply", post, text: "", visibility: post.visibility });
    if (what === "staff") write({ kind: "staff", post, text: "", visibility: post.visibility });
    if (what === "edit") write({ kind: "edit", post, text: post.text, visibility: post.visibility });
    if (what === "delete") {
      gone(post.id, true);
      act.later({
        text: t("deleting"),
        undone: () => gone(post.id, false),
        run: async (init) => {
          const params = { path: { id: post.id }, query: { handle } };
          put(await take(api.DELETE("/v1/sandbox/posts/{id}", { params, ...init })));
          gone(post.id, false);
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
        <p>{me.about ? said(me.about, me.about_said) : t("people.own")}</p>
        {me.orders && <Orders handle={handle} orders={me.orders} />}
      </div>
      <Composer
        handle={handle}
        draft={draft}
        onDraft={(next) => (next.kind === "new" && draft.kind !== "new" ? write(next) : setDraft(next))}
        samples={useSamples(handle)}
        onSample={sample}
        onSent={(post) => {
          setSent(post.id);
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
          {arrivals.unseen && (
            <div className={classes.unseen}>
              <Button size="compact-sm" radius="xl" leftSection={<IconMessageDots size={15} />} onClick={arrivals.show}>
                {t("unseen")}
              </Button>
            </div>
          )}
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
                      leaving={!stays(p.id)}
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

/** The customer's orders, each with where it is now as far as the page may look, else as the demo began with. */
function Orders({ handle, orders }: { handle: string; orders: DemoOrder[] }) {
  const { info } = useNetwork();
  const known = useInside(handle, true).data?.orders;
  return (
    <p className={classes.orders}>
      {orders.map((o) => {
        const now = known?.find((k) => k.id === o.id)?.order ?? o;
        return (
          <span key={o.id}>
            <code>{o.id}</code>{" "}
            {[word("order_status", now.status), reasonOf(now.reason, info.reasons)].filter(Boolean).join(", ")}
          </span>
        );
      })}
    </p>
  );
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
