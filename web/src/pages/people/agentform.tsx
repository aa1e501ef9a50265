import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Drawer,
  NumberInput,
  SegmentedControl,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { AgentView, PutAgentInputBody } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Form } from "@/ui/form";
import { useSubmit } from "@/ui/submit";
import classes from "./people.module.css";
import { agentsQuery, useQueueNames, usersQuery } from "./queries";
import { Queues } from "./queues";

const fields = ["id", "name", "queues", "skills", "langs", "capacity"] as const;
const touches = [["agents"]];

interface Skill {
  name: string;
  level: number;
}

interface FormProps {
  opened: boolean;
  /** Whom to change; missing to add one. */
  of?: AgentView;
  close: () => void;
}

/** What an agent can do, where and how much. */
export function AgentForm({ opened, of, close }: FormProps) {
  const { t } = useTranslation("people");
  return (
    <Drawer opened={opened} onClose={close} position="right" size={500} title={of ? of.name || of.id : t("agent.add")}>
      <Fields key={of ? `${of.id} ${of.version}` : "new"} of={of} close={close} />
    </Drawer>
  );
}

const skillsOf = (of?: AgentView): Skill[] =>
  Object.entries(of?.skills ?? {}).map(([name, level]) => ({ name, level }));

function bodyOf(g: AgentView): PutAgentInputBody {
  const { name, queues, skills, langs, capacity, disabled } = g;
  return { name, queues, skills, langs, capacity, disabled };
}

const putAgent = (id: string, body: PutAgentInputBody, version?: number) =>
  take(
    api.PUT("/v1/agents/{id}", {
      params: {
        path: { id },
        header: { "Idempotency-Key": onceKey(), ...(version && { "If-Match": `"${version}"` }) },
      },
      body,
    }),
  );

function Fields({ of, close }: { of?: AgentView; close: () => void }) {
  const { t } = useTranslation(["people", "ui"]);
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [id, setID] = useState(of?.id ?? "");
  const [name, setName] = useState(of?.name ?? "");
  const all = useQueueNames();
  const [chosen, setQueues] = useState<string[] | null>(of ? (of.queues ?? []) : null);
  const queues = chosen ?? all; // in no queue nothing is ever offered
  const [skills, setSkills] = useState(() => skillsOf(of));
  const [langs, setLangs] = useState(of?.langs ?? []);
  const [capacity, setCapacity] = useState<number | string>(of?.capacity ?? 1);
  const [disabled, setDisabled] = useState(!!of?.disabled);
  const save = () =>
    submit(async () => {
      const body: PutAgentInputBody = {
        name: name.trim(),
        queues,
        skills: Object.fromEntries(skills.filter((s) => s.name.trim()).map((s) => [s.name.trim(), s.level])),
        langs,
        capacity: Number(capacity) || 1,
        disabled,
      };
      const now = await putAgent(id.trim(), body, of?.version);
      act.say(t(of ? "agent.changed" : "agent.added", { id: now.id }), {
        undo: of && (() => putAgent(of.id, bodyOf(of), now.version)),
        touches,
      });
      close();
    });
  return (
    <Form send={save} busy={busy} submit={t(of ? "ui:save" : "agent.add")} cancel={close}>
      {!of && <Who id={id} change={setID} named={setName} error={errors.id} />}
      <TextInput
        label={t("person.name")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={errors.name}
        autoComplete="off"
      />
      <Queues
        label={t("agent.queues")}
        description={t("agent.queuesText")}
        none={t("queues.pick")}
        value={queues}
        change={setQueues}
        error={errors.queues ?? (queues.length === 0 && t("queues.needed"))}
      />
      <Skills value={skills} change={setSkills} error={errors.skills} />
      <TagsInput
        label={t("agent.langs")}
        description={t("agent.langsText")}
        value={langs}
        onChange={setLangs}
        data={["en", "es", "de", "fr", "it", "pt", "nl", "pl"]}
        splitChars={[",", " "]}
        error={errors.langs}
        acceptValueOnBlur
      />
      <NumberInput
        label={t("agent.capacity")}
        description={t("agent.capacityText")}
        min={1}
        max={20}
        allowDecimal={false}
        value={capacity}
        onChange={setCapacity}
        error={errors.capacity}
        w={220}
      />
      {of && (
        <Checkbox
          label={t("agent.disable")}
          description={t("agent.disableText")}
          checked={disabled}
          onChange={(e) => setDisabled(e.currentTarget.checked)}
        />
      )}
    </Form>
  );
}

interface WhoProps {
  id: string;
  change: (id: string) => void;
  named: (name: string) => void;
  error?: ReactNode;
}

/** A login of somebody who is no agent yet; who may not read people types it. */
function Who({ id, change, named, error }: WhoProps) {
  const { t } = useTranslation("people");
  const users = useQuery({ ...usersQuery, enabled: useSession().can("people") });
  const agents = useQuery(agentsQuery);
  const taken = new Set((agents.data ?? []).map((g) => g.id));
  const free = (users.data ?? []).filter((u) => !taken.has(u.login) && u.role !== "auditor");
  return (
    <Autocomplete
      label={t("agent.id")}
      description={t("agent.idText")}
      value={id}
      onChange={change}
      onOptionSubmit={(login) => named(free.find((u) => u.login === login)?.name ?? "")}
      data={free.map((u) => u.login)}
      error={error}
      required
      data-autofocus
    />
  );
}

interface SkillsProps {
  value: Skill[];
  change: (skills: Skill[]) => void;
  error?: ReactNode;
}

function Skills({ value, change, error }: SkillsProps) {
  const { t } = useTranslation("people");
  const agents = useQuery(agentsQuery);
  const known = [...new Set((agents.data ?? []).flatMap((g) => Object.keys(g.skills)))].sort();
  const set = (i: number, to: Partial<Skill>) => change(value.map((s, k) => (k === i ? { ...s, ...to } : s)));
  return (
    <fieldset className={classes.fieldset}>
      <legend>{t("agent.skills")}</legend>
      <Text size="xs" c="var(--dim)">
        {t("agent.skillsText")}
      </Text>
      {value.map((skill, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a skill has no id while its name is being written
        <div key={i} className={classes.skill}>
          <Autocomplete
            size="xs"
            aria-label={t("agent.skill")}
            placeholder={t("agent.skillHint")}
            value={skill.name}
            onChange={(name) => set(i, { name })}
            data={known}
          />
          <SegmentedControl
            size="xs"
            value={String(skill.level)}
            onChange={(level) => set(i, { level: Number(level) })}
            data={["1", "2", "3", "4", "5"]}
            aria-label={t("agent.level", { skill: skill.name })}
          />
          <ActionIcon
            aria-label={t("agent.skillAway", { skill: skill.name })}
            onClick={() => change(value.filter((_, k) => k !== i))}
          >
            <IconX size={15} />
          </ActionIcon>
        </div>
      ))}
      {error && (
        <Text size="xs" c="var(--bad)" role="alert">
          {error}
        </Text>
      )}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...value, { name: "", level: 3 }])}
        >
          {t("agent.skillAdd")}
        </Button>
      </div>
    </fieldset>
  );
}
