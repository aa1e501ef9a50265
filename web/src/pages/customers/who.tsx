import { Anchor, Badge, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { languageName } from "@/ui/format";
import { Ago, LocalTime, When } from "@/ui/time";
import { word } from "@/ui/word";
import classes from "./customers.module.css";
import type { CustomerDetail } from "./queries";

/** Who somebody is and what they allow, a line for each fact that is known. */
export function Facts({ of: c }: { of: CustomerDetail }) {
  const { t } = useTranslation("customers");
  return (
    <dl className={classes.facts}>
      <Fact name={t("who.ref")}>{c.ref && <code>{c.ref}</code>}</Fact>
      <Fact name={t("who.tier")}>{word("tier", c.tier)}</Fact>
      <Fact name={t("who.lang")}>{c.lang && languageName(c.lang)}</Fact>
      <Fact name={t("who.local")}>{c.time_zone && <LocalTime zone={c.time_zone} />}</Fact>
      <Fact name={t("who.phone")}>{c.phone && <Anchor href={`tel:${c.phone}`}>{c.phone}</Anchor>}</Fact>
      <Fact name={t("who.email")}>
        {c.email && (
          <Anchor href={`mailto:${encodeURIComponent(c.email).replaceAll("%40", "@")}`} className={classes.break}>
            {c.email}
          </Anchor>
        )}
      </Fact>
      <Fact name={t("who.calls")}>
        <Consent value={c.consent.calls} at={c.consent.calls_at} />
      </Fact>
      <Fact name={t("who.messages")}>
        {c.consent.stopped ? (
          <Tooltip label={t("who.stoppedText")} multiline w={260}>
            <Badge color="red">
              {t("who.stopped")} {c.consent.stopped_at && <Ago at={c.consent.stopped_at} />}
            </Badge>
          </Tooltip>
        ) : (
          <Consent value={c.consent.messages} />
        )}
      </Fact>
      <Fact name={t("who.caps")}>
        <Tooltip label={t("who.capsText")} multiline w={280}>
          <span>
            <Share of={c.contacts.proactive} limit={c.contacts.proactive_limit} text={t("who.day")} />
            <br />
            <Share of={c.contacts.hour} limit={c.contacts.hour_limit} text={t("who.hour")} />
          </span>
        </Tooltip>
      </Fact>
      <Fact name={t("who.next")}>{c.next_due && <Ago at={c.next_due} />}</Fact>
      <Fact name={t("who.since")}>
        <When at={c.created_at} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;
}

function Share({ of, limit, text }: { of: number; limit: number; text: string }) {
  return (
    <span style={{ color: limit > 0 && of >= limit ? "var(--warn)" : undefined }}>
      {of}/{limit} {text}
    </span>
  );
}

function Consent({ value, at }: { value?: string; at?: string }) {
  const color = value === "granted" ? "green" : value === "refused" ? "red" : "gray";
  return (
    <span>
      <Badge color={color}>{word("consent", value || "unasked")}</Badge>{" "}
      {at && (
        <span className={classes.dim}>
          <Ago at={at} />
        </span>
      )}
    </span>
  );
}
