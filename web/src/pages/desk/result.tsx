import { Button, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "@/api/queries/queue";
import type { DispositionView, WorkItemView } from "@/api/schema";
import { useNow } from "@/ui/clock";
import { endingsOf, labelOf } from "@/ui/endings";
import { Keys } from "@/ui/kbd";
import type { Moves } from "@/ui/moves";
import { Panel } from "@/ui/panel";
import { draftOf, keepDraft } from "./draft";
import classes from "./item.module.css";
import { PromiseFields, promiseOf } from "./promise";

/** How it ended: one press on the word is enough, with a note where one is wanted. */
export function Result({ item: w, moves, onDone }: { item: WorkItemView; moves: Moves; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const queues = useQuery(queuesQuery);
  const endings = endingsOf(
    w,
    queues.data?.find((q) => q.queue === w.queue),
  );
  const [draft, setDraftState] = useState(draftOf(w.id));
  const [missing, setMissing] = useState<DispositionView>();
  const note = useRef<HTMLTextAreaElement>(null);
  const setDraft = (next: typeof draft) => {
    setDraftState(next);
    keepDraft(w.id, next);
  };
  const finish = (d: DispositionView) => {
    const text = draft.note.trim();
    if (d.note && !text) {
      setMissing(d);
      note.current?.focus();
      return;
    }
    const promise = promiseOf(draft.promise);
    const body = { disposition: d.name, ...(text && { note: text }), ...(promise && { promise }) };
    moves.complete(w, body, labelOf(d), () => keepDraft(w.id, { note: "" }));
    onDone();
  };
  return (
    <Panel className={classes.end} title={t("result.title")} aside={<Keys of="d" />}>
      <div className={classes.result}>
        {w.state === "wrapping" && w.wrapping_until && <Wrapping until={w.wrapping_until} />}
        <Textarea
          ref={note}
          label={t("result.note")}
          placeholder={t("result.notePlaceholder")}
          value={draft.note}
          onChange={(e) => setDraft({ ...draft, note: e.currentTarget.value })}
          error={missing && !draft.note.trim() && t("result.noteNeeded", { label: labelOf(missing) })}
          onKeyDown={(e) => {
            if (e.key === "Enter" && (e.ctrlKey || e.metaKey))
              document.querySelector<HTMLElement>("[data-result] button")?.focus();
          }}
          maxLength={4000}
          autosize
          minRows={2}
          maxRows={8}
        />
        <PromiseFields value={draft.promise} onChange={(promise) => setDraft({ ...draft, promise })} />
        <fieldset className={classes.endings} data-result aria-label={t("result.how")} onKeyDown={roam}>
          {endings.map((d) => (
            <Button
              key={d.name}
              variant="default"
              className={classes.ending}
              data-means={d.means ?? d.name}
              onClick={() => finish(d)}
            >
              {labelOf(d)}
            </Button>
          ))}
        </fieldset>
        <Text size="xs" c="var(--dim)">
          {t("result.hint")}
        </Text>
      </div>
    </Panel>
  );
}

/** The arrows go from one ending to the next. */
function roam(e: React.KeyboardEvent<HTMLElement>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (!by) return;
  const buttons = [...e.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[at + by];
  if (at < 0 || !next) return;
  e.preventDefault();
  next.focus();
}

/** What is left of the after-contact time, and what its end means. */
function Wrapping({ until }: { until: string }) {
  const { t } = useTranslation("desk");
  const left = Math.max(0, Math.ceil((Date.parse(until) - useNow(1000)) / 1000));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <div className={classes.wrapping} data-short={left < 60 || undefined} role="timer">
      <strong>{t("result.wrapping", { time })}</strong> {t("result.wrappingEnd")}
    </div>
  );
}
