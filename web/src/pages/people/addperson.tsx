import { Checkbox, Drawer, Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { LinkOutputBody, UserView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Once } from "@/ui/copy";
import { Form } from "@/ui/form";
import { dateTime } from "@/ui/format";
import { useSubmit } from "@/ui/submit";
import { headword } from "@/ui/word";
import { useQueueNames } from "./queries";
import { Queues } from "./queues";
import { roles } from "./rights";

const fields = ["login", "name", "email", "role", "queues"] as const;
const touches = [["users"], ["agents"], ["people"]];

/** Makes an account and the link by which its owner comes in. */
export function AddPerson({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation("people");
  return (
    <Drawer opened={opened} onClose={close} position="right" size={480} title={t("person.add")}>
      <Fields close={close} />
    </Drawer>
  );
}

function Fields({ close }: { close: () => void }) {
  const { t } = useTranslation(["people", "problems", "app", "ui"]);
  const session = useSession();
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<UserView["role"]>("agent");
  const all = useQueueNames();
  const [chosen, setQueues] = useState<string[] | null>(null);
  const [calls, setCalls] = useState(true);
  const [link, setLink] = useState<(LinkOutputBody & { login: string }) | null>(null);
  const canWork = role === "agent" || role === "supervisor";
  // An agent in no queue is never offered anything: to leave queues out is what is chosen.
  const queues = chosen ?? (role === "agent" ? all : []);
  const idle = role === "agent" && calls && queues.length === 0;

  const send = async () => {
    if (idle) return;
    await submit(async () => {
      const said = { name: name.trim(), email: email.trim(), role };
      // An agent's rights reach where the agent works: the queues are said of the agent.
      const user = await take(
        api.POST("/v1/users", {
          body: { login: login.trim(), ...said, queues: role === "agent" && calls ? [] : queues },
        }),
      );
      // From here on there is an account: what goes wrong now can be made good on it.
      await act.now(
        async () => {
          if (canWork && calls && session.can("supervise"))
            await take(
              api.PUT("/v1/agents/{id}", {
                params: { path: { id: user.login }, header: { "Idempotency-Key": onceKey() } },
                body: { name: user.name, queues: queues.length > 0 ? queues : all, capacity: 1 },
              }),
            );
        },
        { touches },
      );
      const made = await act.now(async () => {
        const params = { path: { login: user.login } };
        setLink({ ...(await take(api.POST("/v1/users/{login}/link", { params }))), login: user.login });
      });
      if (!made) close();
    });
  };

  if (link) {
    return (
      <Once
        title={t("link.invite", { login: link.login })}
        text={t("link.inviteText", { until: dateTime(link.expires) })}
        label={t("link.label")}
        secret={link.url}
        done={close}
      />
    );
  }
  return (
    <Form send={send} busy={busy} submit={t("person.addAndInvite")} cancel={close}>
      <TextInput
        label={t("person.login")}
        description={`${t("problems:err_login")}. ${t("person.loginStays")}`}
        value={login}
        onChange={(e) => setLogin(e.currentTarget.value)}
        error={errors.login}
        autoComplete="off"
        maxLength={63}
        required
        data-autofocus
      />
      <TextInput
        label={t("person.name")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={errors.name}
        autoComplete="off"
      />
      <TextInput
        label={t("person.email")}
        description={t("ui:optional")}
        type="email"
        value={email}
        onChange={(e) => setEmail(e.currentTarget.value)}
        error={errors.email}
        autoComplete="off"
      />
      <Radio.Group
        label={t("person.role")}
        value={role}
        onChange={(r) => setRole(r as UserView["role"])}
        error={errors.role}
      >
        <Stack gap="xs" mt={6}>
          {roles.map((r) => (
            <Radio key={r} value={r} label={headword("role", r)} description={t(`role.${r}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {canWork && session.can("supervise") && (
        <Checkbox
          label={t("person.calls")}
          description={t("person.callsText")}
          checked={calls}
          onChange={(e) => setCalls(e.currentTarget.checked)}
        />
      )}
      <Queues
        label={t(role === "agent" ? "person.worksIn" : "person.queues")}
        description={t(role === "agent" ? "person.worksInText" : "person.queuesText")}
        none={role === "agent" ? t("queues.pick") : undefined}
        value={queues}
        change={setQueues}
        error={idle ? t("queues.needed") : errors.queues}
      />
    </Form>
  );
}
