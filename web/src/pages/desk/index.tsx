import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function DeskPage() {
  const { t } = useTranslation("desk");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
