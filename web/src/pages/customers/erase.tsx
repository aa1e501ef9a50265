import { Alert, Button, Group, List, Modal, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import { useAct } from "@/ui/act";
import { sentence } from "@/ui/problem";
import { nameOf } from "./name";
import type { CustomerDetail } from "./queries";

interface EraseProps {
  of: CustomerDetail;
  opened: boolean;
  onClose: () => void;
}

/** Erases a customer for good. It is the one thing here that cannot be undone, so it is asked for by a word. */
export function Erase({ of, opened, onClose }: EraseProps) {
  const { t } = useTranslation(["customers", "ui"]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("erase.title", { name: nameOf(of) })}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      <Form of={of} onClose={onClose} />
    </Modal>
  );
}

function Form({ of, onClose }: Omit<EraseProps, "opened">) {
  const { t } = useTranslation(["customers", "ui"]);
  const act = useAct();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const word = t("erase.word");
  const erase = async (e: FormEvent) => {
    e.preventDefault();
    if (typed.trim().toLowerCase() !== word) {
      setError(t("erase.wrong", { word }));
      return;
    }
    setBusy(true);
    try {
      await take(
        api.POST("/v1/customers/{id}/erase", {
          params: { path: { id: of.id }, header: { "Idempotency-Key": onceKey() } },
          body: { confirm: of.id },
        }),
      );
      await navigate({ to: "/customers" });
      queries.removeQueries({ queryKey: ["customers", of.id] });
      for (const key of ["customers-list", "cases-list", "explain", "cases", "work-items"])
        queries.removeQueries({ queryKey: [key], type: "inactive" });
      void queries.invalidateQueries();
      act.say(t("erase.done"));
    } catch (cause) {
      setError(sentence(cause));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(e) => void erase(e)} noValidate>
      <Stack gap="sm">
        <Alert color="red" variant="light" title={t("erase.final")}>
          <List size="sm" spacing={4}>
            <List.Item>{t("erase.goes")}</List.Item>
            <List.Item>{t("erase.unsent")}</List.Item>
            <List.Item>{t("erase.stays")}</List.Item>
          </List>
        </Alert>
        <TextInput
          label={t("erase.type", { word })}
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value);
            setError("");
          }}
          error={error || undefined}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t("ui:cancel")}
          </Button>
          <Button type="submit" color="red.9" loading={busy}>
            {t("erase.do")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
