import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { CustomerDetail } from "@/api/schema";
import { Entry } from "./entry";
import classes from "./entry.module.css";
import type { Told, useHistory } from "./history";
import { List } from "./list";
import { Failed, Read } from "./states";

interface TimelineProps {
  of: ReturnType<typeof useHistory>;
  /** Those of its lines that are shown. */
  lines: Told[];
  customer: CustomerDetail | undefined;
  /** The case whose history it is. */
  within?: string;
  label: string;
  /** What stands there when nothing is. */
  none: ReactNode;
}

/** Fewer lines than a window has are no reason to stop reading: more may be let through by the filter. */
const fewLines = 20;

/** A customer's history, or a case's, as one list of any length. */
export function Timeline({ of: history, lines, customer, within, label, none }: TimelineProps) {
  const { t } = useTranslation("history");
  const { data, ended, more, failed } = history;
  useEffect(() => {
    if (data && !ended && lines.length < fewLines) void more();
  }, [data, ended, lines.length, more]);
  return (
    <Read of={history} lines={10}>
      {() =>
        lines.length === 0 && ended ? (
          none
        ) : (
          <List
            items={lines}
            keyOf={(l) => l.line.key}
            estimate={56}
            onEnd={more}
            label={label}
            render={(l) => <Entry of={l} customer={customer} within={within} />}
            footer={
              ended ? (
                <p className={classes.end}>{t("end")}</p>
              ) : (
                failed !== undefined && <Failed error={failed} retry={() => void more()} />
              )
            }
          />
        )
      }
    </Read>
  );
}
