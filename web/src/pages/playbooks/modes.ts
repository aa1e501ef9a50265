import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { ApiError } from "@/api/problem";
import { useAct } from "@/ui/act";
import { word } from "@/ui/word";
import type { Switch } from "./query";

export type Mode = "live" | "approve" | "shadow" | "stopped";
/** What a switch can be set to: inherit takes it away. */
export type Setting = Mode | "inherit";

/**
 * What holds for a network or a rule alone: a stop of everything stops, else
 * its own switch, else what is set for everything. A message is a network's
 * and a rule's: of those two the rule's switch holds.
 */
export function effective(switches: Switch[], scope: string): Mode {
  const mode = (of: string) => switches.find((s) => s.scope === of)?.mode as Mode | undefined;
  if (mode("all") === "stopped") return "stopped";
  return mode(scope) ?? mode("all") ?? "live";
}

/** Sets switches, with an undo that leaves alone what somebody else has set since. */
export function useSwitch(switches: Switch[]) {
  const { t } = useTranslation("playbooks");
  const act = useAct();
  const put = (scope: string, mode: Setting) => take(api.PUT("/v1/switches", { body: { scope, mode } }));
  const set = (scope: string, next: Setting) => {
    const was =
      (switches.find((s) => s.scope === scope)?.mode as Mode | undefined) ?? (scope === "all" ? "live" : "inherit");
    if (next === was) return Promise.resolve(true);
    let mine: Switch | undefined;
    const name = scope === "all" ? t("modes.all") : scope.slice(scope.indexOf(":") + 1);
    return act.now(
      async () => {
        mine = await put(scope, next);
      },
      {
        done:
          scope === "all" && next === "stopped"
            ? t("stop.done")
            : t("modes.done", { scope: name, mode: word("mode", next) }),
        touches: [["switches"], ["effects"]],
        undo: async () => {
          const now = (await take(api.GET("/v1/switches"))).items?.find((s) => s.scope === scope);
          if (now && mine && now.by !== mine.by)
            throw new ApiError(409, { detail: t("modes.changed", { by: now.by ?? t("nobody") }) });
          await put(scope, was);
        },
      },
    );
  };
  return { set, busy: act.busy };
}
