import type { ReactNode } from "react";
import classes from "./mark.module.css";

export type Tone = "good" | "warn" | "bad" | "accent" | "plain";

/** A word that says how something stands; its colour only repeats it. */
export function Mark({ tone = "plain", icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}
