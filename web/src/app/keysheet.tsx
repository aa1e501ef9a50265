import { Modal, Text } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { undoLast } from "@/ui/act";
import { Keys } from "@/ui/kbd";
import { useRegistry, useShortcuts } from "@/ui/shortcuts";
import classes from "./keysheet.module.css";
import { useGoKeys } from "./menu";

let opened = false;
const watchers = new Set<() => void>();
function show(on: boolean): void {
  opened = on;
  for (const run of watchers) run();
}
export function showKeySheet(): void {
  show(true);
}
const watch = (run: () => void) => {
  watchers.add(run);
  return () => watchers.delete(run);
};

/** All keys of this page and everywhere, on "?". */
export function KeySheet() {
  const { t } = useTranslation(["app", "ui"]);
  const open = useSyncExternalStore(watch, () => opened);
  const { all, single } = useRegistry();
  useGoKeys();
  useShortcuts([
    {
      keys: "?",
      label: t("keys.help"),
      group: t("keys.global"),
      run: () => show(!opened),
      inFields: false,
      hidden: true,
    },
    { keys: "z", label: t("ui:undo"), group: t("keys.global"), run: undoLast },
  ]);
  const groups = Map.groupBy(
    all.filter((s) => s.keys),
    (s) => s.group ?? t("palette.actions"),
  );
  return (
    <Modal
      opened={open}
      onClose={() => show(false)}
      title={t("keys.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      {!single && (
        <Text size="sm" c="var(--warn)" mb="sm">
          {t("keys.off")}
        </Text>
      )}
      <div className={classes.groups}>
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h2 className={classes.title}>{group}</h2>
            <dl className={classes.list}>
              {list.map((s) => (
                <div key={`${s.keys} ${s.label}`} className={classes.row}>
                  <dt>{s.label}</dt>
                  <dd>
                    <Keys of={s.keys as string} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
