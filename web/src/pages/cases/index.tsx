import { IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { caseQuery } from "@/api/queries/case";
import { customerQuery } from "@/api/queries/customer";
import { Page } from "@/ui/page";
import { ToButton } from "./link";
import { CaseView } from "./view";

/** One case on a page of its own. */
export function CasePage() {
  const { t } = useTranslation("cases");
  const { case: id } = useParams({ from: "/cases/$case" });
  const found = useQuery(caseQuery(id));
  const customer = found.data?.customer_id;
  const who = useQuery({ ...customerQuery(customer ?? ""), enabled: Boolean(customer) });
  return (
    <Page
      title={t("title")}
      fill
      actions={
        customer && (
          <ToButton
            to="/customers/$customer"
            params={{ customer }}
            variant="default"
            leftSection={<IconUser size={15} />}
          >
            {who.data?.name || t("who.open")}
          </ToButton>
        )
      }
    >
      <CaseView id={id} />
    </Page>
  );
}
