import { Button, Group, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseView } from "@/api/schema";
import { headword, word } from "@/ui/word";
import type { CaseActions } from "./actions";

const endings = ["resolved", "answered", "no_answer_needed", "duplicate", "spam"];

/** Ends a case. It has no way back of its own, so that it is asked how it ended. */
export function Closing(p: { of: CaseView; actions: CaseActions; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(["cases", "ui"]);
  return (
    <Modal
      opened={p.opened}
      onClose={p.onClose}
      title={t("close.title")}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      <Form {...p} />
    </Modal>
  );
}

function Form({ of: c, actions, onClose }: { of: CaseView; actions: CaseActions; onClose: () => void }) {
  const { t } = useTranslation(["cases", "ui"]);
  const [how, setHow] = useState<string>("resolved");
  const [note, setNote] = useState("");
  const promises = (c.promises ?? []).filter((x) => x.state === "open");
  const end = async () => {
    if (await actions.close(how, note.trim())) onClose();
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void end();
      }}
    >
      <Stack gap="sm">
        <Text size="sm" c="var(--dim)">
          {t("close.text")}
        </Text>
        {promises.length > 0 && (
          <Text size="sm" c="var(--warn)">
            {t("close.promises", {
              count: promises.length,
              what: promises.map((x) => word("promise", x.what)).join(", "),
            })}
          </Text>
        )}
        <Select
          data-autofocus
          label={t("close.how")}
          data={endings.map((value) => ({ value, label: headword("outcome", value) }))}
          value={how}
          onChange={(v) => setHow(v ?? "resolved")}
          allowDeselect={false}
        />
        <Textarea
          label={t("close.note")}
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
          maxLength={4000}
          autosize
          minRows={2}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("ui:cancel")}
          </Button>
          <Button type="submit" loading={actions.busy}>
            {t("close.end")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
