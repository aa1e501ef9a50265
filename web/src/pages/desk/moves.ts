import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, takeWhole } from "@/api/client";
import { ApiError } from "@/api/problem";
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
import { useAct } from "@/ui/act";
import { itemQuery, nameOf } from "./data";
import { leave, stay } from "./leaving";
import { sameToPeople, whatChanged } from "./words";

type Verb = "assign" | "wrap" | "transfer" | "snooze" | "raise" | "expert" | "complete" | "cancel";

/**
 * Moves a work item. The version that was looked at goes with it: where somebody
 * was faster the item is read anew, and the error says what they did.
 */
function useSend() {
  const queries = useQueryClient();
  const { t } = useTranslation("desk");
  return useMemo(() => {
    const lists = [["agents", "me"], ["desk", "open"], ["queues"]];
    const send = async (w: WorkItemView, verb: Verb, body?: object, keepalive = false): Promise<WorkItemView> => {
      const params = {
        path: { id: w.id },
        // A page that goes away cannot read anew and send again: what was meant is done as things stand.
        header: { "Idempotency-Key": onceKey(), ...(!keepalive && { "If-Match": `"${w.version}"` }) },
      };
      try {
        // Eight calls of one shape: their bodies are checked where they are made, below.
        const path = `/v1/work-items/{id}/${verb}` as "/v1/work-items/{id}/complete";
        const moved = await takeWhole(api.POST(path, { params, body: body as never, keepalive }));
        const { customer_name, handle } = w;
        queries.setQueryData(itemQuery(w.id).queryKey, {
          ...moved,
          body: { ...moved.body, customer_name, handle },
        });
        return moved.body;
      } catch (error) {
        if (!(error instanceof ApiError) || !(error.stale || error.status === 409)) throw error;
        const { body: is } = await queries.fetchQuery({ ...itemQuery(w.id), staleTime: 0 });
        if (!error.stale) throw error;
        if (sameToPeople(w, is) && is.version !== w.version) return await send(is, verb, body, keepalive);
        throw new Error(t("changed.title", { what: whatChanged(w, is, t) }));
      } finally {
        for (const queryKey of lists) void queries.invalidateQueries({ queryKey });
      }
    };
    return send;
  }, [queries, t]);
}

/** What can be done with a work item, each with the way back that it has. */
export function useMoves() {
  const send = useSend();
  const act = useAct();
  const navigate = useNavigate();
  const { login } = useSession();
  const { t } = useTranslation("desk");
  return useMemo(() => {
    /** What cannot be undone afterwards: it happens after a few seconds, and the item is out of the way meanwhile. */
    const postpone = (w: WorkItemView, verb: Verb, body: object, text: string, done: string, after?: () => void) => {
      leave(w.id);
      let failed = false;
      act.later({
        text,
        done,
        undone: () => {
          stay(w.id);
          // Who calls it off goes on with it; a failure takes nobody away from what they do by now.
          if (!failed) void navigate({ to: "/desk/$item", params: { item: w.id } });
        },
        run: async ({ keepalive }) => {
          try {
            await send(w, verb, body, keepalive);
          } catch (error) {
            failed = true;
            throw error;
          }
          stay(w.id);
          after?.();
        },
      });
    };
    const name = (w: WorkItemView) => nameOf(w);
    return {
      busy: act.busy,
      take: (w: WorkItemView) =>
        act.now(() => send(w, "assign"), {
          done: t("done.taken"),
          undo: () =>
            takeWhole(
              api.POST("/v1/work-items/{id}/transfer", {
                params: { path: { id: w.id }, header: { "Idempotency-Key": onceKey() } },
                body: {},
              }),
            ),
          touches: [
            ["agents", "me"],
            ["desk", "open"],
          ],
        }),
      wrap: (w: WorkItemView) => act.now(() => send(w, "wrap")),
      snooze: (w: WorkItemView, body: SnoozeInputBody, done: string) =>
        act.now(() => send(w, "snooze", body), {
          done,
          undo: async () => {
            await takeWhole(
              api.POST("/v1/work-items/{id}/assign", {
                params: { path: { id: w.id }, header: { "Idempotency-Key": onceKey() } },
              }),
            );
            void navigate({ to: "/desk/$item", params: { item: w.id } });
          },
          touches: [
            ["work-items", w.id],
            ["agents", "me"],
            ["desk", "open"],
          ],
        }),
      raise: (w: WorkItemView, body: RaiseInputBody) =>
        act.now(() => send(w, "raise", body), {
          done: t("done.raised"),
          undo: async () => {
            const due = Date.parse(w.due) > Date.now() ? { due: w.due } : {};
            await takeWhole(
              api.POST("/v1/work-items/{id}/raise", {
                params: { path: { id: w.id }, header: { "Idempotency-Key": onceKey() } },
                body: { priority: Math.max(1, w.priority), ...due },
              }),
            );
          },
          touches: [
            ["work-items", w.id],
            ["desk", "open"],
          ],
        }),
      complete: (w: WorkItemView, body: CompleteInputBody, label: string, after: () => void) =>
        postpone(w, "complete", body, t("later.complete", { name: name(w), label }), t("done.completed"), after),
      cancel: (w: WorkItemView, body: CancelInputBody) =>
        postpone(w, "cancel", body, t("later.cancel", { name: name(w) }), t("done.canceled")),
      transfer: (w: WorkItemView, body: TransferInputBody, to: string) =>
        postpone(w, "transfer", body, t("later.transfer", { name: name(w), to }), t("done.transferred", { to })),
      expert: (w: WorkItemView, body: ExpertInputBody) =>
        act.later({
          text: t("later.expert"),
          done: t("done.expert"),
          run: ({ keepalive }) => send(w, "expert", body, keepalive),
        }),
      isMine: (w: WorkItemView) => (w.state === "assigned" || w.state === "wrapping") && w.agent === login,
    };
  }, [act, login, navigate, send, t]);
}

export type Moves = ReturnType<typeof useMoves>;
