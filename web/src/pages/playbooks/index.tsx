import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function PlaybooksPage() {
  const { t } = useTranslation("playbooks");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}

export function PlaybookPage() {
  const { t } = useTranslation("playbooks");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}

export function ApprovalsPage() {
  const { t } = useTranslation("playbooks");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
