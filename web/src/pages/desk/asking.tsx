import { Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { WorkItemView } from "@/api/schema";
import type { Moves } from "@/ui/moves";
import { nameOf } from "@/ui/workitem";
import { AskCancel } from "./askcancel";
import { AskExpert } from "./askexpert";
import { AskRaise } from "./askraise";
import { AskSnooze } from "./asksnooze";
import { AskTransfer } from "./asktransfer";

/** What has to be asked before an item is moved. */
export type AskFor = "snooze" | "transfer" | "expert" | "raise" | "cancel" | undefined;

export interface AskProps {
  item: WorkItemView;
  login: string;
  moves: Moves;
  /** It was said: the question goes away. */
  onClose: () => void;
  /** The item is out of one's hands. */
  onDone: () => void;
}

const questions = {
  snooze: AskSnooze,
  transfer: AskTransfer,
  expert: AskExpert,
  raise: AskRaise,
  cancel: AskCancel,
};

export function Asking({ ask, ...props }: AskProps & { ask: AskFor }) {
  const { t } = useTranslation(["desk", "ui"]);
  const Question = ask && questions[ask];
  return (
    <Modal
      opened={ask !== undefined}
      onClose={props.onClose}
      title={ask && t(`ask.${ask}`, { name: nameOf(props.item) })}
      closeButtonProps={{ "aria-label": t("ui:close") }}
      transitionProps={{ duration: 0 }}
    >
      {Question && <Question {...props} />}
    </Modal>
  );
}
