import { Drawer, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Snippet } from "@/ui/copy";
import { connectionsQuery } from "./queries";
import { snippets, type Writable } from "./snippets";

const kinds: Writable[] = ["component", "source", "notification", "knowledge", "network"];

/** What to write into the configuration so that something is connected. */
export function AddConnection({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation("connections");
  const [kind, setKind] = useState<Writable>("component");
  const connections = useQuery({ ...connectionsQuery, enabled: opened });
  const networks = (connections.data ?? []).filter((c) => c.kind === "network").map((c) => c.name);
  return (
    <Drawer opened={opened} onClose={close} position="right" size={560} title={t("add.title")}>
      <Stack gap="sm">
        <Text size="sm" c="var(--dim)">
          {t("add.text")}
        </Text>
        <SegmentedControl
          value={kind}
          onChange={(k) => setKind(k as Writable)}
          data={kinds.map((k) => ({ value: k, label: t(`add.kind.${k}`) }))}
          size="xs"
          fullWidth
          orientation={globalThis.innerWidth < 500 ? "vertical" : "horizontal"}
          aria-label={t("add.what")}
        />
        <Text size="sm">{t(`add.about.${kind}`)}</Text>
        {kind === "network" && networks.length > 0 && (
          <Text size="sm">{t("add.networks", { count: networks.length, names: networks.join(", ") })}</Text>
        )}
        <Snippet label="advocate.yaml" text={snippets[kind]} />
        <Text size="sm">{t("add.then")}</Text>
        <Snippet label="advocate check" text="advocate check advocate.yaml" />
        <Text size="sm" c="var(--dim)">
          {t("add.restart")}
        </Text>
      </Stack>
    </Drawer>
  );
}
