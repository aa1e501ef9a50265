import { Alert, Autocomplete, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { type IdentityView, networksQuery } from "./queries";

interface VouchProps {
  opened: boolean;
  onClose: () => void;
  vouch: (i: IdentityView) => Promise<boolean>;
}

/** Asks for the identity that somebody vouches for. */
export function Vouch({ opened, onClose, vouch }: VouchProps) {
  const { t } = useTranslation(["customers", "ui"]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("identity.addTitle")}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      <Form onClose={onClose} vouch={vouch} />
    </Modal>
  );
}

function Form({ onClose, vouch }: Omit<VouchProps, "opened">) {
  const { t } = useTranslation(["customers", "ui"]);
  const session = useSession();
  const [network, setNetwork] = useState("");
  const [author, setAuthor] = useState("");
  const [handle, setHandle] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const networks = useQuery({ ...networksQuery, enabled: session.can("read_setup") });
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (!network.trim() || !author.trim()) return;
    setBusy(true);
    const done = await vouch({
      network: network.trim(),
      author: author.trim().replace(/^@/, ""),
      handle: handle.trim().replace(/^@/, "") || undefined,
      proven: false,
    });
    setBusy(false);
    if (done) onClose();
  };
  const missing = (value: string) => (tried && !value.trim() ? t("identity.needed") : undefined);
  return (
    <form onSubmit={(e) => void submit(e)} noValidate>
      <Stack gap="sm">
        <Alert color="yellow" variant="light">
          {t("identity.addText")}
        </Alert>
        <Autocomplete
          label={t("identity.network")}
          data={networks.data ?? []}
          value={network}
          onChange={setNetwork}
          error={missing(network)}
          required
          data-autofocus
        />
        <TextInput
          label={t("identity.author")}
          description={t("identity.authorText")}
          value={author}
          onChange={(e) => setAuthor(e.currentTarget.value)}
          error={missing(author)}
          maxLength={200}
          autoComplete="off"
          required
        />
        <TextInput
          label={t("identity.handle")}
          value={handle}
          onChange={(e) => setHandle(e.currentTarget.value)}
          maxLength={200}
          autoComplete="off"
        />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t("ui:cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("identity.vouch")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
