import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./panel.module.css";

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  /** What the panel is of, in a sentence below its heading. */
  about?: string;
  /** Without padding: for lists that go to the edge. */
  flush?: boolean;
  children: ReactNode;
  className?: string;
  label?: string;
}

/** A card with a heading of the second level. */
export function Panel({ title, aside, about, flush, children, className, label }: PanelProps) {
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
      {about && <p className={classes.about}>{about}</p>}
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
