import { Button } from "@mantine/core";
import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Boundary } from "@/ui/states";
import classes from "./outside.module.css";
import { SchemeMenu } from "./scheme";
import shell from "./shell.module.css";

/** The frame around the sandbox for who is not signed in. */
export function Outside() {
  const { t } = useTranslation(["app", "ui"]);
  return (
    <div className={classes.outside}>
      <a className={shell.skip} href="#main">
        {t("skip")}
      </a>
      <header className={classes.bar}>
        <strong>{t("brand")}</strong>
        <span className={classes.right}>
          <SchemeMenu />
          <Button component="a" href="/sign-in?next=/" variant="default">
            {t("me.signIn")}
          </Button>
        </span>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Boundary title={t("ui:failed.crash")}>
          <Outlet />
        </Boundary>
      </main>
    </div>
  );
}
