import { ActionIcon, Tooltip } from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** Leads from anything that the advocate did to why it did so. */
export function WhyLink({ id, step, of }: { id: string; step?: number; of?: string }) {
  const { t } = useTranslation("history");
  const label = of ? t("whyOf", { what: of }) : t("why");
  return (
    <Tooltip label={t("why")}>
      <ActionIcon
        size={24}
        c="var(--dim)"
        aria-label={label}
        renderRoot={(props) => <Link to="/why/$id" params={{ id }} search={step ? { step } : {}} {...props} />}
      >
        <IconHelpCircle size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
