import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconBolt } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFindCustomer } from "@/pages/customers/find";
import { Keys } from "@/ui/kbd";
import { useRegistry, useShortcuts } from "@/ui/shortcuts";

/** Every command and page by name, on ctrl+k. */
export function Palette() {
  const { t } = useTranslation("app");
  const { all } = useRegistry();
  useFindCustomer();
  useShortcuts([
    {
      keys: "mod+k",
      label: t("keys.search"),
      group: t("keys.global"),
      run: spotlight.open,
      inFields: true,
      hidden: true,
    },
  ]);
  const pages = t("palette.pages");
  const actions = all
    .filter((s) => !s.hidden)
    .map((s, i) => ({
      id: `${i} ${s.label}`,
      label: s.label,
      group: s.group ?? t("palette.actions"),
      onClick: s.run,
      leftSection: s.group === pages ? <IconArrowRight size={16} /> : <IconBolt size={16} />,
      rightSection: s.keys ? <Keys of={s.keys} /> : undefined,
    }));
  const groups = [...Map.groupBy(actions, (a) => a.group)].map(([group, list]) => ({ group, actions: list }));
  return (
    <Spotlight
      actions={groups}
      shortcut={null}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound={t("palette.none")}
      searchProps={{ placeholder: t("palette.placeholder"), "aria-label": t("palette.placeholder") }}
    />
  );
}
