import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { CaseView, MacroView } from "@/api/schema";
import { language } from "@/i18n";
import { macroText } from "./macro";
import { Picker } from "./picker";

interface MacroPickerProps {
  of: CaseView;
  opened: boolean;
  onClose: () => void;
  onPick: (macro: MacroView) => void;
}

/** The texts that agents share, those of the case's queue. */
export function MacroPicker({ of, opened, onClose, onPick }: MacroPickerProps) {
  const { t } = useTranslation("cases");
  const queue = of.work_items?.findLast((w) => w.queue)?.queue;
  const { data, error, isPending } = useQuery({
    queryKey: ["macros", "queue", queue ?? ""],
    queryFn: async () =>
      (await take(api.GET("/v1/macros", { params: { query: { limit: 500, ...(queue && { queue }) } } }))).items ?? [],
    enabled: opened,
    staleTime: 60_000,
  });
  const choices = (data ?? []).map((m) => ({
    id: m.id,
    label: m.title,
    about: macroText(m, of.lang, language()).text,
  }));
  const none = isPending
    ? t("macro.loading")
    : error
      ? t("macro.failed")
      : t(data?.length ? "macro.nothing" : "macro.none");
  return (
    <Picker
      opened={opened}
      onClose={onClose}
      title={t("macro.title")}
      choices={choices}
      none={none}
      onPick={(id) => {
        const m = data?.find((x) => x.id === id);
        if (m) onPick(m);
      }}
    />
  );
}
