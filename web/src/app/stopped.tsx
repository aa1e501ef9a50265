import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import { useSession } from "@/api/session";
import { switchesQuery } from "@/pages/playbooks/query";
import { Ago } from "@/ui/time";
import classes from "./line.module.css";

/**
 * Says over every page that nothing leaves, because all sending is stopped or
 * in shadow: whoever answers, releases or tries things out would wait for what
 * cannot come.
 */
export function Stopped() {
  const { t } = useTranslation("app");
  const session = useSession();
  const name = useNames();
  const { pathname } = useLocation();
  const all = useQuery({ ...switchesQuery, enabled: session.can("read_setup") }).data?.find((s) => s.scope === "all");
  const mode = all?.mode === "stopped" || all?.mode === "shadow" ? (all.mode as "stopped" | "shadow") : undefined;
  const stopped = all && mode ? { ...all, mode } : undefined;
  return (
    <aside aria-label={t("stopped.label")} hidden={!stopped}>
      <div role="status">
        {stopped && (
          <div className={classes.line} data-bad>
            <IconHandStop size={17} aria-hidden />
            <span>
              <strong>{t(`stopped.${stopped.mode}`)}</strong> {t(`stopped.${stopped.mode}Text`)}{" "}
              <span className={classes.by}>
                {stopped.by ? t("stopped.by", { by: name(stopped.by) }) : t("stopped.bySystem")} <Ago at={stopped.at} />
                .{!session.can("configure") && ` ${t("stopped.mayNot")}`}
              </span>
            </span>
            {session.can("configure") && pathname !== "/playbooks" && (
              <Button component={Link} to="/playbooks" variant="default" size="compact-xs">
                {t("stopped.go")}
              </Button>
            )}
          </div>
        )}
      </div>
    </aside>
  );
}
