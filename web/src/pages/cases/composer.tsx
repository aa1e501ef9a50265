import { ActionIcon, Button, SegmentedControl, Text, Textarea, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconBolt, IconInfoCircle, IconLock, IconNote, IconWorld } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type Ref, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { customerQuery } from "@/api/queries/customer";
import type { CaseView, Objection } from "@/api/schema";
import { useSession } from "@/api/session";
import { language } from "@/i18n";
import { saidAlone } from "@/i18n/said";
import { showError } from "@/ui/act";
import { number } from "@/ui/format";
import { Keys } from "@/ui/kbd";
import type { CaseActions } from "./actions";
import classes from "./composer.module.css";
import { type Mode, setMode, setText, shownMode, spendDraft, useMode, useText } from "./drafts";
import { fill, holes, macroText } from "./macro";
import { MacroPicker } from "./macros";
import { maxReply, objectionsNow, useObjections } from "./preview";
import { Stranded } from "./stranded";

export interface ComposerHandle {
  open: (mode: Mode) => void;
  macros: () => void;
}

interface ComposerProps {
  of: CaseView;
  actions: CaseActions;
  handle: Ref<ComposerHandle>;
  onWriting: (writing: boolean) => void;
  /** Nothing can be said to the customer: the case has ended, or somebody else has it. */
  notesOnly: boolean;
}

const modes = ["private", "public", "note"] as const;
const icons = { private: IconLock, public: IconWorld, note: IconNote };

/** Where one writes: to the customer privately, where everybody reads, or to colleagues. */
export function Composer({ of, actions, handle, onWriting, notesOnly }: ComposerProps) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const chosen = useMode(of.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const [checking, setChecking] = useState(false);
  const who = useQuery(customerQuery(of.customer_id));
  const [inField, setInField] = useState(false);
  const texts = { private: useText(of.id, "private"), public: useText(of.id, "public"), note: useText(of.id, "note") };
  const mode = shownMode(chosen, notesOnly, texts[chosen], inField);
  const written = texts[mode];
  const to = mode === "note" ? undefined : mode;
  /** It was begun for the customer, and cannot be sent as things stand. */
  const stranded = notesOnly ? to : undefined;
  const offered = modes.filter((m) => !notesOnly || m === "note" || m === mode || texts[m].trim());
  const objections = useObjections(of.id, written, stranded ? undefined : to);
  const blocked = objections.some((o) => o.blocks);
  const tooLong = written.length > maxReply;
  const empty = written.trim() === "";
  const takes = to !== undefined && of.owner !== me.login;

  const focus = () => requestAnimationFrame(() => field.current?.focus());
  useImperativeHandle(handle, () => ({
    open: (next) => {
      setMode(of.id, next);
      focus();
    },
    macros: () => setPicking(true),
  }));

  const send = async () => {
    if (stranded || empty || tooLong || blocked || checking || actions.busy) return;
    const text = written.trim();
    if (!to) {
      if (await actions.note(text)) {
        spendDraft(of.id, "note", text);
        if (!notesOnly) setMode(of.id, "private");
      }
      focus();
      return;
    }
    setChecking(true);
    try {
      if ((await objectionsNow(of.id, text, to)).some((o) => o.blocks)) return; // they are shown beside it
      actions.reply(to, text);
    } catch (error) {
      showError(error, t("reply.notSent"));
    } finally {
      setChecking(false);
      focus();
    }
  };

  const insert = (text: string, hole?: [number, number]) => {
    const el = field.current;
    const [from, until] = el && written ? [el.selectionStart, el.selectionEnd] : [0, 0];
    setText(of.id, mode, written.slice(0, from) + text + written.slice(until));
    setPicking(false);
    setTimeout(() => {
      el?.focus();
      if (hole) el?.setSelectionRange(from + hole[0], from + hole[1]);
      else el?.setSelectionRange(from + text.length, from + text.length);
    }, 60);
  };

  const keys = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      void send();
    } else if (e.key === "Escape") {
      field.current?.blur();
    } else if (e.key === "/" && !e.ctrlKey && !e.metaKey && empty && to && !stranded) {
      e.preventDefault();
      setPicking(true);
    }
  };

  const label = t(`reply.${mode}Label`);
  return (
    <section className={classes.composer} data-mode={mode} aria-label={t("reply.title")}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          value={mode}
          onChange={(v) => setMode(of.id, v as Mode)}
          aria-label={t("reply.who")}
          data={offered.map((v) => {
            const Icon = icons[v];
            return {
              value: v,
              label: (
                <span className={classes.mode}>
                  <Icon size={14} aria-hidden /> {t(`reply.${v}`)}
                </span>
              ),
            };
          })}
        />
        <Text size="xs" className={classes.says}>
          {t(`reply.${mode}Says`)}
        </Text>
        {to && !stranded && (
          <Tooltip label={t("macro.open")}>
            <ActionIcon className={classes.macro} onClick={() => setPicking(true)} aria-label={t("macro.open")}>
              <IconBolt size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <Textarea
        ref={field}
        value={written}
        onChange={(e) => setText(of.id, mode, e.currentTarget.value)}
        onKeyDown={keys}
        onFocus={() => {
          setMode(of.id, mode); // what is shown is what one writes now, whatever becomes of the case
          setInField(true);
          onWriting(to !== undefined && !stranded);
        }}
        onBlur={() => {
          setInField(false);
          onWriting(false);
        }}
        readOnly={stranded !== undefined}
        aria-label={label}
        placeholder={t(to ? "reply.placeholder" : "reply.notePlaceholder")}
        aria-describedby={`against-${of.id}`}
        autosize
        minRows={2}
        maxRows={9}
        variant="unstyled"
        classNames={{ input: classes.input }}
        lang={to ? of.lang : undefined}
        dir="auto"
      />
      <div id={`against-${of.id}`} aria-live="polite">
        {objections.map((o) => (
          <Against key={`${o.code} ${o.text}`} o={o} />
        ))}
        {tooLong && (
          <Against
            o={{
              code: "long",
              blocks: true,
              text_said: null,
              text: t("reply.tooLong", { count: written.length, most: number(maxReply) }),
            }}
          />
        )}
      </div>
      {stranded ? (
        <Stranded of={of} mode={stranded} text={written} onMoved={focus} />
      ) : (
        <div className={classes.foot}>
          <Text size="xs" c="var(--dim)" className={classes.hint}>
            {takes ? t("reply.takes") : null}
          </Text>
          <Keys of="mod+enter" />
          <Button
            onClick={() => void send()}
            loading={checking}
            disabled={empty || tooLong || blocked}
            color={mode === "public" ? "#8a4d08" : undefined}
          >
            {t(`reply.${mode}Send`)}
          </Button>
        </div>
      )}
      <MacroPicker
        of={of}
        opened={picking && !notesOnly}
        onClose={() => setPicking(false)}
        onPick={(m) => {
          const { text, hole } = fill(macroText(m, of.lang, language()).text, holes(of, who.data, me.name));
          insert(text, hole);
        }}
      />
    </section>
  );
}

function Against({ o }: { o: Objection }) {
  const Icon = o.blocks ? IconAlertTriangle : IconInfoCircle;
  const { t } = useTranslation("cases");
  return (
    <p className={classes.against} data-blocks={o.blocks}>
      <Icon size={15} aria-hidden />
      <span>
        {o.blocks && <strong>{t("reply.blocked")} </strong>}
        {saidAlone(o.text, o.text_said)}
      </span>
    </p>
  );
}
