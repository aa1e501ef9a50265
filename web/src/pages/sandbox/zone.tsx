import { useTranslation } from "react-i18next";
import classes from "./column.module.css";
import { shortZone } from "./times";

/** In which zone the times are: messages are written in the customer's, and all beside them is told in it. */
export function Zone({ timeZone }: { timeZone: string | undefined }) {
  const { t } = useTranslation("sandbox");
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  const name = [shortZone(zone), zone].filter(Boolean).join(", ");
  return <p className={classes.zone}>{t(timeZone ? "zone.theirs" : "zone.yours", { zone: name })}</p>;
}
