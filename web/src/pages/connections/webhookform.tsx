import { Checkbox, Drawer, TagsInput, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import type { WebhookView } from "@/api/schema";
import { useAct } from "@/ui/act";
import { Form } from "@/ui/form";
import { useSubmit } from "@/ui/submit";

const fields = ["url", "types", "description"] as const;

/** What the stream tells, as beginnings and whole types that are often wanted. */
const commonTypes = [
  "advocate.case.*",
  "advocate.workitem.*",
  "advocate.promise.*",
  "advocate.reply.*",
  "advocate.call.*",
  "advocate.post.received",
  "advocate.case.opened",
  "advocate.case.resolved",
  "advocate.case.rated",
  "advocate.promise.broken",
  "advocate.reply.failed",
  "order.*",
  "outage.*",
  "recall.*",
];

interface FormProps {
  opened: boolean;
  /** The webhook to change; missing to add one. */
  of?: WebhookView;
  close: () => void;
  /** The answer, with the secret where one was made. */
  kept: (w: WebhookView) => void;
}

export function WebhookForm({ opened, of, close, kept }: FormProps) {
  const { t } = useTranslation("connections");
  return (
    <Drawer opened={opened} onClose={close} position="right" size={480} title={t(of ? "hook.change" : "hook.add")}>
      <Fields of={of} close={close} kept={kept} />
    </Drawer>
  );
}

function Fields({ of, close, kept }: Omit<FormProps, "opened">) {
  const { t } = useTranslation(["connections", "ui"]);
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [url, setURL] = useState(of?.url ?? "");
  const [types, setTypes] = useState(of?.types ?? []);
  const [description, setDescription] = useState(of?.description ?? "");
  const [fromNow, setFromNow] = useState(false);
  const send = () =>
    submit(async () => {
      const said = { url: url.trim(), types, description: description.trim() };
      const w = await take(
        of
          ? api.PUT("/v1/webhooks/{id}", {
              params: { path: { id: of.id }, header: { "If-Match": `"${of.version}"` } },
              body: { ...said, disabled: of.disabled, from_now: fromNow },
            })
          : api.POST("/v1/webhooks", { body: said }),
      );
      kept(w);
      act.say(t(of ? "hook.changed" : "hook.added"), { touches: [["webhooks"]] });
    });
  return (
    <Form send={send} busy={busy} submit={t(of ? "ui:save" : "hook.add")} cancel={close}>
      <TextInput
        label={t("hook.url")}
        description={t("hook.urlText")}
        placeholder="https://example.com/hooks/advocate"
        value={url}
        onChange={(e) => setURL(e.currentTarget.value)}
        error={errors.url}
        type="url"
        required
        data-autofocus
      />
      <TagsInput
        label={t("hook.types")}
        description={t("hook.typesText")}
        placeholder={types.length === 0 ? t("hook.typesAll") : undefined}
        value={types}
        onChange={(list) => setTypes(list.flatMap((x) => x.split(/[,\s]+/)).filter(Boolean))}
        data={commonTypes}
        error={errors.types}
        splitChars={[",", " "]}
        acceptValueOnBlur
        clearable
      />
      <TextInput
        label={t("hook.description")}
        value={description}
        onChange={(e) => setDescription(e.currentTarget.value)}
        error={errors.description}
        maxLength={500}
      />
      {of && (
        <Checkbox
          label={t("hook.fromNow")}
          description={t("hook.fromNowText")}
          checked={fromNow}
          onChange={(e) => setFromNow(e.currentTarget.checked)}
        />
      )}
      {!of && (
        <Text size="sm" c="var(--dim)">
          {t("hook.signed")}
        </Text>
      )}
    </Form>
  );
}
