import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";

export function SandboxPage() {
  const { t } = useTranslation("sandbox");
  return (
    <Page title={t("title")}>
      <Loading />
    </Page>
  );
}
