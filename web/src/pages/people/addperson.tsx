import { Button, Checkbox, Drawer, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { LinkOutputBody, UserView } from "@/api/schema";
import { useSession } from "@/api/session";
import { useAct } from "@/ui/act";
import { Once } from "@/ui/copy";
import { dateTime } from "@/ui/format";
import { useSubmit } from "@/ui/submit";
import { Queues } from "./queues";

const fields = ["login", "name", "email", "role", "queues"] as const;
const roles = ["agent", "supervisor", "admin", "auditor"] as const;
const touches = [["users"], ["agents"], ["guide"]];

/** Makes an account and the link by which its owner comes in. */
export function AddPerson({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation(["people", "app", "ui"]);
  const session = useSession();
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<UserView["role"]>("agent");
  const [queues, setQueues] = useState<string[]>([]);
  const [calls, setCalls] = useState(true);
  const [link, setLink] = useState<(LinkOutputBody & { login: string }) | null>(null);
  useEffect(() => {
    if (!opened) return;
    setLogin("");
    setName("");
    setEmail("");
    setRole("agent");
    setQueues([]);
    setCalls(true);
    setLink(null);
  }, [opened]);
  const canWork = role === "agent" || role === "supervisor";

  const send = () =>
    submit(async () => {
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
                body: { name: user.name, queues, capacity: 1 },
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

  return (
    <Drawer opened={opened} onClose={close} position="right" size={480} title={t("person.add")}>
      {link ? (
        <Once
          title={t("link.invite", { login: link.login })}
          text={t("link.inviteText", { until: dateTime(link.expires) })}
          label={t("link.label")}
          secret={link.url}
          done={close}
        />
      ) : (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void send();
          }}
        >
          <Stack gap="md">
            <TextInput
              label={t("person.login")}
              description={t("person.loginText")}
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
                  <Radio key={r} value={r} label={t(`app:role.${r}`)} description={t(`role.${r}`)} />
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
              error={errors.queues}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("ui:cancel")}
              </Button>
              <Button type="submit" loading={busy}>
                {t("person.addAndInvite")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Drawer>
  );
}
