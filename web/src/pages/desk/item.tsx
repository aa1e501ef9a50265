import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { itemQuery } from "@/api/queries/workitem";
import type { WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { CaseView } from "@/pages/cases/view";
import { useMoves } from "@/ui/moves";
import { useShortcuts } from "@/ui/shortcuts";
import { Read } from "@/ui/states";
import { isOver } from "@/ui/workitem";
import { ItemActions } from "./actions";
import { type AskFor, Asking } from "./asking";
import { CallBox } from "./call";
import { ItemHead } from "./head";
import classes from "./item.module.css";
import { Points } from "./points";
import { Result } from "./result";

export interface ItemProps {
  id: string;
  /** The item has ended here, or is somebody else's now. */
  onDone: () => void;
  onBack: () => void;
}

/** One work item: what is to be done, what to know before, and the case that it is about. */
export function ItemPane({ id, onDone, onBack }: ItemProps) {
  const item = useQuery(itemQuery(id));
  return <Read of={item}>{(found) => <Item item={found} onDone={onDone} onBack={onBack} />}</Read>;
}

function Item({ item: w, onDone, onBack }: Omit<ItemProps, "id"> & { item: WorkItemView }) {
  const { t } = useTranslation("desk");
  const { login } = useSession();
  const navigate = useNavigate();
  const back = useCallback((id: string) => void navigate({ to: "/desk/$item", params: { item: id } }), [navigate]);
  const moves = useMoves(back);
  const [ask, setAsk] = useState<AskFor>();
  const mine = moves.isMine(w);
  const group = t("keys.item");
  useShortcuts(mine ? [{ keys: "d", label: t("keys.result"), group, run: focusResult }] : []);
  return (
    <div className={classes.item}>
      <ItemHead item={w} onBack={onBack}>
        {!isOver(w) && <ItemActions item={w} mine={mine} moves={moves} onAsk={setAsk} />}
      </ItemHead>
      <div className={classes.body}>
        <div className={classes.rail}>
          {w.kind === "callback" && !isOver(w) && <CallBox item={w} mine={mine} moves={moves} />}
          {/* Before the call what to know, after it what came of it. */}
          {w.state !== "wrapping" && <Points item={w} />}
          {mine && <Result item={w} moves={moves} onDone={onDone} />}
          {w.state === "wrapping" && <Points item={w} />}
        </div>
        <div className={classes.case}>
          <CaseView id={w.case_id} />
        </div>
      </div>
      <Asking item={w} ask={ask} login={login} moves={moves} onClose={() => setAsk(undefined)} onDone={onDone} />
    </div>
  );
}

/** The first of the ways in which the work can have ended. */
function focusResult(): void {
  const first = document.querySelector<HTMLElement>("[data-result] button");
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
}
