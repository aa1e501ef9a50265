import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function CustomersPage() {
  const { t } = useTranslation("customers");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}

export function CustomerPage() {
  const { t } = useTranslation("customers");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
