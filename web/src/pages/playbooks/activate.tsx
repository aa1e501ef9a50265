import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { PlaybookView } from "@/api/schema";
import { useAct } from "@/ui/act";

/** Lets a version decide; undo lets the one before do so again. */
export function useActivate() {
  const { t } = useTranslation("playbooks");
  const act = useAct();
  const activate = (version: number) =>
    take(api.POST("/v1/playbooks/{version}/activate", { params: { path: { version } } }));
  return {
    busy: act.busy,
    activate: (version: number, was: PlaybookView | undefined) =>
      act.now(() => activate(version), {
        done: t("activated", { version }),
        touches: [["playbooks"]],
        undo: was && (() => activate(was.version)),
      }),
  };
}

export function ActivateButton({ version, was }: { version: number; was: PlaybookView | undefined }) {
  const { t } = useTranslation("playbooks");
  const { activate, busy } = useActivate();
  return (
    <Button variant="default" loading={busy} onClick={() => void activate(version, was)}>
      {t("activate")}
    </Button>
  );
}
