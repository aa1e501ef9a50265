import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function WhyPage() {
  const { t } = useTranslation("why");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
