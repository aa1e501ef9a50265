import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { agentsQuery, useMe } from "@/api/queries/agent";
import { Keys } from "@/ui/kbd";
import { useActivity } from "../desk/activities";
import classes from "./guide.module.css";
import { waitingQuery } from "./query";
import { isAtWork } from "./steps";

/** Somebody is there when work comes: being an agent is not enough. */
export function Available() {
  const { t } = useTranslation("guide");
  const { me } = useMe();
  const { set, busy } = useActivity();
  const there = (useQuery(agentsQuery).data ?? []).filter(isAtWork);
  const mine = !!me && there.some((g) => g.id === me.id);
  return (
    <>
      <p>
        {there.length > 0
          ? t("step.available.are", { count: there.length, names: there.map((g) => g.name || g.id).join(", ") })
          : t("step.available.text")}
      </p>
      {there.length > 0 && <p>{t(mine ? "step.available.you" : "step.available.notYou")}</p>}
      {!me && <p className={classes.dim}>{t("step.available.first")}</p>}
      <div className={classes.acts}>
        {me && !mine && (
          <Button onClick={() => void set("available")} loading={busy}>
            {t("step.available.become")}
          </Button>
        )}
        <Button component={Link} to="/desk" variant="default">
          {t("toDesk")}
        </Button>
      </div>
      {me && (
        <p className={classes.dim}>
          {t("step.available.where")} <Keys of="v a" />
        </p>
      )}
    </>
  );
}

/** The work item that a post led to, taken by somebody. */
export function Call() {
  const { t } = useTranslation("guide");
  const { data: waiting = 0 } = useQuery(waitingQuery);
  return (
    <>
      <p>{t("step.call.text")}</p>
      <p>{waiting > 0 ? t("step.call.waits", { count: waiting }) : t("step.call.none")}</p>
      {waiting > 0 && <p className={classes.dim}>{t("step.call.hours")}</p>}
      <div className={classes.acts}>
        <Button component={Link} to="/desk">
          {t("toDesk")}
        </Button>
        <Button component={Link} to="/live" variant="default">
          {t("toLive")}
        </Button>
      </div>
    </>
  );
}
