import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { LiveView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Panel } from "@/ui/panel";
import { Due } from "@/ui/time";
import { headword, word } from "@/ui/word";
import classes from "./live.module.css";

/** What customers were told, and is due soon or over. */
export function AtRisk({ of }: { of: LiveView["promises"] }) {
  const { t } = useTranslation("live");
  const name = useNames();
  const session = useSession();
  const first = of.first ?? [];
  const more = of.at_risk - first.length;
  const nothing = of.at_risk === 0 ? t("promises.none") : !session.can("read_customers") ? t("promises.noNames") : "";
  return (
    <Panel title={t("promises.title")} flush={!nothing}>
      {nothing && <p className={classes.note}>{nothing}</p>}
      {!nothing && (
        <ul className={classes.rows}>
          {first.map((p) => (
            <li key={p.id}>
              <Link to="/cases/$case" params={{ case: p.case_id }} className={classes.row}>
                <span className={classes.line}>
                  <strong>{headword("promise", p.what)}</strong>
                  <span className={classes.end}>
                    <Due at={p.due} soonMs={60 * 60_000} />
                  </span>
                </span>
                <span className={`${classes.line} ${classes.dim}`}>
                  <span>{word("intent", p.intent)}</span>
                  <span className={classes.end}>
                    {p.owner
                      ? t("promises.owner", { who: name(p.owner) })
                      : p.queue
                        ? t("promises.queue", { queue: p.queue })
                        : t("promises.advocate")}
                  </span>
                </span>
              </Link>
            </li>
          ))}
          {more > 0 && (
            <li className={classes.row}>
              <span className={classes.dim}>{t("promises.more", { count: more })}</span>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}
