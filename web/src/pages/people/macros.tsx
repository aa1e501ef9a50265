import { Button, UnstyledButton } from "@mantine/core";
import { IconPlus, IconTextPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MacroView } from "@/api/schema";
import { languageName } from "@/ui/format";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { Ago } from "@/ui/time";
import { MacroForm } from "./macroform";
import classes from "./people.module.css";
import { macrosQuery } from "./queries";

/** Texts that agents put into their replies. */
export function Macros() {
  const { t } = useTranslation("people");
  const macros = useQuery(macrosQuery);
  const [form, setForm] = useState<{ of?: MacroView } | null>(null);
  const [going, setGoing] = useState<ReadonlySet<string>>(new Set());
  useShortcuts([{ keys: "n", label: t("macro.add"), group: t("tab.macros"), run: () => setForm({}) }]);
  const shown = (macros.data ?? []).filter((m) => !going.has(m.id));
  const gone = (id: string, yes: boolean) =>
    setGoing((was) => {
      const next = new Set(was);
      if (yes) next.add(id);
      else next.delete(id);
      return next;
    });
  return (
    <Panel
      title={t("macro.title")}
      aside={
        <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setForm({})}>
          {t("macro.add")}
        </Button>
      }
      flush
    >
      <p className={classes.about}>{t("macro.about")}</p>
      <Read of={macros}>
        {() =>
          shown.length === 0 ? (
            <Empty icon={<IconTextPlus />} title={t("macro.none")} text={t("macro.noneText")} />
          ) : (
            <ul className={classes.list}>
              {shown.map((m) => (
                <li key={m.id}>
                  <UnstyledButton className={classes.macro} onClick={() => setForm({ of: m })}>
                    <span className={classes.who}>
                      <span className={classes.name}>{m.title}</span>
                      <span className={classes.clip}>{Object.values(m.texts)[0]}</span>
                    </span>
                    <span className={classes.cell}>
                      {Object.keys(m.texts).map(languageName).join(", ")}
                      <span className={classes.dim}>
                        {m.queues?.length ? m.queues.join(", ") : t("queues.all")} · {m.updated_by}{" "}
                        <Ago at={m.updated_at} />
                      </span>
                    </span>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      <MacroForm opened={form !== null} of={form?.of} close={() => setForm(null)} gone={gone} />
    </Panel>
  );
}
