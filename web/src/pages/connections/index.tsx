import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function ConnectionsPage() {
  const { t } = useTranslation("connections");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
