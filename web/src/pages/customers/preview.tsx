import { Button } from "@mantine/core";
import { IconUserSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CustomerSummary } from "@/api/schema";
import { Keys } from "@/ui/kbd";
import { Panel } from "@/ui/panel";
import { Empty, Read } from "@/ui/states";
import { CaseLine } from "./case";
import classes from "./customers.module.css";
import { nameOf } from "./name";
import { casesQuery, customerQuery } from "./queries";
import { Facts } from "./who";

/** Who stands under the cursor of the search, at a glance. */
export function Preview({ of: c }: { of?: CustomerSummary }) {
  const { t } = useTranslation("customers");
  return (
    <section className={classes.right} aria-label={t("preview")}>
      {c ? <Glance of={c} /> : <Empty icon={<IconUserSearch />} title={t("preview")} text={t("previewEmpty")} />}
    </section>
  );
}

function Glance({ of: c }: { of: CustomerSummary }) {
  const { t } = useTranslation("customers");
  const who = useQuery(customerQuery(c.id));
  const cases = useQuery(casesQuery(c.id));
  return (
    <div className={classes.stack}>
      <Panel
        title={nameOf(c)}
        aside={
          <Button
            component={Link}
            to={`/customers/${c.id}`}
            variant="default"
            rightSection={<Keys of="enter" />}
            size="compact-sm"
          >
            {t("open")}
          </Button>
        }
      >
        <Read of={who} lines={5}>
          {(d) => <Facts of={d} />}
        </Read>
      </Panel>
      <Panel title={t("cases.title")} flush>
        <Read of={cases}>
          {(list) =>
            list.length === 0 ? (
              <Empty title={t("cases.none")} />
            ) : (
              <ul className={classes.plain}>
                {list.slice(0, 8).map((k) => (
                  <li key={k.id}>
                    <CaseLine of={k} />
                  </li>
                ))}
              </ul>
            )
          }
        </Read>
      </Panel>
    </div>
  );
}
