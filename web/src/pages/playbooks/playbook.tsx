import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Failed, Loading } from "@/ui/states";
import { activeOf, versionQuery, versionsQuery } from "./query";
import { Workbench } from "./workbench";

/** One version: to read, and to begin the next one from. "active" stands for the one that decides. */
export function PlaybookPage() {
  const { t } = useTranslation("playbooks");
  const { version: named } = useParams({ from: "/playbooks/$version" });
  const { line } = useSearch({ from: "/playbooks/$version" });
  const versions = useQuery(versionsQuery);
  const version = named === "active" ? (activeOf(versions.data ?? [])?.version ?? 0) : Number(named);
  const query = useQuery(versionQuery(version));
  const error = query.error ?? (version === 0 ? versions.error : null);
  if (query.data && versions.data)
    return <Workbench key={query.data.version} base={query.data} versions={versions.data} line={line} />;
  return (
    <Page title={t("title")}>{error ? <Failed error={error} retry={() => void query.refetch()} /> : <Loading />}</Page>
  );
}
