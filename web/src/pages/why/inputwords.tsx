import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import { headword, word } from "@/ui/word";
import type { InputView } from "./logic";
import classes from "./why.module.css";

/** What came, in a few words. */
export function InputWords({ of: i }: { of: InputView }) {
  const { t } = useTranslation("why");
  const name = useNames();
  if (i.post) {
    const who = `@${i.post.author.handle || i.post.author.id}`;
    const how = i.post.deleted ? "deleted" : i.edited ? "edited" : i.kind === "own_reply" ? "staff" : "wrote";
    return (
      <>
        {t(`came.${how}`, { who })} {!i.post.deleted && <q className={classes.q}>{i.post.text}</q>}
      </>
    );
  }
  if (i.event) return <>{t("came.event", { type: i.event.type })}</>;
  if (i.answer)
    return (
      <>{t(i.answer.error ? "came.noAnswer" : "came.answer", { component: word("component", i.answer.component) })}</>
    );
  if (i.outcome) {
    const what = headword("effect", i.outcome.kind);
    return <>{t("came.outcome", { what, state: word("effect_state", i.outcome.state) })}</>;
  }
  if (i.command) {
    return (
      <>
        {t("came.command", {
          by: i.command.by ? name(i.command.by) : t("came.system"),
          what: word("command", i.command.kind),
        })}
      </>
    );
  }
  return <>{t("came.timer")}</>;
}
