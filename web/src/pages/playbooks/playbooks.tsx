import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Read } from "@/ui/states";
import classes from "./playbooks.module.css";
import { versionsQuery } from "./query";
import { Sending } from "./sending";
import { Versions } from "./versions";

/** What advocates do, and whether what they decide may leave. */
export function PlaybooksPage() {
  const { t } = useTranslation("playbooks");
  const versions = useQuery(versionsQuery);
  return (
    <Page title={t("title")}>
      <div className={classes.columns}>
        <div className={classes.left}>
          <Read of={versions}>{(list) => <Versions versions={list} />}</Read>
        </div>
        <Sending versions={versions.data ?? []} />
      </div>
    </Page>
  );
}
