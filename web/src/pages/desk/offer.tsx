import { ActionIcon, Badge, Button, Popover, RingProgress, Text, Textarea } from "@mantine/core";
import { IconMessageQuestion, IconPhoneCall } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReservationView } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { Keys } from "@/ui/kbd";
import { NetworkIcon } from "@/ui/post";
import { priorities } from "@/ui/priority";
import { useShortcuts } from "@/ui/shortcuts";
import { Due } from "@/ui/time";
import { headword } from "@/ui/word";
import { nameOf } from "@/ui/workitem";
import { KindIcon, Mark } from "./kind";
import classes from "./offer.module.css";

interface OfferProps {
  offer: ReservationView;
  /** The keys are the first one's: it runs out soonest. */
  first: boolean;
  busy: boolean;
  onAccept: () => void;
  onReject: (note: string) => void;
}

/**
 * An offer below whatever page is open. It takes no focus: somebody may be typing. Its keys
 * are no page's, so that whoever means the page answers no customer's offer by it.
 */
export function OfferCard({ offer, first, busy, onAccept, onReject }: OfferProps) {
  const { t } = useTranslation("desk");
  const [asking, setAsking] = useState(false);
  const w = offer.work_item;
  const now = useNow(1000);
  const until = Date.parse(offer.until ?? "");
  const whole = Math.max(1, until - Date.parse(offer.offered_at));
  const left = Math.max(0, until - now);
  const over = left === 0;
  const usable = first && !busy && !over;
  const accept = () => usable && onAccept();
  const ask = () => usable && setAsking(true);
  const group = t("offer.notice");
  useShortcuts(
    first
      ? [
          { keys: "shift+y", label: t("offer.accept"), group, run: accept },
          { keys: "shift+n", label: t("offer.reject"), group, run: () => usable && onReject("") },
          { keys: "alt+y", label: t("offer.accept"), group, run: accept, inFields: true, hidden: true },
          { keys: "alt+n", label: t("offer.rejectWhy"), group, run: ask, inFields: true },
        ]
      : [],
  );
  const name = nameOf(w);
  const seconds = Math.ceil(left / 1000);
  return (
    <section className={classes.card} aria-label={t("offer.label", { kind: headword("work_kind", w.kind), name })}>
      <span className={classes.icon} aria-hidden>
        {w.kind === "callback" ? <IconPhoneCall size={18} /> : <KindIcon kind={w.kind} size={18} />}
      </span>
      <div className={classes.what}>
        <Text size="sm" fw={650} truncate>
          {t("offer.title", { kind: headword("work_kind", w.kind), name })}
        </Text>
        <Text size="xs" c="var(--dim)" truncate>
          {w.queue} · <Due at={w.due} />
        </Text>
      </div>
      <RingProgress
        className={classes.ring}
        size={46}
        thickness={4}
        roundCaps
        aria-hidden
        sections={[
          {
            value: (100 * left) / whole,
            color: left < 10_000 ? "var(--bad)" : "var(--mantine-primary-color-filled)",
          },
        ]}
        label={
          <Text size="xs" fw={650} ta="center" className={classes.seconds}>
            {seconds}
          </Text>
        }
      />
      <p className={classes.text} dir="auto">
        <NetworkIcon network={w.post.network} size={14} /> {w.post_text}
      </p>
      <div className={classes.marks}>
        {w.before === offer.agent && <Badge color="accent">{t("offer.known")}</Badge>}
        {w.for === offer.agent && <Badge color="accent">{t("offer.forYou")}</Badge>}
        {w.priority >= priorities.high && (
          <Mark tone="bad">{headword("priority", w.priority >= priorities.urgent ? "urgent" : "high")}</Mark>
        )}
        {(w.attempts ?? 0) > 0 && <Badge color="gray">{t("item.attempts", { count: w.attempts })}</Badge>}
      </div>
      <div className={classes.answers}>
        <Button
          size="sm"
          onClick={onAccept}
          disabled={over}
          loading={busy}
          rightSection={first && <Keys of="shift+y" />}
        >
          {t("offer.accept")}
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={over || busy}
          onClick={() => onReject("")}
          rightSection={first && <Keys of="shift+n" />}
        >
          {t("offer.reject")}
        </Button>
        <Popover opened={asking} onChange={setAsking} position="top-end" trapFocus withArrow shadow="md" width={280}>
          <Popover.Target>
            <ActionIcon
              size={36}
              disabled={over || busy}
              onClick={() => setAsking(!asking)}
              aria-label={t("offer.rejectWhy")}
              title={t("offer.rejectWhy")}
              ml="auto"
            >
              <IconMessageQuestion size={18} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Why onDone={onReject} />
          </Popover.Dropdown>
        </Popover>
      </div>
      {over && (
        <Text size="xs" c="var(--dim)" className={classes.over}>
          {t("offer.ranOut")}
        </Text>
      )}
    </section>
  );
}

function Why({ onDone }: { onDone: (note: string) => void }) {
  const { t } = useTranslation("desk");
  const [note, setNote] = useState("");
  return (
    <form
      className={classes.why}
      onSubmit={(e) => {
        e.preventDefault();
        onDone(note.trim());
      }}
    >
      <Textarea
        label={t("offer.why")}
        description={t("offer.whyText")}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        maxLength={400}
        autosize
        minRows={2}
        maxRows={5}
        data-autofocus
      />
      <Button type="submit" disabled={!note.trim()}>
        {t("offer.reject")}
      </Button>
    </form>
  );
}
