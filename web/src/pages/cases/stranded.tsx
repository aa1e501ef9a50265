import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconNote } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useNames } from "@/api/queries/person";
import type { CaseView } from "@/api/schema";
import classes from "./composer.module.css";
import { moveToNote } from "./drafts";

interface StrandedProps {
  of: CaseView;
  mode: "private" | "public";
  text: string;
  onMoved: () => void;
}

/** Under a reply that was begun and cannot be sent as things stand: why, and what its writer can do with it. */
export function Stranded({ of: c, mode, text, onMoved }: StrandedProps) {
  const { t } = useTranslation(["cases", "ui"]);
  const name = useNames();
  const clip = useClipboard({ timeout: 2000 });
  return (
    <div className={classes.foot}>
      <p className={`${classes.hint} ${classes.stranded}`} role="status">
        {c.state === "resolved" ? t("stranded.ended") : t("stranded.theirs", { name: name(c.owner ?? "") })}
      </p>
      {text.trim() && (
        <>
          <Button
            variant="default"
            leftSection={clip.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            onClick={() => clip.copy(text)}
          >
            {t(clip.copied ? "ui:copied" : "ui:copy")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconNote size={15} />}
            onClick={() => {
              moveToNote(c.id, mode);
              onMoved();
            }}
          >
            {t("stranded.toNote")}
          </Button>
        </>
      )}
    </div>
  );
}
