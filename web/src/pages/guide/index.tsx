import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function GuidePage() {
  const { t } = useTranslation("guide");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
