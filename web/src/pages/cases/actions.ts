import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take, takeWhole } from "@/api/client";
import { now as atServer } from "@/api/clock";
import { conversationQuery } from "@/api/queries/case";
import type { CaseView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { callOffAbout } from "@/ui/later";
import { word } from "@/ui/word";
import { touchedBy } from "./data";
import { addLeaving, endLeaving, restoreDraft, spendDraft, unsureOf } from "./drafts";
import { rememberLeft } from "./left";
import { send } from "./send";

/** What a person can do with a case, each with its way back. */
export function useCaseActions(c: CaseView) {
  const { t } = useTranslation("cases");
  const act = useAct();
  const me = useSession();
  const queries = useQueryClient();
  return useMemo(() => {
    const path = { id: c.id };
    const touches = touchedBy(c.id, c.customer_id);
    const once = () => ({ path, header: { "Idempotency-Key": onceKey() } });
    const takeIt = (from?: string) =>
      take(api.POST("/v1/cases/{id}/take", { params: once(), body: from ? { from } : {} }));
    const giveBack = () => take(api.POST("/v1/cases/{id}/handback", { params: once(), body: {} }));
    /** What one is about to say in it is said by who has it. */
    const takeBack = () => {
      callOffAbout(c.id);
      return giveBack();
    };
    const setIntent = (intent: string, after?: string) =>
      takeWhole(
        api.POST("/v1/cases/{id}/intent", {
          params: { path, header: { ...once().header, ...(after && { "If-Match": after }) } },
          body: { intent },
        }),
      );
    return {
      busy: act.busy,
      take: (from?: string) =>
        act.now(() => takeIt(from), { done: t("did.took"), touches, ...(!from && { undo: takeBack }) }),
      handBack: () => act.now(giveBack, { done: t("did.handedBack"), touches, undo: () => takeIt() }),
      correct: (intent: string) => {
        let said = "";
        return act.now(
          async () => {
            said = (await setIntent(intent)).etag;
          },
          {
            done: t("did.corrected", { intent: word("intent", intent) }),
            touches,
            // It takes back this word, and nobody's later one.
            undo: () => setIntent(c.intent, said),
          },
        );
      },
      keep: (promise: string) =>
        act.now(
          () =>
            take(
              api.POST("/v1/cases/{id}/promises/{promise}/keep", {
                params: { path: { ...path, promise }, header: once().header },
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
      /** It cannot be taken back once it was sent, so it waits a moment first. The case is taken with it, and not before. */
      reply: (visibility: "private" | "public", text: string) => {
        const id = crypto.randomUUID();
        const params = once();
        spendDraft(c.id, visibility, text);
        addLeaving(c.id, { id, text, visibility });
        act.later({
          text: t(visibility === "public" ? "reply.leavesPublic" : "reply.leavesPrivate"),
          done: t("did.sent"),
          off: t("reply.off"),
          about: c.id,
          touches,
          run: async ({ keepalive }) => {
            if (keepalive) rememberLeft({ session: me.id, case: c.id, visibility, at: atServer() });
            const body = { text, visibility, take: true };
            await send({
              text,
              visibility,
              by: me.login,
              post: () => take(api.POST("/v1/cases/{id}/reply", { params, body, keepalive })),
              read: () => queries.fetchQuery({ ...conversationQuery(c.id), staleTime: 0 }),
              unsure: () => unsureOf(c.id, id),
              lost: t("reply.lost"),
            });
            endLeaving(c.id, id);
          },
          undone: () => {
            endLeaving(c.id, id);
            restoreDraft(c.id, visibility, text);
          },
        });
      },
      close: (disposition: string, note: string) =>
        act.now(
          () =>
            take(api.POST("/v1/cases/{id}/close", { params: once(), body: { disposition, ...(note && { note }) } })),
          { done: t("did.closed"), touches },
        ),
    };
  }, [act, c, t, me, queries]);
}

export type CaseActions = ReturnType<typeof useCaseActions>;
