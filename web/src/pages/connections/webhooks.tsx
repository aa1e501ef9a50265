import { Button } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { WebhookView } from "@/api/schema";
import { Once } from "@/ui/copy";
import { Panel } from "@/ui/panel";
import { useShortcuts } from "@/ui/shortcuts";
import { Empty, Read } from "@/ui/states";
import classes from "./connections.module.css";
import { webhooksQuery } from "./queries";
import { Webhook } from "./webhook";
import { WebhookForm } from "./webhookform";

/** Where events are posted to, and the log of what was. */
export function Webhooks() {
  const { t } = useTranslation("connections");
  const hooks = useQuery(webhooksQuery);
  const [form, setForm] = useState<{ of?: WebhookView } | null>(null);
  const [secret, setSecret] = useState<WebhookView | null>(null);
  const [going, setGoing] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState("");
  const add = () => setForm({});
  useShortcuts([{ keys: "n", label: t("hook.add"), group: t("tab.webhooks"), run: add }]);
  const shown = (hooks.data ?? []).filter((w) => !going.has(w.id));
  const gone = (id: string, yes: boolean) =>
    setGoing((was) => {
      const next = new Set(was);
      if (yes) next.add(id);
      else next.delete(id);
      return next;
    });
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
      <Panel
        title={t("hook.title")}
        aside={
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={add}>
            {t("hook.add")}
          </Button>
        }
        flush
      >
        <p className={classes.about}>{t("hook.about")}</p>
        <Read of={hooks}>
          {() =>
            shown.length === 0 ? (
              <Empty icon={<IconWebhook />} title={t("hook.none")} text={t("hook.noneText")} />
            ) : (
              <ul className={classes.list}>
                {shown.map((w) => (
                  <Webhook
                    key={w.id}
                    of={w}
                    open={open === w.id}
                    toggle={() => setOpen(open === w.id ? "" : w.id)}
                    change={() => setForm({ of: w })}
                    rotated={setSecret}
                    gone={gone}
                  />
                ))}
              </ul>
            )
          }
        </Read>
      </Panel>
      <WebhookForm opened={form !== null} of={form?.of} close={() => setForm(null)} kept={kept} />
    </>
  );
}
