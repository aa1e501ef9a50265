import { Badge, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { CaseView } from "@/api/schema";
import { said } from "@/i18n/said";
import { NetworkIcon } from "@/ui/post";
import { Ago } from "@/ui/time";
import { headword, word } from "@/ui/word";
import classes from "./customers.module.css";

const colors: Record<string, string> = { open: "accent", waiting: "yellow", resolved: "gray" };

/** One case on two lines: what the customer said, and how it stands. */
export function CaseLine({ of: k, who }: { of: CaseView; who?: string }) {
  const { t } = useTranslation("customers");
  const name = useNames();
  const resolved = k.state === "resolved";
  const outcome = resolved && k.outcome && k.outcome !== "resolved" ? word("outcome", k.outcome) : "";
  return (
    <Link to="/cases/$case" params={{ case: k.id }} className={classes.case}>
      <span className={classes.caseHead}>
        <NetworkIcon network={k.identity.network} size={14} />
        {who && (
          <Text component="span" fw={600} size="sm" truncate>
            {who}
          </Text>
        )}
        <Text component="span" size="sm" fw={who ? 400 : 600} truncate>
          {headword("intent", k.intent)}
        </Text>
        <span className={classes.caseEnd}>
          {k.sentiment === "negative" && (
            <Badge color="red" visibleFrom="xs">
              {word("sentiment", k.sentiment)}
            </Badge>
          )}
          <Badge color={colors[k.state] ?? "gray"}>{outcome || word("case_state", k.state)}</Badge>
          <Text component="span" size="xs" c="var(--dim)">
            <Ago at={k.updated_at} />
          </Text>
        </span>
      </span>
      {k.quote && (
        <span className={classes.quote} dir="auto">
          {k.quote}
        </span>
      )}
      {(k.owner || k.handed_over || (resolved && k.reason)) && (
        <Text component="span" size="xs" c="var(--dim)" truncate>
          {k.owner
            ? t("cases.owner", { owner: name(k.owner) })
            : resolved
              ? said(k.reason ?? "", k.reason_said)
              : t("cases.handed")}
        </Text>
      )}
    </Link>
  );
}
