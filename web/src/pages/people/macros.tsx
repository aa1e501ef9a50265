import { UnstyledButton } from "@mantine/core";
import { IconTextPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MacroView } from "@/api/schema";
import { languageName } from "@/ui/format";
import { useGoing } from "@/ui/going";
import { Listing } from "@/ui/listing";
import { Person } from "@/ui/person";
import { Ago } from "@/ui/time";
import { MacroForm } from "./macroform";
import classes from "./people.module.css";
import { macrosQuery } from "./queries";

/** Texts that agents put into their replies. */
export function Macros() {
  const { t } = useTranslation("people");
  const macros = useQuery(macrosQuery);
  const [form, setForm] = useState<{ of?: MacroView } | null>(null);
  const { gone, stays } = useGoing();
  return (
    <>
      <Listing
        title={t("macro.title")}
        about={t("macro.about")}
        add={{ label: t("macro.add"), group: t("tab.macros"), run: () => setForm({}) }}
        of={macros}
        items={(macros.data ?? []).filter((m) => stays(m.id))}
        none={{ icon: <IconTextPlus />, title: t("macro.none"), text: t("macro.noneText") }}
        row={(m) => (
          <li key={m.id}>
            <UnstyledButton className={classes.macro} onClick={() => setForm({ of: m })}>
              <span className={classes.who}>
                <span className={classes.name}>{m.title}</span>
                <span className={classes.clip}>{Object.values(m.texts)[0]}</span>
              </span>
              <span className={classes.cell}>
                {Object.keys(m.texts).map(languageName).join(", ")}
                <span className={classes.dim}>
                  {m.queues?.length ? m.queues.join(", ") : t("queues.all")} · <Person login={m.updated_by} />{" "}
                  <Ago at={m.updated_at} />
                </span>
              </span>
            </UnstyledButton>
          </li>
        )}
      />
      <MacroForm opened={form !== null} of={form?.of} close={() => setForm(null)} gone={gone} />
    </>
  );
}
