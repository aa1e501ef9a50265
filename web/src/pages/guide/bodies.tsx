import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { useBecoming } from "@/ui/becoming";
import { Snippet } from "@/ui/copy";
import { number } from "@/ui/format";
import { connectionsQuery, statusQuery } from "../connections/queries";
import { agentsQuery } from "../people/queries";
import { Available, Call } from "./calls";
import classes from "./guide.module.css";
import { isReal, type StepName, takesCalls } from "./steps";
import { TryIt } from "./try";

export interface BodyProps {
  /** Keeps the step open when it is done by what is being done in it. */
  stay: () => void;
}

/** What each step says, shows and offers. */
export const bodies: Record<StepName, ComponentType<BodyProps>> = {
  account: Account,
  company: Company,
  playbook: Playbook,
  agents: Agents,
  customers: Customers,
  network: Network,
  available: Available,
  try: TryIt,
  call: Call,
};

function Account() {
  const { t } = useTranslation("guide");
  const { login } = useSession();
  return (
    <>
      <p>{t("step.account.text", { login })}</p>
      <div>
        <Button component="a" href="/account" variant="default">
          {t("step.account.go")}
        </Button>
      </div>
    </>
  );
}

function Company() {
  const { t } = useTranslation("guide");
  const { data: status } = useQuery(statusQuery);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <p>
        {status?.company
          ? t("step.company.is", { company: status.company, zone: status.time_zone })
          : t("step.company.text", { zone: status?.time_zone })}
      </p>
      {!status?.company && (
        <>
          <Snippet
            label="advocate.yaml"
            text={`policy:\n  company: Example Shop\n  time_zone: ${zone || "UTC"}\n  default_lang: en\n`}
          />
          <p className={classes.dim}>{t("step.company.then")}</p>
        </>
      )}
    </>
  );
}

function Playbook() {
  const { t } = useTranslation("guide");
  const { data: status } = useQuery(statusQuery);
  if (!status?.playbook_version) return <p>{t("step.playbook.none")}</p>;
  const { playbook_name: name, playbook_version: version } = status;
  return (
    <>
      <p>{t("step.playbook.text", { name, version })}</p>
      <div>
        <Button
          renderRoot={(p) => <Link {...p} to="/playbooks/$version" params={{ version: String(version) }} />}
          variant="default"
        >
          {t("step.playbook.go")}
        </Button>
      </div>
    </>
  );
}

/** Somebody takes calls: oneself at first, so that the way can be walked to its end. */
function Agents() {
  const { t } = useTranslation("guide");
  const { login } = useSession();
  const { become, busy } = useBecoming(t("step.agents.became"));
  const agents = useQuery(agentsQuery);
  const able = (agents.data ?? []).filter(takesCalls);
  const me = agents.data?.find((g) => g.id === login);
  return (
    <>
      <p>
        {able.length > 0
          ? t("step.agents.are", { count: able.length, names: able.map((g) => g.name || g.id).join(", ") })
          : t("step.agents.text")}
      </p>
      <div className={classes.acts}>
        {!me?.queues?.length && (
          <Button onClick={() => void become()} loading={busy}>
            {t("step.agents.become")}
          </Button>
        )}
        <Button component={Link} to="/people" variant="default">
          {t("step.agents.invite")}
        </Button>
      </div>
      {able.length > 0 && !me?.queues?.length && <p className={classes.dim}>{t("step.agents.notYou")}</p>}
    </>
  );
}

const importing = `advocate import customers customers.csv
advocate import orders orders.csv
`;

const customersFile = `ref,name,phone,email,lang,time_zone,identities,calls
K-1,Maria Lopez,+12025550101,maria@example.com,en,America/New_York,sandbox/maria,granted
`;

const ordersFile = `id,customer_ref,status,promised,eta,carrier,items,email,postcode
A-1001,K-1,shipped,2026-01-10,2026-01-20,Parcelway,"2x Garden chair (CHR-3)",maria@example.com,30303
`;

const calling = (origin: string) => `curl ${origin}/v1/events -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/cloudevents+json' -d '{
    "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "order.shipped",
    "orderid": "A-1001", "data": {"customer_ref": "K-1", "email": "maria@example.com"}}'
`;

function Customers() {
  const { t } = useTranslation("guide");
  const { data: status } = useQuery(statusQuery);
  return (
    <>
      <p>
        {status && status.orders > 0
          ? t("step.customers.are", { orders: number(status.orders), customers: number(status.customers) })
          : t("step.customers.text")}
      </p>
      <h3 className={classes.small}>{t("step.customers.files")}</h3>
      <Snippet label="customers.csv" text={customersFile} />
      <Snippet label="orders.csv" text={ordersFile} />
      <Snippet label="advocate import" text={importing} />
      <h3 className={classes.small}>{t("step.customers.api")}</h3>
      <Snippet label="curl" text={calling(location.origin)} />
      <div>
        <Button renderRoot={(p) => <Link {...p} to="/people/$tab" params={{ tab: "tokens" }} />} variant="default">
          {t("step.customers.token")}
        </Button>
      </div>
    </>
  );
}

function Network() {
  const { t } = useTranslation("guide");
  const { data } = useQuery(connectionsQuery);
  const names = (data ?? []).filter(isReal).map((c) => c.name);
  const trying = (data ?? []).some((c) => c.kind === "network");
  return (
    <>
      <p>
        {names.length > 0
          ? t("step.network.are", { count: names.length, names: names.join(", ") })
          : t(trying ? "step.network.sandbox" : "step.network.text")}
      </p>
      <p className={classes.dim}>{t("step.network.more")}</p>
      <div>
        <Button component={Link} to="/connections" variant="default">
          {t("step.network.go")}
        </Button>
      </div>
    </>
  );
}
