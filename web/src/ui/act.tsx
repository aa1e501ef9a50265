import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { now as atServer } from "@/api/clock";
import { ApiError, Plain } from "@/api/problem";
import { anotherCode } from "@/api/whose";
import { useNow } from "./clock";
import { postpone, secondsLeft } from "./later";
import { Why } from "./problem";

/** How long what cannot be taken back afterwards waits before it happens. */
const graceMs = 6000;

interface Done {
  /** What happened, for the toast; without it nothing is said. */
  done?: string;
  /** Takes it back; the toast offers it. */
  undo?: () => Promise<unknown>;
  /** Queries to read again beside what the stream tells. */
  touches?: QueryKey[];
}

interface Later extends Pick<Done, "done" | "touches"> {
  /** What will happen, for the toast with the countdown. */
  text: string;
  /** Called after the grace, or at once when the page goes away (then with keepalive, to be handed to fetch). */
  run: (init: { keepalive: boolean }) => Promise<unknown>;
  /** When it is too late for it: it happens before, with less time to call it off, or none. */
  until?: string;
  /** What calls it off, where it is not "Undo". */
  off?: string;
  /** The case in which it leaves. */
  about?: string;
  /** Called when it was taken back, called off or refused. */
  undone?: () => void;
}

/** The undo that is offered last, for the key that asks for it. */
let lastUndo: (() => void) | undefined;
export function undoLast(): void {
  lastUndo?.();
}

/** A toast that says what went wrong, and why, and what was not done by it. */
export function showError(error: unknown, notDone?: string): void {
  if (error instanceof ApiError && (error.status === 401 || error.code === anotherCode)) return; // the page says so itself
  const id = crypto.randomUUID();
  if (error instanceof ApiError && error.status === 0) unanswered.add(id);
  const message = (
    <>
      {notDone && <Text size="sm">{notDone}</Text>}
      <Why error={error} />
    </>
  );
  notifications.show({
    id,
    color: "red",
    message,
    autoClose: 10_000,
    role: "alert",
    onClose: () => unanswered.delete(id),
  });
}

/** Toasts that say that the server does not answer. */
const unanswered = new Set<string>();

/** Takes away what says that the server does not answer, once it does. */
export function answersAgain(): void {
  for (const id of [...unanswered]) notifications.hide(id);
  unanswered.clear();
}

/** Takes all of them away, and with them what the last one offers. */
export function forgetToasts(): void {
  lastUndo = undefined; // clean() calls no onClose
  unanswered.clear();
  notifications.clean();
}

/**
 * How people change things, and are told: at once with an undo that reverses it, or, for
 * what cannot be reversed, after a few seconds in which it can be called off.
 * `say` tells what was done elsewhere, as a form's sending.
 */
export function useAct() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(0);
  const read = useCallback(
    (keys: QueryKey[] = []) => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey }))),
    [queries],
  );

  const say = useCallback(
    (done: string, { undo, touches }: Omit<Done, "done"> = {}): void => {
      void read(touches);
      offerUndo(
        done,
        undo &&
          (async () => {
            try {
              await undo();
            } finally {
              await read(touches); // a refused undo shows what somebody else made of it
            }
          }),
      );
    },
    [read],
  );

  const now = useCallback(
    async (work: () => Promise<unknown>, { done, undo, touches }: Done = {}): Promise<boolean> => {
      setBusy((n) => n + 1);
      try {
        await work();
        if (done) say(done, { undo, touches });
        else void read(touches);
        return true;
      } catch (error) {
        showError(error);
        if (error instanceof ApiError && (error.stale || error.status === 409)) void read(touches);
        return false;
      } finally {
        setBusy((n) => n - 1);
      }
    },
    [read, say],
  );

  /** What is done at once; taking it back goes out from what it became. */
  const turn = useCallback(
    <T,>(work: () => Promise<T>, done: string, back: (is: T) => Promise<unknown>): Promise<boolean> => {
      let became: T;
      return now(
        async () => {
          became = await work();
        },
        { done, undo: () => back(became) },
      );
    },
    [now],
  );

  const later = useCallback(
    ({ text, run, done, undone, touches, until, off, about }: Later): void => {
      const work = async (keepalive: boolean) => {
        try {
          await run({ keepalive });
          void read(touches);
          if (done) notifications.show({ message: done, autoClose: 4000 });
          return true;
        } catch (error) {
          showError(error);
          undone?.();
          return false;
        }
      };
      count(text, graceOf(until), work, { undone, off, about });
    },
    [read],
  );

  return useMemo(() => ({ now, turn, later, say, busy: busy > 0 }), [now, turn, later, say, busy]);
}

function offerUndo(message: string, undo?: () => Promise<unknown>): void {
  if (!undo) {
    notifications.show({ message, autoClose: 4000 });
    return;
  }
  const id = crypto.randomUUID();
  const take = async () => {
    notifications.hide(id);
    if (lastUndo === take) lastUndo = undefined;
    try {
      await undo();
      notifications.show({ message: i18next.t("ui:undone"), autoClose: 3000 });
    } catch (error) {
      showError(error);
    }
  };
  lastUndo = take;
  notifications.show({
    id,
    message: <WithUndo text={message} undo={take} />,
    autoClose: 10_000,
    onClose: () => {
      if (lastUndo === take) lastUndo = undefined;
    },
  });
}

/** A moment is kept for the way to the server; below a second and a half nobody calls anything off. */
function graceOf(until?: string): number {
  const left = until ? Date.parse(until) - atServer() - 2000 : graceMs;
  return left < 1500 ? 0 : Math.min(graceMs, left);
}

function count(
  text: string,
  graceMs: number,
  work: (keepalive: boolean) => Promise<boolean>,
  { undone, off: label, about }: Pick<Later, "undone" | "off" | "about">,
): void {
  if (graceMs === 0) {
    void work(false);
    return;
  }
  const id = crypto.randomUUID();
  const take = () => off("undone");
  const off = postpone(graceMs, {
    ...(about && { about }),
    work,
    over: () => {
      notifications.hide(id);
      if (lastUndo === take) lastUndo = undefined;
    },
    back: (why) => {
      undone?.();
      if (why === "undone") notifications.show({ message: i18next.t("ui:undone"), autoClose: 3000 });
      else if (why === "late") showError(new Plain(i18next.t("ui:late")));
    },
  });
  lastUndo = take;
  notifications.show({
    id,
    autoClose: false,
    withCloseButton: false,
    message: (
      <Counting text={text} at={atServer() + graceMs} most={Math.ceil(graceMs / 1000)} undo={take} label={label} />
    ),
  });
}

interface CountingProps {
  text: string;
  at: number;
  most: number;
  undo: () => void;
  label: string | undefined;
}

function Counting({ text, at, most, undo, label }: CountingProps) {
  const { t } = useTranslation("ui");
  const seconds = secondsLeft(at, useNow(1000), most);
  return <WithUndo text={t("sending", { text, seconds })} undo={undo} label={label} />;
}

function WithUndo({ text, undo, label }: { text: string; undo: () => void; label?: string | undefined }) {
  const { t } = useTranslation("ui");
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm">{text}</Text>
      <Button size="compact-xs" variant="light" flex="none" onClick={undo}>
        {label ?? t("undo")}
      </Button>
    </Group>
  );
}
