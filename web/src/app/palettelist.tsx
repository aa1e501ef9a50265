import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconBolt } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Keys } from "@/ui/kbd";
import { useRegistry } from "@/ui/shortcuts";

/** The palette itself; it opens whenever it is asked for once more. */
export default function PaletteList({ asked }: { asked: number }) {
  const { t } = useTranslation("app");
  const { all } = useRegistry();
  useEffect(() => {
    if (asked > 0) spotlight.open();
  }, [asked]);
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
