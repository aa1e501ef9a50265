import { Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./page.module.css";

interface PageProps {
  title: string;
  /** Beside the title: a count, a state. */
  aside?: ReactNode;
  /** At the right: what can be done on this page. */
  actions?: ReactNode;
  /** Without padding, and as high as the window: for panes that scroll by themselves. */
  fill?: boolean;
  children: ReactNode;
}

/** A page's frame: its title is the window's, and has the focus on arrival. */
export function Page({ title, aside, actions, fill, children }: PageProps) {
  const { t } = useTranslation("ui");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t("title")}`;
  }, [title, t]);
  useEffect(() => {
    // Who came by a link or a key hears where they are; who typed the address
    // starts at the top of the document.
    if (document.activeElement && document.activeElement !== document.body)
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={fill ? classes.filled : classes.page}>
      <header className={classes.head}>
        <Title order={1} ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {aside}
        <div className={classes.actions}>{actions}</div>
      </header>
      <div className={fill ? classes.fill : classes.body}>{children}</div>
    </div>
  );
}
