import { Badge } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";

/** What a version is just now. */
export function StateBadge({ active, edited, builtIn }: { active: boolean; edited: boolean; builtIn?: boolean }) {
  const { t } = useTranslation("playbooks");
  const session = useSession();
  return (
    <>
      {active ? <Badge color="green">{t("decides")}</Badge> : <Badge color="gray">{t("idle")}</Badge>}
      {builtIn && !edited && <Badge color="gray">{t("builtIn")}</Badge>}
      {edited && <Badge color="yellow">{t("edited")}</Badge>}
      {!session.can("configure") && (
        <Badge color="gray" leftSection={<IconEye size={11} />}>
          {t("readOnly")}
        </Badge>
      )}
    </>
  );
}
