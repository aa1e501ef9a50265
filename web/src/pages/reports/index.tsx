import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function ReportsPage() {
  const { t } = useTranslation("reports");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
