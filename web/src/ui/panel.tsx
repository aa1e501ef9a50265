import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./panel.module.css";

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  /** Without padding: for lists that go to the edge. */
  flush?: boolean;
  children: ReactNode;
  className?: string;
  label?: string;
}

/** A card with a heading of the second level. */
export function Panel({ title, aside, flush, children, className, label }: PanelProps) {
  return (
    <section
      className={`${classes.panel} ${className ?? ""}`}
      aria-label={label ?? (typeof title === "string" ? title : undefined)}
    >
      {(title || aside) && (
        <header className={classes.head}>
          {title && (
            <Title order={2} size="h3">
              {title}
            </Title>
          )}
          {aside && <div className={classes.aside}>{aside}</div>}
        </header>
      )}
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
