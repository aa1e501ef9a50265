import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { AddConnection } from "./add";
import { DeadLetters } from "./deadletters";
import { Ignored } from "./ignored";
import { Overview } from "./overview";
import { statusQuery } from "./queries";
import { Webhooks } from "./webhooks";

const names = ["overview", "dead-letters", "webhooks", "ignored"] as const;
type Name = (typeof names)[number];

/** What is outside and how it goes with it. */
export function ConnectionsPage() {
  const { t } = useTranslation("connections");
  const session = useSession();
  const { tab = "overview" } = useParams({ strict: false });
  const status = useQuery({ ...statusQuery, enabled: session.can("read_setup") });
  const [adding, setAdding] = useState(false);
  const open = names.filter((n) => n !== "webhooks" || session.can("configure"));
  if (!open.includes(tab as Name)) return <Navigate to="/connections" replace />;
  const dead = status.data?.effects_dead;
  return (
    <Page
      title={t("title")}
      actions={
        tab === "overview" && (
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            {t("add.open")}
          </Button>
        )
      }
    >
      <Tabs
        area="connections"
        current={tab}
        label={t("title")}
        tabs={open.map((n) => ({ tab: n, label: t(`tab.${n}`), count: n === "dead-letters" ? dead : undefined }))}
      />
      {tab === "overview" && <Overview add={() => setAdding(true)} />}
      {tab === "dead-letters" && <DeadLetters />}
      {tab === "webhooks" && <Webhooks />}
      {tab === "ignored" && <Ignored />}
      <AddConnection opened={adding} close={() => setAdding(false)} />
    </Page>
  );
}
