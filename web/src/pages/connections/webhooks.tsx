import { IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WebhookView } from "@/api/schema";
import { Once } from "@/ui/copy";
import { useGoing } from "@/ui/going";
import { Listing } from "@/ui/listing";
import { webhooksQuery } from "./queries";
import { Webhook } from "./webhook";
import { WebhookForm } from "./webhookform";

/** Where events are posted to, and the log of what was. */
export function Webhooks() {
  const { t } = useTranslation("connections");
  const hooks = useQuery(webhooksQuery);
  const [form, setForm] = useState<{ of?: WebhookView } | null>(null);
  const [secret, setSecret] = useState<WebhookView | null>(null);
  const { gone, stays } = useGoing();
  const [open, setOpen] = useState("");
  const kept = (w: WebhookView) => {
    if (w.secret) setSecret(w);
    setOpen(w.id);
    setForm(null);
  };
  return (
    <>
      {secret?.secret && (
        <Once
          title={t("hook.secret")}
          text={t("hook.secretText", { url: secret.url })}
          label={t("hook.secretLabel")}
          secret={secret.secret}
          done={() => setSecret(null)}
        />
      )}
      <Listing
        title={t("hook.title")}
        about={t("hook.about")}
        add={{ label: t("hook.add"), group: t("tab.webhooks"), run: () => setForm({}) }}
        of={hooks}
        items={(hooks.data ?? []).filter((w) => stays(w.id))}
        none={{ icon: <IconWebhook />, title: t("hook.none"), text: t("hook.noneText") }}
        row={(w) => (
          <Webhook
            key={w.id}
            of={w}
            open={open === w.id}
            toggle={() => setOpen(open === w.id ? "" : w.id)}
            change={() => setForm({ of: w })}
            rotated={setSecret}
            gone={gone}
          />
        )}
      />
      <WebhookForm opened={form !== null} of={form?.of} close={() => setForm(null)} kept={kept} />
    </>
  );
}
