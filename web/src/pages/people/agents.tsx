import { Badge, Button, UnstyledButton } from "@mantine/core";
import { IconHeadset, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgentView } from "@/api/schema";
import { useSession } from "@/api/session";
import { languageName } from "@/ui/format";
import { Panel } from "@/ui/panel";
import { initials } from "@/ui/post";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import { Ago } from "@/ui/time";
import { AgentForm } from "./agentform";
import classes from "./people.module.css";
import { agentsQuery } from "./queries";

/** Who takes calls: skills, languages, queues, and how many at once. */
export function Agents() {
  const { t } = useTranslation("people");
  const may = useSession().can("supervise");
  const agents = useQuery(agentsQuery);
  const [form, setForm] = useState<{ of?: AgentView } | null>(null);
  useShortcuts(may ? [{ keys: "n", label: t("agent.add"), group: t("tab.agents"), run: () => setForm({}) }] : []);
  return (
    <Panel
      title={t("agent.title")}
      aside={
        may && (
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setForm({})}>
            {t("agent.add")}
          </Button>
        )
      }
      flush
    >
      <p className={classes.about}>{t("agent.about")}</p>
      <Read of={agents}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<IconHeadset />} title={t("agent.none")} text={t("agent.noneText")} />
          ) : (
            <ul className={classes.list}>
              {list.map((g) => (
                <li key={g.id}>
                  {may ? (
                    <UnstyledButton
                      className={classes.row}
                      onClick={() => setForm({ of: g })}
                      data-off={g.disabled || undefined}
                    >
                      <Agent of={g} />
                    </UnstyledButton>
                  ) : (
                    <div className={classes.row}>
                      <Agent of={g} />
                    </div>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      <AgentForm opened={form !== null} of={form?.of} close={() => setForm(null)} />
    </Panel>
  );
}

function Agent({ of }: { of: AgentView }) {
  const { t } = useTranslation("people");
  const skills = Object.entries(of.skills).sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  const held = of.offered + of.assigned + of.wrapping;
  return (
    <>
      <span className={classes.face} aria-hidden>
        {initials(of.name || of.id)}
      </span>
      <span className={classes.who}>
        <span className={classes.name}>{of.name || of.id}</span>
        <span className={classes.dim}>
          {[of.id, of.queues?.length ? of.queues.join(", ") : t("agent.noQueue")].join(" · ")}
        </span>
      </span>
      <span className={classes.cell}>
        <span className={classes.skills}>
          {skills.length === 0 && <span className={classes.dim}>{t("agent.noSkill")}</span>}
          {skills.map(([name, level]) => (
            <Badge key={name} color="gray">
              {name} {level}
            </Badge>
          ))}
        </span>
        {!!of.langs?.length && <span className={classes.dim}>{of.langs.map(languageName).join(", ")}</span>}
      </span>
      <span className={classes.cell}>
        <span>
          <span className={classes.dot} data-doing={of.doing} aria-hidden />
          {t(`doing.${of.doing}`)}
          <span className={classes.dim}>
            {" "}
            <Ago at={of.activity_since} />
          </span>
        </span>
        <span className={classes.dim}>{t("agent.holds", { held, capacity: of.capacity })}</span>
      </span>
      <span className={classes.state}>{of.disabled && <Badge color="gray">{t("agent.off")}</Badge>}</span>
    </>
  );
}
