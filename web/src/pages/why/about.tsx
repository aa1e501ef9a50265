import { Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CaseLine } from "@/pages/customers/case";
import { Identity } from "@/pages/customers/identities";
import { nameOf } from "@/pages/customers/name";
import { customerQuery, identitiesQuery } from "@/pages/customers/queries";
import { Panel } from "@/ui/panel";
import { TheirClock } from "@/ui/time";
import type { ExplanationView } from "./logic";
import classes from "./why.module.css";

/** Beside the story: whose it is, what it is about, and by which rules. */
export function About({ of: x }: { of: ExplanationView }) {
  const { t } = useTranslation("why");
  const who = useQuery(customerQuery(x.customer_id));
  const identities = useQuery(identitiesQuery(x.customer_id));
  const cases = x.cases ?? [];
  return (
    <div className={classes.about}>
      <Panel title={t("about.customer")}>
        <p className={classes.sentence}>
          <Link to="/customers/$customer" params={{ customer: x.customer_id }}>
            {who.data ? nameOf(who.data) : x.customer_id}
          </Link>
        </p>
        <TheirClock zone={who.data?.time_zone} />
        <ul className={classes.identities}>
          {(identities.data ?? []).slice(0, 5).map((i) => (
            <li key={`${i.network}/${i.account ?? ""}/${i.author}`}>
              <Identity of={i} />
            </li>
          ))}
        </ul>
      </Panel>
      {cases.length > 0 && (
        <Panel
          title={t("about.cases", { count: cases.length })}
          aside={
            x.kind !== "case" &&
            cases.length === 1 && (
              <Link to="/why/$id" params={{ id: cases[0]!.id }} search={{}} className={classes.whole}>
                {t("about.whole")}
              </Link>
            )
          }
          flush
        >
          {cases.slice(0, 10).map((c) => (
            <CaseLine key={c.id} of={c} />
          ))}
        </Panel>
      )}
      <Panel title={t("about.playbook")}>
        {(x.playbooks ?? []).map((p) => (
          <p key={p.hash} className={classes.sentence}>
            {p.version ? (
              <Link to="/playbooks/$version" params={{ version: String(p.version) }} search={{}}>
                {t("playbook", { name: p.name, version: p.version })}
              </Link>
            ) : (
              t("playbookGone")
            )}{" "}
            {p.active && <Badge color="green">{t("about.active")}</Badge>}
            <br />
            <code className={classes.hash}>{p.hash}</code>
          </p>
        ))}
      </Panel>
    </div>
  );
}
