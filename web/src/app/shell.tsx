import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow } from "@/api/follow";
import { Live } from "@/api/live";
import { useSession } from "@/api/session";
import { DeskWatch } from "@/pages/desk/watch";
import { ShortcutsProvider } from "@/ui/shortcuts";
import { Boundary } from "@/ui/states";
import { LiveContext } from "./context";
import { KeySheet } from "./keysheet";
import { Line } from "./line";
import { Menu } from "./menu";
import { Palette } from "./palette";
import classes from "./shell.module.css";
import { SignedOut } from "./signedout";

/** What stands around every page for who is signed in. */
export function Shell() {
  const { t } = useTranslation(["app", "ui"]);
  const queries = useQueryClient();
  const session = useSession();
  const { pathname } = useLocation();
  const [live] = useState(() => new Live());
  const [open, menu] = useDisclosure();
  const readsAll = session.can("read_customers") && session.can("read_work") && session.can("read_setup");
  useEffect(() => {
    if (!readsAll) return;
    const stop = follow(live, queries, session.login);
    live.start();
    return () => {
      stop();
      live.stop();
    };
  }, [live, queries, session.login, readsAll]);
  const again = useCallback(() => {
    live.stop();
    if (readsAll) live.start();
  }, [live, readsAll]);
  return (
    <LiveContext value={live}>
      <ShortcutsProvider>
        <a className={classes.skip} href="#main">
          {t("skip")}
        </a>
        <div className={classes.shell}>
          <div className={classes.side}>
            <Menu />
          </div>
          <header className={classes.top}>
            <ActionIcon onClick={menu.open} aria-label={t("nav.open")} aria-expanded={open}>
              <IconMenu2 size={20} />
            </ActionIcon>
            <strong>{t("brand")}</strong>
          </header>
          <Drawer
            opened={open}
            onClose={menu.close}
            size={250}
            padding={0}
            withCloseButton={false}
            title={t("nav.label")}
            styles={{ header: { display: "none" }, body: { height: "100%" } }}
          >
            <Menu onGo={menu.close} />
          </Drawer>
          <main id="main" tabIndex={-1} className={classes.main}>
            <Line />
            {session.can("work") && <DeskWatch />}
            <Boundary key={roomOf(pathname)} title={t("ui:failed.crash")}>
              <Outlet />
            </Boundary>
          </main>
        </div>
        <Palette />
        <KeySheet />
        <SignedOut onBack={again} />
      </ShortcutsProvider>
    </LiveContext>
  );
}

/** What is one page: the desk stays as it is while its items come and go, all others begin anew. */
function roomOf(path: string): string {
  return path.startsWith("/desk") ? "/desk" : path;
}
