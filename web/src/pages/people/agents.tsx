import { Badge, UnstyledButton } from "@mantine/core";
import { IconHeadset } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AgentView } from "@/api/schema";
import { useSession } from "@/api/session";
import { languageName } from "@/ui/format";
import { Listing } from "@/ui/listing";
import { initials } from "@/ui/post";
import { Ago } from "@/ui/time";
import { headword } from "@/ui/word";
import { AgentForm } from "./agentform";
import classes from "./people.module.css";
import { agentsQuery } from "./queries";

/** Who takes calls: skills, languages, queues, and how many at once. */
export function Agents() {
  const { t } = useTranslation("people");
  const may = useSession().can("supervise");
  const agents = useQuery(agentsQuery);
  const [form, setForm] = useState<{ of?: AgentView } | null>(null);
  return (
    <>
      <Listing
        title={t("agent.title")}
        about={t("agent.about")}
        add={may ? { label: t("agent.add"), group: t("tab.agents"), run: () => setForm({}) } : undefined}
        of={agents}
        items={agents.data ?? []}
        none={{ icon: <IconHeadset />, title: t("agent.none"), text: t("agent.noneText") }}
        row={(g) => (
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
        )}
      />
      <AgentForm opened={form !== null} of={form?.of} close={() => setForm(null)} />
    </>
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
          {of.id} ·{" "}
          {of.queues?.length ? of.queues.join(", ") : <span className={classes.warn}>{t("agent.noQueue")}</span>}
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
          {headword("activity", of.doing)}
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
