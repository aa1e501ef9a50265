import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { CaseView } from "./view";

/** One case on a page of its own. */
export function CasePage() {
  const { t } = useTranslation("cases");
  const { case: id } = useParams({ from: "/cases/$case" });
  return (
    <Page title={t("title")} fill>
      <CaseView id={id} />
    </Page>
  );
}
