import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { meQuery } from "@/api/queries/agent";
import type { AgentView } from "@/api/schema";
import { says } from "@/i18n/said";
import { useAct } from "@/ui/act";
import { headword } from "@/ui/word";

export type Activity = AgentView["activity"];

/** The second key after v. */
export const activityKeys: Record<Activity, string> = { available: "a", busy: "u", break: "b", offline: "o" };
export const activities = Object.keys(activityKeys) as Activity[];

/** Whether the desk has set somebody to a break since they let offers go by. */
export const wentMissing = (me: AgentView): boolean =>
  me.activity === "break" && says("offers_missed", me.activity_reason_said);

/** Says what one is doing. What one still holds is said with it, and the change can be taken back. */
export function useActivity() {
  const queries = useQueryClient();
  const { now, busy } = useAct();
  const { t } = useTranslation("desk");
  const put = async (activity: Activity) => {
    const me = await take(
      api.PUT("/v1/agents/me/activity", {
        params: { header: { "Idempotency-Key": onceKey() } },
        body: { activity },
      }),
    );
    queries.setQueryData(meQuery.queryKey, me);
  };
  const set = (next: Activity) => {
    const was = queries.getQueryData(meQuery.queryKey);
    if (was?.activity === next && !wentMissing(was)) return Promise.resolve(true);
    const held = next === "available" ? 0 : (was?.assigned ?? 0) + (was?.wrapping ?? 0);
    const said = t("activities.set", { activity: headword("activity", next) });
    return now(() => put(next), {
      done: held > 0 ? `${said} ${t("activities.holding", { count: held })}` : said,
      undo: was && !wentMissing(was) ? () => put(was.activity) : undefined,
      touches: [["agents", "me", "reservations"]],
    });
  };
  return { set, busy };
}
