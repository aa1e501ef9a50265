import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { CaseView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { touchedBy } from "./data";
import { addLeaving, type Draft, endLeaving, restoreDraft, spendDraft } from "./drafts";
import { word } from "./words";

/** What a person can do with a case, each with its way back. */
export function useCaseActions(c: CaseView) {
  const { t } = useTranslation("cases");
  const act = useAct();
  return useMemo(() => {
    const params = { path: { id: c.id } };
    const touches = touchedBy(c.id, c.customer_id);
    const once = () => ({ path: { id: c.id }, header: { "Idempotency-Key": onceKey() } });
    const takeIt = (from?: string) => take(api.POST("/v1/cases/{id}/take", { params, body: from ? { from } : {} }));
    const giveBack = () => take(api.POST("/v1/cases/{id}/handback", { params, body: {} }));
    const setIntent = (intent: string) => take(api.POST("/v1/cases/{id}/intent", { params: once(), body: { intent } }));
    return {
      busy: act.busy,
      take: (from?: string) =>
        act.now(() => takeIt(from), { done: t("did.took"), touches, ...(!from && { undo: giveBack }) }),
      handBack: () => act.now(giveBack, { done: t("did.handedBack"), touches, undo: () => takeIt() }),
      correct: (intent: string) =>
        act.now(() => setIntent(intent), {
          done: t("did.corrected", { intent: word("intent", intent) }),
          touches,
          undo: () => setIntent(c.intent),
        }),
      keep: (promise: string) =>
        act.now(
          () =>
            take(
              api.POST("/v1/cases/{id}/promises/{promise}/keep", {
                params: { path: { id: c.id, promise }, header: { "Idempotency-Key": onceKey() } },
                body: {},
              }),
            ),
          { done: t("did.kept"), touches },
        ),
      note: (text: string) =>
        act.now(() => take(api.POST("/v1/cases/{id}/notes", { params: once(), body: { text } })), {
          done: t("did.noted"),
          touches,
        }),
      /** It cannot be taken back once it was sent, so it waits a moment first. */
      reply: (draft: Draft & { mode: "private" | "public" }) => {
        const id = crypto.randomUUID();
        const key = draft.key ?? onceKey();
        const back = () => {
          endLeaving(c.id, id);
          restoreDraft(c.id, { ...draft, key });
        };
        spendDraft(c.id, draft.text);
        addLeaving(c.id, { id, text: draft.text, visibility: draft.mode });
        act.later({
          text: t(draft.mode === "public" ? "reply.leavesPublic" : "reply.leavesPrivate"),
          done: t("did.sent"),
          touches,
          run: async ({ keepalive }) => {
            const body = { text: draft.text, visibility: draft.mode };
            const header = { "Idempotency-Key": key };
            await take(api.POST("/v1/cases/{id}/reply", { params: { ...params, header }, body, keepalive }));
            endLeaving(c.id, id);
          },
          undone: back,
        });
      },
      close: (disposition: string, note: string) =>
        act.now(
          () => take(api.POST("/v1/cases/{id}/close", { params, body: { disposition, ...(note && { note }) } })),
          { done: t("did.closed"), touches },
        ),
    };
  }, [act, c, t]);
}

export type CaseActions = ReturnType<typeof useCaseActions>;
