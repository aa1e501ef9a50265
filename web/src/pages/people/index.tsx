import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function PeoplePage() {
  const { t } = useTranslation("people");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
