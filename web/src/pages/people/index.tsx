import { Navigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Session, useSession } from "@/api/session";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { Agents } from "./agents";
import { Audit } from "./audit";
import { Macros } from "./macros";
import { People } from "./people";
import { Tokens } from "./tokens";

const tabs = [
  { tab: "people", open: (s: Session) => s.can("people"), Part: People },
  { tab: "agents", open: (s: Session) => s.can("read_work"), Part: Agents },
  { tab: "macros", open: (s: Session) => s.can("supervise"), Part: Macros },
  { tab: "tokens", open: (s: Session) => s.can("people"), Part: Tokens },
  { tab: "audit", open: (s: Session) => s.can("audit") && s.allQueues, Part: Audit },
] as const;

/** Who works here, what they may do, and what they did. */
export function PeoplePage() {
  const { t } = useTranslation("people");
  const session = useSession();
  const open = tabs.filter((x) => x.open(session));
  const { tab = open[0]?.tab } = useParams({ strict: false });
  const here = open.find((x) => x.tab === tab);
  if (!here) return <Navigate to="/people" replace />;
  return (
    <Page title={t("title")}>
      <Tabs
        area="people"
        current={here.tab}
        label={t("title")}
        tabs={open.map((x) => ({ tab: x.tab, label: t(`tab.${x.tab}`) }))}
      />
      <here.Part />
    </Page>
  );
}
