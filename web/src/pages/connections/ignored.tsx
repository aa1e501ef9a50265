import { Button } from "@mantine/core";
import { IconEar } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CustomerSummary, IdentityView } from "@/api/schema";
import { useSession } from "@/api/session";
import { handleOf, Identity, useIgnoring } from "@/pages/customers/identities";
import { customersQuery } from "@/pages/customers/queries";
import { GoTo } from "@/ui/goto";
import { Panel } from "@/ui/panel";
import { Empty, Read } from "@/ui/states";
import classes from "./connections.module.css";

/** Who is not heard, and how they are let in again. */
export function Ignored() {
  const { t } = useTranslation(["connections", "ui"]);
  const customers = useInfiniteQuery(customersQuery("is:ignored"));
  const may = useSession().can("supervise");
  const ignoring = useIgnoring();
  const shown = (customers.data?.pages ?? [])
    .flatMap((p) => p.items ?? [])
    .flatMap((c) => (c.identities ?? []).filter((i) => i.ignored).map((i): [CustomerSummary, IdentityView] => [c, i]));
  return (
    <Panel title={t("ignored.title")} about={t("ignored.about")} flush>
      <Read of={customers}>
        {() =>
          shown.length === 0 ? (
            <Empty
              icon={<IconEar />}
              title={t("ignored.none")}
              text={t("ignored.noneText")}
              action={
                <GoTo to="/customers" need="read_customers">
                  {t("ignored.go")}
                </GoTo>
              }
            />
          ) : (
            <ul className={classes.list} aria-label={t("ignored.title")}>
              {shown.map(([c, i]) => (
                <li key={`${i.network}/${i.account ?? ""}/${i.author}`} className={classes.letter}>
                  <div className={classes.what}>
                    <Identity of={i} />
                    <div className={classes.links}>
                      <Link to="/customers/$customer" params={{ customer: c.id }}>
                        {t("ignored.of", { name: c.name || c.ref || t("ignored.nameless") })}
                      </Link>
                    </div>
                  </div>
                  {may && (
                    <div className={classes.acts}>
                      <Button
                        variant="default"
                        aria-label={t("ignored.againOf", { handle: handleOf(i) })}
                        disabled={ignoring.busy}
                        onClick={() => void ignoring.change(c.id, "unignore", i)}
                      >
                        {t("ignored.again")}
                      </Button>
                    </div>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Read>
      {customers.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={customers.isFetchingNextPage}
            onClick={() => void customers.fetchNextPage()}
          >
            {t("ui:more")}
          </Button>
        </div>
      )}
    </Panel>
  );
}
