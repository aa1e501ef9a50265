import { ActionIcon, Button, Menu, Title, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconArrowBackUp,
  IconCheck,
  IconDots,
  IconHandGrab,
  IconPencil,
  IconQuestionMark,
  IconTag,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { customerQuery } from "@/api/queries/customer";
import { useNames } from "@/api/queries/person";
import type { CaseView, LookerView } from "@/api/schema";
import { useSession } from "@/api/session";
import { said } from "@/i18n/said";
import { shortTime } from "@/ui/format";
import { initials, NetworkIcon } from "@/ui/post";
import { Ago, Due } from "@/ui/time";
import { headword, isWord, word } from "@/ui/word";
import type { CaseActions } from "./actions";
import { isOutside } from "./data";
import classes from "./head.module.css";
import { Mark, type Tone } from "./mark";

const moods: Record<string, Tone> = { negative: "bad", positive: "good" };

interface HeadProps {
  of: CaseView;
  actions: CaseActions;
  lookers: LookerView[];
  onIntent: () => void;
  onClose: () => void;
}

/** The case in a sentence or two, whose it is, and who else looks at it. */
export function Head({ of: c, actions, lookers, onIntent, onClose }: HeadProps) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const navigate = useNavigate();
  const about = useAbout(c);
  const stands = useStanding(c);
  const may = me.can("work");
  const open = c.state !== "resolved";
  return (
    <header className={classes.head}>
      <div className={classes.top}>
        <div className={classes.words}>
          <Title order={2} size="h2" className={classes.about}>
            {about}
          </Title>
          <p className={classes.stands}>{stands}</p>
        </div>
        <div className={classes.acts}>
          <Looking lookers={lookers} />
          {may && open && <Ownership of={c} actions={actions} />}
          <Menu position="bottom-end" width={230}>
            <Menu.Target>
              <Tooltip label={t("more")}>
                <ActionIcon aria-label={t("more")}>
                  <IconDots size={18} />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {may && (
                <Menu.Item leftSection={<IconTag size={15} />} onClick={onIntent}>
                  {t("keys.intent")}
                </Menu.Item>
              )}
              <Menu.Item
                leftSection={<IconQuestionMark size={15} />}
                onClick={() => void navigate({ to: "/why/$id", params: { id: c.id } })}
              >
                {t("keys.why")}
              </Menu.Item>
              {may && open && (
                <Menu.Item leftSection={<IconCheck size={15} />} onClick={onClose}>
                  {t("keys.close")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      <div className={classes.chips}>
        {may ? (
          <UnstyledButton
            className={classes.intent}
            onClick={onIntent}
            aria-label={t("intent.change", { is: word("intent", c.intent) })}
          >
            {headword("intent", c.intent)}
            <IconPencil size={12} aria-hidden />
          </UnstyledButton>
        ) : (
          <Mark tone="plain">{headword("intent", c.intent)}</Mark>
        )}
        <Mark tone={c.state === "resolved" ? "plain" : "good"}>{word("case_state", c.state)}</Mark>
        {c.sentiment && <Mark tone={moods[c.sentiment] ?? "plain"}>{word("sentiment", c.sentiment)}</Mark>}
        {c.urgency === "high" && <Mark tone="bad">{t("urgent")}</Mark>}
        <Mark tone="plain" icon={<NetworkIcon network={c.identity.network} size={12} />}>
          {c.identity.network}
        </Mark>
        {(c.reopened ?? 0) > 0 && <Mark tone="plain">{t("reopened", { count: c.reopened ?? 0 })}</Mark>}
        <span className={classes.since}>
          {t("opened")} <Ago at={c.opened_at} />
          {open && !c.answered && c.deadline && (
            <>
              {" · "}
              {t("answerBy")} <Due at={c.deadline} />
            </>
          )}
        </span>
      </div>
    </header>
  );
}

/** Who has it, and what one can do about that. */
function Ownership({ of: c, actions }: { of: CaseView; actions: CaseActions }) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const name = useNames();
  if (c.owner === me.login)
    return (
      <Tooltip label={t("owner.handBackWhy")}>
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={15} />}
          onClick={() => void actions.handBack()}
          loading={actions.busy}
        >
          {t("owner.handBack")}
        </Button>
      </Tooltip>
    );
  if (c.owner && !me.can("supervise") && !isOutside(c.owner)) return null;
  return (
    <Tooltip label={c.owner ? t("owner.takeFrom", { name: name(c.owner) }) : t("owner.takeWhy")}>
      <Button
        variant={c.owner ? "default" : "light"}
        leftSection={<IconHandGrab size={15} />}
        onClick={() => void actions.take(c.owner || undefined)}
        loading={actions.busy}
      >
        {t("owner.take")}
      </Button>
    </Tooltip>
  );
}

function Looking({ lookers }: { lookers: LookerView[] }) {
  const { t } = useTranslation("cases");
  const name = useNames();
  const says = (v: LookerView) => t(v.writing ? "looking.writes" : "looking.looks", { name: name(v.who) });
  return (
    <div className={classes.lookers} role="status">
      {lookers.slice(0, 4).map((v) => (
        <Tooltip key={v.who} label={says(v)}>
          <span className={classes.looker} data-writing={v.writing || undefined}>
            <span aria-hidden>{initials(name(v.who))}</span>
            <span className="sr-only">{says(v)}</span>
          </span>
        </Tooltip>
      ))}
      {lookers.length > 0 && (
        <span className={classes.lookText} aria-hidden>
          {lookers.length === 1 && lookers[0] ? says(lookers[0]) : t("looking.many", { count: lookers.length })}
        </span>
      )}
    </div>
  );
}

/** What it is about: "Maria Lopez wants to know where A-10234 is, and is upset." */
function useAbout(c: CaseView): string {
  const { t } = useTranslation("cases");
  const { data } = useQuery(customerQuery(c.customer_id));
  const handle = data?.identities?.find((i) => i.author === c.identity.author)?.handle;
  const who = data?.name || (handle ? `@${handle}` : t("somebody"));
  const orders = (c.order_refs ?? []).slice(0, 2).join(", ");
  const what = t(`about.${isWord("intent", c.intent) ? c.intent : "unclear"}`, { who });
  const mood =
    c.sentiment === "negative"
      ? t("mood.negative")
      : c.sentiment === "positive" && c.intent !== "praise"
        ? t("mood.positive")
        : "";
  return `${what}${orders ? ` (${orders})` : ""}${mood}.`;
}

/** How it stands: who has it and what it waits for. */
function useStanding(c: CaseView): string {
  const { t } = useTranslation("cases");
  const me = useSession();
  const name = useNames();
  const out: string[] = [];
  if (c.state === "resolved") {
    out.push(
      t("stands.ended", { how: word("outcome", c.outcome || "closed"), at: shortTime(c.resolved_at || c.updated_at) }),
    );
    if (c.reason) out.push(t("stands.because", { why: said(c.reason, c.reason_said) }));
    return out.join(" ");
  }
  if (c.owner === me.login) out.push(t("stands.mine"));
  else if (c.owner) out.push(t(isOutside(c.owner) ? "stands.outside" : "stands.theirs", { name: name(c.owner) }));
  else if (c.handed_over)
    out.push(
      t("stands.waitsForPerson", { why: said(c.reason ?? "", c.reason_said), context: c.reason ? undefined : "plain" }),
    );
  else if (!c.answered) out.push(t("stands.works"));
  else out.push(t(c.state === "waiting" ? "stands.waits" : "stands.answered"));
  const promise = c.promises?.find((p) => p.state === "open" && p.heard === "told");
  if (promise) out.push(t("stands.promised", { what: word("promise", promise.what), at: shortTime(promise.due) }));
  if (c.verify) out.push(t(c.verify.failed ? "stands.unproven" : "stands.verify", { order: c.verify.order }));
  return out.join(" ");
}
