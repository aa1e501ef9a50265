import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { WorkItemView } from "@/api/schema";
import { useAct } from "@/ui/act";
import type { Keeper } from "./kept";
import { holderOf } from "./order";
import { type Priority, priorities } from "./words";

export interface Place {
  queue?: string;
  agent?: string;
}

/** A call that moves the version that was seen; without one, whatever it is by now. */
const header = (seen?: WorkItemView) => ({
  "Idempotency-Key": onceKey(),
  ...(seen && { "If-Match": `"${seen.version}"` }),
});

/** What a supervisor does with a work item; each can be taken back. */
export function useMoves(keeper: Keeper<WorkItemView>) {
  const { t } = useTranslation("live");
  const act = useAct();
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const leave = useCallback(
    (id: string, on: boolean) =>
      setLeaving((was) => {
        const next = new Set(was);
        if (on) next.add(id);
        else next.delete(id);
        return next;
      }),
    [],
  );
  const kept = async (answer: Promise<WorkItemView>) => keeper.put(await answer);
  // A refused move shows that something else happened meanwhile: it is read again.
  const now = async (w: WorkItemView, work: () => Promise<unknown>, done: string, undo: () => Promise<unknown>) => {
    if (!(await act.now(work, { done, undo }))) keeper.touch(w.id);
  };

  const transfer = (id: string, to: Place, note: string, seen?: WorkItemView) =>
    kept(
      take(
        api.POST("/v1/work-items/{id}/transfer", {
          params: { path: { id }, header: header(seen) },
          body: { ...to, ...(note && { note }) },
        }),
      ),
    );
  const pass = (w: WorkItemView, to: Place, name: string, note: string) => {
    const from: Place = { queue: w.queue, agent: holderOf(w) ?? w.for };
    const back = async () => {
      const is = await take(api.GET("/v1/work-items/{id}", { params: { path: { id: w.id } } }));
      // Nobody is torn from a call that they have begun.
      if (is.state === "assigned" || is.state === "wrapping") throw new Error(t("act.taken", { who: is.agent }));
      await transfer(w.id, from, "");
    };
    void now(
      w,
      () => transfer(w.id, to, note, w),
      t(to.agent ? "act.passedAgent" : "act.passedQueue", { who: name, queue: name }),
      back,
    );
  };

  const raiseTo = (id: string, body: { priority?: number; due?: string; note?: string }, seen?: WorkItemView) =>
    kept(take(api.POST("/v1/work-items/{id}/raise", { params: { path: { id }, header: header(seen) }, body })));
  const change = (w: WorkItemView, body: { priority?: number; due?: string }, done: string) => {
    const was = { priority: Math.max(1, w.priority), ...(body.due && { due: w.due }) };
    void now(
      w,
      () => raiseTo(w.id, body, w),
      done,
      () => raiseTo(w.id, was),
    );
  };
  const raise = (w: WorkItemView, to: Priority) =>
    change(w, { priority: priorities[to] }, t("act.raised", { priority: t(`priority.${to}`) }));

  const cancel = (w: WorkItemView, note: string) => {
    const { id } = w;
    leave(id, true);
    act.later({
      text: t("act.canceling"),
      done: t("act.canceled"),
      run: async (init) => {
        const path = { id };
        await kept(
          take(
            api.POST("/v1/work-items/{id}/cancel", { params: { path, header: header(w) }, body: { note }, ...init }),
          ),
        );
        leave(id, false);
      },
      undone: () => leave(id, false),
    });
  };

  return { pass, change, raise, cancel, leaving };
}

export type Moves = ReturnType<typeof useMoves>;
