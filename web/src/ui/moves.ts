import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { now as atServer } from "@/api/clock";
import { ApiError } from "@/api/problem";
import { itemQuery } from "@/api/queries/workitem";
import type {
  CancelInputBody,
  CompleteInputBody,
  ExpertInputBody,
  RaiseInputBody,
  SnoozeInputBody,
  TransferInputBody,
  WorkItemView,
} from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "./act";
import { callOffAbout } from "./later";
import { leave, stay } from "./leaving";
import { Changed, moveItem, type Verb } from "./move";
import { openWork, settle } from "./openwork";
import { holderOf, nameOf, type Told } from "./workitem";

/** Moves a work item, and shows what became of it: by this move, or by somebody's who was faster. */
function useSend() {
  const queries = useQueryClient();
  const { login } = useSession();
  return useMemo(() => {
    return async (w: WorkItemView, verb: Verb, body?: object, how?: Parameters<typeof moveItem>[3]) => {
      try {
        return settle(queries, login, await moveItem(w, verb, body, how), w);
      } catch (error) {
        if (error instanceof Changed) settle(queries, login, error.item, w);
        else openWork.touch(w.id);
        if (error instanceof ApiError && error.status === 409)
          void queries.invalidateQueries({ queryKey: itemQuery(w.id).queryKey, exact: true });
        throw error;
      }
    };
  }, [queries, login]);
}

/** An offer that came of a move is no reason against taking it back; nobody is torn from what they have begun. */
const placeOnly: readonly Told[] = ["agent", "for", "queue", "note"];
const passOnly: readonly Told[] = ["agent", "queue"];
const pressOnly: readonly Told[] = ["priority", "due"];

/**
 * What can be done with a work item, each with the way back that it has. `back`
 * is where somebody goes on who has called off, or taken back, what took the
 * item out of their hands.
 */
export function useMoves(back?: (id: string) => void) {
  const send = useSend();
  const act = useAct();
  const { login } = useSession();
  const { t } = useTranslation("desk");
  return useMemo(() => {
    /** What cannot be undone afterwards: it happens after a few seconds, and the item is out of the way meanwhile. */
    const postpone = (w: WorkItemView, verb: Verb, body: object, text: string, done: string, after?: () => void) => {
      leave(w.id, verb);
      let failed = false;
      act.later({
        text,
        done,
        undone: () => {
          stay(w.id);
          // Who calls it off goes on with it; a failure takes nobody away from what they do by now.
          if (!failed) back?.(w.id);
        },
        run: async ({ keepalive }) => {
          try {
            await send(w, verb, body, { keepalive });
          } catch (error) {
            failed = true;
            throw error;
          }
          stay(w.id);
          after?.();
        },
      });
    };
    return {
      busy: act.busy,
      take: (w: WorkItemView) =>
        act.turn(
          () => send(w, "assign"),
          t("done.taken"),
          (is) => {
            callOffAbout(w.case_id); // a reply that leaves all the same would be nobody's work
            return send(is, "transfer", {});
          },
        ),
      wrap: (w: WorkItemView) => act.now(() => send(w, "wrap")),
      snooze: (w: WorkItemView, body: SnoozeInputBody, done: string) =>
        act.turn(
          () => send(w, "snooze", body),
          done,
          async (is) => {
            await send(is, "assign", undefined, { same: placeOnly });
            back?.(w.id);
          },
        ),
      raise: (w: WorkItemView, body: RaiseInputBody, done = t("done.raised")) =>
        act.turn(
          () => send(w, "raise", body),
          done,
          (is) => {
            const due = Date.parse(w.due) > atServer() ? { due: w.due } : {};
            return send(is, "raise", { priority: Math.max(1, w.priority), ...due }, { same: pressOnly });
          },
        ),
      complete: (w: WorkItemView, body: CompleteInputBody, label: string, after: () => void) =>
        postpone(w, "complete", body, t("later.complete", { name: nameOf(w), label }), t("done.completed"), after),
      cancel: (w: WorkItemView, body: CancelInputBody) =>
        postpone(w, "cancel", body, t("later.cancel", { name: nameOf(w) }), t("done.canceled")),
      /** By whoever has it, and may not be able to get it back from there. */
      transfer: (w: WorkItemView, body: TransferInputBody, to: string) =>
        postpone(w, "transfer", body, t("later.transfer", { name: nameOf(w), to }), t("done.transferred", { to })),
      /** By a supervisor, who can take it back from wherever it went. */
      pass: (w: WorkItemView, body: TransferInputBody, done: string) =>
        act.turn(
          () => send(w, "transfer", body),
          done,
          (is) => send(is, "transfer", { queue: w.queue, agent: holderOf(w) ?? w.for }, { same: passOnly }),
        ),
      expert: (w: WorkItemView, body: ExpertInputBody) =>
        act.later({
          text: t("later.expert"),
          done: t("done.expert"),
          run: ({ keepalive }) => send(w, "expert", body, { keepalive }),
        }),
      isMine: (w: WorkItemView) => (w.state === "assigned" || w.state === "wrapping") && w.agent === login,
    };
  }, [act, back, login, send, t]);
}

export type Moves = ReturnType<typeof useMoves>;
