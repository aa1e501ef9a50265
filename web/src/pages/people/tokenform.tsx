import { Checkbox, Drawer, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { CreateTokenInputBody, TokenView } from "@/api/schema";
import { Form } from "@/ui/form";
import { useSubmit } from "@/ui/submit";
import { headword } from "@/ui/word";
import { Queues } from "./queues";
import { permissionsOf, tokenRoles } from "./rights";

const fields = ["name", "role", "queues", "only", "expires_in_seconds"] as const;
const daySeconds = 86_400;
const lives = ["7", "30", "90", "365", "0"] as const;

interface FormProps {
  opened: boolean;
  close: () => void;
  made: (token: TokenView) => void;
}

/** A token with the least that does: a role, a part of it, some queues, an end. */
export function TokenForm({ opened, close, made }: FormProps) {
  const { t } = useTranslation("people");
  return (
    <Drawer opened={opened} onClose={close} position="right" size={480} title={t("token.add")}>
      <Fields close={close} made={made} />
    </Drawer>
  );
}

function Fields({ close, made }: Omit<FormProps, "opened">) {
  const { t } = useTranslation(["people", "app", "ui"]);
  const { busy, errors, submit } = useSubmit(fields);
  const [name, setName] = useState("");
  const [role, setRole] = useState<CreateTokenInputBody["role"]>("ingest");
  const [only, setOnly] = useState<string[]>([]);
  const [queues, setQueues] = useState<string[]>([]);
  const [days, setDays] = useState("90");
  const has = permissionsOf[role];
  const send = () =>
    submit(async () => {
      const seconds = Number(days) * daySeconds;
      made(
        await take(
          api.POST("/v1/tokens", {
            body: { name: name.trim(), role, queues, only, ...(seconds > 0 && { expires_in_seconds: seconds }) },
          }),
        ),
      );
    });
  return (
    <Form send={send} busy={busy} submit={t("token.make")} cancel={close}>
      <TextInput
        label={t("token.name")}
        description={t("token.nameText")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={errors.name}
        autoComplete="off"
        maxLength={63}
        required
        data-autofocus
      />
      <Select
        label={t("person.role")}
        description={t(`role.${role}`)}
        value={role}
        onChange={(r) => {
          if (!r) return;
          setRole(r as typeof role);
          setOnly([]);
        }}
        data={tokenRoles.map((r) => ({ value: r, label: headword("role", r) }))}
        error={errors.role}
        allowDeselect={false}
      />
      {has.length > 1 && (
        <Checkbox.Group
          label={t("token.scopes")}
          description={t("token.scopesText")}
          value={only}
          onChange={setOnly}
          error={errors.only}
        >
          <Stack gap={6} mt={6}>
            {has.map((p) => (
              <Checkbox key={p} size="xs" value={p} label={headword("permission", p)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <Queues label={t("person.queues")} value={queues} change={setQueues} error={errors.queues} />
      <Select
        label={t("token.life")}
        value={days}
        onChange={(d) => d && setDays(d)}
        data={lives.map((d) => ({
          value: d,
          label: d === "0" ? t("token.lifeForever") : t("token.days", { count: Number(d) }),
        }))}
        error={errors.expires_in_seconds}
        allowDeselect={false}
      />
    </Form>
  );
}
