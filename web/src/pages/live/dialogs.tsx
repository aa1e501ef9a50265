import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { IconStack2, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { AgentView, WorkItemView } from "@/api/schema";
import classes from "./live.module.css";
import type { Moves } from "./moves";
import { holderOf } from "./order";
import { type Priority, priorities, priorityName } from "./words";

export type Asking = { what: "pass" | "due" | "cancel"; item: WorkItemView } | null;

interface DialogsProps {
  asking: Asking;
  close: () => void;
  moves: Moves;
  agents: AgentView[];
}

/** What is asked before a work item is moved. */
export function Dialogs({ asking, close, moves, agents }: DialogsProps) {
  const { t } = useTranslation(["live", "ui"]);
  const titles = { pass: t("act.passTitle"), due: t("act.dueTitle"), cancel: t("act.cancelTitle") };
  const item = asking?.item;
  return (
    <Modal
      opened={asking !== null}
      onClose={close}
      title={asking ? titles[asking.what] : ""}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      {item && (
        <Stack gap="sm">
          <Text size="sm" c="var(--dim)" lineClamp={2}>
            {item.post_text}
          </Text>
          {asking.what === "pass" && <Pass item={item} moves={moves} agents={agents} close={close} />}
          {asking.what === "due" && <DueTime item={item} moves={moves} close={close} />}
          {asking.what === "cancel" && <Cancel item={item} moves={moves} close={close} />}
        </Stack>
      )}
    </Modal>
  );
}

interface DialogProps {
  item: WorkItemView;
  moves: Moves;
  close: () => void;
}

interface Target {
  id: string;
  name: string;
  icon: ReactNode;
  note: string;
  off: boolean;
  go: () => void;
}

function Pass({ item, moves, agents, close }: DialogProps & { agents: AgentView[] }) {
  const { t } = useTranslation("live");
  const queues = useQuery({ queryKey: ["queues", "names"], queryFn: () => take(api.GET("/v1/queues/names")) });
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const holder = holderOf(item);
  const to = (place: { queue?: string; agent?: string }, name: string) => () => {
    moves.pass(item, place, name, note.trim());
    close();
  };
  const people = agents.filter((a) => !a.disabled && a.activity !== "offline" && (a.queues ?? []).includes(item.queue));
  const targets: Target[] = [
    ...people
      .toSorted((a, b) => b.room - a.room)
      .map((a) => ({
        id: `a ${a.id}`,
        name: a.name || a.id,
        icon: <IconUser size={16} aria-hidden />,
        note:
          a.id === holder
            ? t("act.here")
            : `${t(`agents.activity.${a.doing}`)}, ${a.room > 0 ? t("act.room", { count: a.room }) : t("act.full")}`,
        off: a.id === holder,
        go: to({ agent: a.id }, a.name || a.id),
      })),
    ...(queues.data?.items ?? []).map((queue) => ({
      id: `q ${queue}`,
      name: queue,
      icon: <IconStack2 size={16} aria-hidden />,
      note: queue === item.queue && !holder && !item.for ? t("act.here") : t("act.toQueue"),
      off: queue === item.queue && !holder && !item.for,
      go: to({ queue }, queue),
    })),
  ].filter((x) => x.name.toLowerCase().includes(text.trim().toLowerCase()));
  const arrows = (e: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!by) return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>("input, button:not(:disabled)") ?? [])];
    all[all.indexOf(document.activeElement as HTMLElement) + by]?.focus();
    e.preventDefault();
  };
  return (
    <div ref={box}>
      <TextInput
        data-autofocus
        label={t("act.search")}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter") targets.find((x) => !x.off)?.go();
          arrows(e);
        }}
      />
      <div className={classes.choices}>
        {targets.map((x) => (
          <UnstyledButton key={x.id} className={classes.choice} disabled={x.off} onClick={x.go} onKeyDown={arrows}>
            {x.icon}
            <span className={classes.clip}>{x.name}</span>
            <Text span size="xs" c="var(--dim)" ml="auto">
              {x.note}
            </Text>
          </UnstyledButton>
        ))}
        {targets.length === 0 && (
          <Text size="sm" c="var(--dim)" p="xs">
            {t("act.nobody")}
          </Text>
        )}
      </div>
      <Textarea
        label={t("act.note")}
        description={t("act.noteHint")}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={4000}
        mt="xs"
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
    </div>
  );
}

/** A time as a field of a date and a time wants it, in the viewer's zone. */
function local(at: string): string {
  const d = new Date(at);
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function DueTime({ item, moves, close }: DialogProps) {
  const { t } = useTranslation(["live", "ui"]);
  const was = local(item.due);
  const named = priorityName(item.priority);
  const [priority, setPriority] = useState<string>(named ?? "");
  const [due, setDue] = useState(was);
  const moved = due !== was;
  const bad = moved && !(Date.parse(due) > Date.now());
  const send = (e: FormEvent) => {
    e.preventDefault();
    const body = {
      ...(priority && priority !== named && { priority: priorities[priority as Priority] }),
      ...(moved && { due: new Date(due).toISOString() }),
    };
    if (bad) return;
    if (Object.keys(body).length > 0) moves.change(item, body, t("act.changed"));
    close();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Select
          data-autofocus
          label={t("act.priority")}
          value={priority || null}
          placeholder={t("priority.of", { n: item.priority })}
          onChange={(v) => setPriority(v ?? "")}
          allowDeselect={false}
          comboboxProps={{ withinPortal: true }}
          data={(Object.keys(priorities) as Priority[]).map((p) => ({ value: p, label: t(`priority.${p}`) }))}
        />
        <TextInput
          type="datetime-local"
          label={t("act.dueAt")}
          value={due}
          onChange={(e) => setDue(e.currentTarget.value)}
          error={bad && t("act.dueBad")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("ui:cancel")}
          </Button>
          <Button type="submit">{t("act.save")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

const reasons = ["handled", "withdrawn", "twice"] as const;

function Cancel({ item, moves, close }: DialogProps) {
  const { t } = useTranslation("live");
  const [why, setWhy] = useState("");
  const [missing, setMissing] = useState(false);
  const send = (e: FormEvent) => {
    e.preventDefault();
    if (!why.trim()) {
      setMissing(true);
      return;
    }
    moves.cancel(item, why.trim());
    close();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Textarea
          data-autofocus
          label={t("act.why")}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={4000}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === "Enter" && !e.shiftKey) send(e);
          }}
          error={missing && !why.trim() && t("act.whyMissing")}
        />
        <Group gap="xs">
          {reasons.map((r) => (
            <Button key={r} variant="default" onClick={() => setWhy(t(`act.reasons.${r}`))}>
              {t(`act.reasons.${r}`)}
            </Button>
          ))}
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("act.keep")}
          </Button>
          <Button color="red" type="submit">
            {t("act.cancelDo")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
