import { ActionIcon, Popover, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./figure.module.css";

export type Tone = "good" | "warn" | "bad";

/** Figures side by side, the number first. */
export function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className={classes.figures} aria-label={label}>
      {children}
    </dl>
  );
}

interface FigureProps {
  label: string;
  value: ReactNode;
  /** What stands below the number. */
  note?: ReactNode;
  /** Only where somebody should look. */
  tone?: Tone;
  noteTone?: Tone;
  /** What the figure means, and the name of the button that tells it. */
  hint?: { name: string; text: ReactNode };
}

export function Figure({ label, value, note, tone, noteTone, hint }: FigureProps) {
  return (
    <div className={classes.figure} data-tone={tone}>
      <dt className={classes.label}>
        {label}
        {hint && (
          <Popover width={280} withArrow shadow="md" position="bottom-start">
            <Popover.Target>
              <ActionIcon size={24} aria-label={hint.name}>
                <IconInfoCircle size={14} />
              </ActionIcon>
            </Popover.Target>
            <Popover.Dropdown>
              <Text size="sm">{hint.text}</Text>
            </Popover.Dropdown>
          </Popover>
        )}
      </dt>
      <dd className={classes.value}>{value}</dd>
      {note && (
        <dd className={classes.note} data-tone={noteTone}>
          {note}
        </dd>
      )}
    </div>
  );
}
