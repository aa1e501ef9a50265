import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, sentence } from "@/api/problem";
import { useNow } from "./clock";

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
  /** Called when it was taken back. */
  undone?: () => void;
}

/** The undo that is offered last, for the key that asks for it. */
let lastUndo: (() => void) | undefined;
export function undoLast(): void {
  lastUndo?.();
}

/** A toast that says what went wrong, and why. */
export function showError(error: unknown): void {
  const t = i18next.getFixedT(null, "ui");
  const e = error instanceof ApiError ? error : undefined;
  if (e?.status === 401) return; // the page says so itself
  const message = e?.status === 0 ? t("failed.unreachable") : e?.stale ? t("failed.stale") : sentence(error);
  notifications.show({ color: "red", message, autoClose: 10_000, role: "alert" });
}

/**
 * How people change things: at once with an undo that reverses it, or, for
 * what cannot be reversed, after a few seconds in which it can be called off.
 */
export function useAct() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(0);
  const read = useCallback(
    (keys: QueryKey[] = []) => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey }))),
    [queries],
  );

  const now = useCallback(
    async (work: () => Promise<unknown>, { done, undo, touches }: Done = {}): Promise<boolean> => {
      setBusy((n) => n + 1);
      try {
        await work();
        void read(touches);
        if (done)
          offerUndo(
            done,
            undo &&
              (async () => {
                await undo();
                await read(touches);
              }),
          );
        return true;
      } catch (error) {
        showError(error);
        if (error instanceof ApiError && (error.stale || error.status === 409)) void read(touches);
        return false;
      } finally {
        setBusy((n) => n - 1);
      }
    },
    [read],
  );

  const later = useCallback(
    ({ text, run, done, undone, touches, until }: Later): void => {
      const work = async (keepalive: boolean) => {
        try {
          await run({ keepalive });
          void read(touches);
          if (done) notifications.show({ message: done, autoClose: 4000 });
        } catch (error) {
          showError(error);
          undone?.();
        }
      };
      postpone(text, work, graceOf(until), undone);
    },
    [read],
  );

  return useMemo(() => ({ now, later, busy: busy > 0 }), [now, later, busy]);
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

/** What waits for its seconds to be over. */
const waiting = new Set<() => Promise<void>>();

/** Has all that waits happen now; before one signs out. */
export async function flushLater(): Promise<void> {
  await Promise.all([...waiting].map((go) => go()));
}

/** A moment is kept for the way to the server; below a second and a half nobody calls anything off. */
function graceOf(until?: string): number {
  const left = until ? Date.parse(until) - Date.now() - 2000 : graceMs;
  return left < 1500 ? 0 : Math.min(graceMs, left);
}

function postpone(text: string, work: (keepalive: boolean) => Promise<void>, grace: number, undone?: () => void): void {
  if (grace === 0) {
    void work(false);
    return;
  }
  const id = crypto.randomUUID();
  const at = Date.now() + grace;
  let open = true;
  const end = () => {
    open = false;
    waiting.delete(now);
    clearTimeout(timer);
    removeEventListener("pagehide", leave);
    notifications.hide(id);
    if (lastUndo === take) lastUndo = undefined;
  };
  const take = () => {
    if (!open) return;
    end();
    undone?.();
    notifications.show({ message: i18next.t("ui:undone"), autoClose: 3000 });
  };
  const go = async (keepalive: boolean): Promise<void> => {
    if (!open) return;
    end();
    await work(keepalive);
  };
  const now = () => go(false);
  const leave = () => void go(true);
  waiting.add(now);
  const timer = setTimeout(() => void now(), grace);
  addEventListener("pagehide", leave);
  lastUndo = take;
  notifications.show({
    id,
    autoClose: false,
    withCloseButton: false,
    message: <Counting text={text} at={at} undo={take} />,
  });
}

function Counting({ text, at, undo }: { text: string; at: number; undo: () => void }) {
  const { t } = useTranslation("ui");
  const seconds = Math.max(0, Math.ceil((at - useNow(1000)) / 1000));
  return <WithUndo text={t("sending", { text, seconds })} undo={undo} />;
}

function WithUndo({ text, undo }: { text: string; undo: () => void }) {
  const { t } = useTranslation("ui");
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <Text size="sm">{text}</Text>
      <Button size="compact-xs" variant="light" onClick={undo}>
        {t("undo")}
      </Button>
    </Group>
  );
}
