import { ActionIcon, Button, SegmentedControl, Text, Textarea } from "@mantine/core";
import { IconArrowBackUp, IconHeadset, IconPencil, IconX } from "@tabler/icons-react";
import { type FormEvent, type Ref, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { SandboxPost } from "@/api/schema";
import { Keys } from "@/ui/kbd";
import { sentence } from "@/ui/problem";
import { word } from "@/ui/word";
import classes from "./composer.module.css";
import { personOf, useNetwork } from "./context";

/** What is being written: something new, or something about a post. */
export type Draft = {
  text: string;
  visibility: "public" | "private";
} & ({ kind: "new" } | { kind: "reply" | "edit" | "staff"; post: SandboxPost });

export const emptyDraft: Draft = { kind: "new", text: "", visibility: "public" };

interface ComposerProps {
  handle: string;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  samples: string[];
  onSample: (text: string) => void;
  /** What was written is with the server. */
  onSent: (post: SandboxPost) => void;
  field: Ref<HTMLTextAreaElement>;
  /** Small until somebody turns to it. */
  quiet: boolean;
}

/** Where a customer writes. ctrl+enter sends. */
export function Composer({ handle, draft, onDraft, samples, onSample, onSent, field, quiet }: ComposerProps) {
  const { t } = useTranslation(["sandbox", "ui"]);
  const { info } = useNetwork();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState<{ text: string; bad: boolean }>();
  const label = t(`write.${draft.kind}`, {
    company: word("company", info.company),
    name: draft.kind === "new" ? "" : nameOf(draft.post),
  });

  const open = useOpen();
  const rests = draft.kind === "new" && draft.text === "" && !note && !busy;
  const small = quiet && rests && !open.on;

  function nameOf(post: SandboxPost): string {
    return post.company ? word("company", info.company) : personOf(info, post.handle).name;
  }

  const send = async (e?: FormEvent) => {
    e?.preventDefault();
    if (busy || !draft.text.trim()) return;
    setBusy(true);
    setNote(undefined);
    try {
      const post = await deliver(draft, handle, personOf(info, handle));
      onSent(post);
      open.rest();
      if (post.delivery === "pending") setNote({ text: t("note.pending", { reason: post.reason }), bad: false });
      if (post.delivery === "refused") setNote({ text: t("note.refused", { reason: post.reason }), bad: true });
    } catch (error) {
      setNote({ text: sentence(error), bad: true });
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={classes.composer}
      data-small={small || undefined}
      onFocus={open.enter}
      onPointerDown={open.enter}
      onBlur={open.leave}
      onSubmit={(e) => void send(e)}
    >
      <div className={classes.line}>
        <label htmlFor={id} className={classes.label}>
          <KindIcon kind={draft.kind} />
          {label}
        </label>
        {draft.kind !== "new" && (
          <ActionIcon
            size="sm"
            aria-label={t("write.stop")}
            title={t("write.stop")}
            onClick={() => onDraft(emptyDraft)}
          >
            <IconX size={15} />
          </ActionIcon>
        )}
      </div>
      <Textarea
        id={id}
        ref={field}
        autosize
        minRows={small ? 1 : 2}
        maxRows={8}
        maxLength={4000}
        placeholder={t(draft.kind === "staff" ? "write.staffHint" : "write.hint")}
        value={draft.text}
        onChange={(e) => onDraft({ ...draft, text: e.currentTarget.value })}
        onKeyDown={(e) => {
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void send();
        }}
      />
      {(draft.kind === "new" || draft.kind === "reply") && samples.length > 0 && (
        <fieldset className={classes.samples}>
          <legend className="sr-only">{t("write.samples")}</legend>
          {samples.map((s) => (
            <button key={s} type="button" title={s} onClick={() => onSample(s)}>
              {s}
            </button>
          ))}
        </fieldset>
      )}
      <div className={`${classes.line} ${classes.foot}`}>
        {draft.kind === "edit" ? (
          <span />
        ) : (
          <SegmentedControl
            size="xs"
            aria-label={t("write.who")}
            value={draft.visibility}
            onChange={(v) => onDraft({ ...draft, visibility: v as Draft["visibility"] })}
            data={(["public", "private"] as const).map((v) => ({ value: v, label: t(`write.${v}`) }))}
          />
        )}
        <span className={classes.send}>
          <span className={classes.hint} aria-hidden>
            <Keys of="mod+enter" />
          </span>
          <Button type="submit" loading={busy}>
            {t(`send.${draft.kind}`)}
          </Button>
        </span>
      </div>
      <div role="alert">
        {note && (
          <Text size="sm" className={classes.note} data-bad={note.bad || undefined}>
            {note.text}
          </Text>
        )}
      </div>
    </form>
  );
}

/** A click that takes the focus away has to land before what is under it moves. */
const closeMs = 400;

/** Open while the focus is within, and a moment longer; what was sent makes room for what comes of it. */
function useOpen() {
  const [on, setOn] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    on,
    enter: () => {
      clearTimeout(timer.current);
      setOn(true);
    },
    leave: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setOn(false), closeMs);
    },
    rest: () => setOn(false),
  };
}

function KindIcon({ kind }: { kind: Draft["kind"] }) {
  const Icon = { new: undefined, reply: IconArrowBackUp, edit: IconPencil, staff: IconHeadset }[kind];
  return Icon ? <Icon size={15} aria-hidden /> : null;
}

function deliver(draft: Draft, handle: string, who: { name: string; known?: boolean }): Promise<SandboxPost> {
  const text = draft.text.trim();
  const { visibility } = draft;
  switch (draft.kind) {
    case "edit":
      return take(
        api.PUT("/v1/sandbox/posts/{id}", { params: { path: { id: draft.post.id } }, body: { handle, text } }),
      );
    case "staff":
      return take(
        api.POST("/v1/sandbox/staff-posts", {
          body: { to: draft.post.handle, text, visibility, in_reply_to: draft.post.id },
        }),
      );
    default:
      return take(
        api.POST("/v1/sandbox/posts", {
          body: {
            handle,
            text,
            visibility,
            ...(who.known && { name: who.name }),
            ...(draft.kind === "reply" && { in_reply_to: draft.post.id }),
          },
        }),
      );
  }
}
