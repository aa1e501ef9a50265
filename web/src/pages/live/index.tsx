import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function LivePage() {
  const { t } = useTranslation("live");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
