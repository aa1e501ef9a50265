import { Alert, Autocomplete, Modal, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Form } from "@/ui/form";
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
      <Fields onClose={onClose} vouch={vouch} />
    </Modal>
  );
}

function Fields({ onClose, vouch }: Omit<VouchProps, "opened">) {
  const { t } = useTranslation(["customers", "ui"]);
  const session = useSession();
  const [network, setNetwork] = useState("");
  const [author, setAuthor] = useState("");
  const [handle, setHandle] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const networks = useQuery({ ...networksQuery, enabled: session.can("read_setup") });
  const send = async () => {
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
    <Form send={send} busy={busy} submit={t("identity.vouch")} cancel={onClose} noValidate>
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
    </Form>
  );
}
