import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveState } from "@/api/listening";
import { answersAgain } from "@/ui/act";
import classes from "./line.module.css";

/** A line that was cut for less than this is nothing to speak of. */
const patienceMs = 1500;

/** Says that what is shown may be old, while it may. */
export function Line() {
  const { t } = useTranslation("app");
  const live = useLive();
  const state = useLiveState();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state === "open") answersAgain();
    if (state === "open" || state === "connecting") {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status">
      {shown && (
        <div className={classes.line}>
          <IconPlugConnectedX size={17} aria-hidden />
          <span>{t(state === "ended" ? "line.ended" : "line.lost")}</span>
          {state === "ended" ? (
            <Button variant="default" size="compact-xs" onClick={() => location.reload()}>
              {t("line.reload")}
            </Button>
          ) : (
            <Button variant="default" size="compact-xs" onClick={live?.retryNow}>
              {t("line.retry")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** The same as a small dot beside the name. */
export function LineDot() {
  const { t } = useTranslation("app");
  const state = useLiveState();
  const label = t(state === "open" ? "line.open" : state === "connecting" ? "line.connecting" : "line.lost");
  return <span className={classes.dot} data-state={state} role="img" aria-label={label} title={label} />;
}
