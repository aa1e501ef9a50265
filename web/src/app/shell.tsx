import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { Activity, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { follow } from "@/api/follow";
import { LiveContext } from "@/api/listening";
import { Live } from "@/api/live";
import { useNames } from "@/api/queries/person";
import { useSession } from "@/api/session";
import { DeskWatch } from "@/pages/desk/watch";
import { ShortcutsProvider } from "@/ui/shortcuts";
import { Boundary } from "@/ui/states";
import { KeySheet } from "./keysheet";
import { Leftover } from "./leftover";
import { Line } from "./line";
import { Menu } from "./menu";
import { Palette } from "./palette";
import classes from "./shell.module.css";
import { SignedOut, tellOtherWindows, useStanding } from "./signedout";
import { Stopped } from "./stopped";

/** What stands around every page for who is signed in. */
export function Shell() {
  const { t } = useTranslation(["app", "ui"]);
  const queries = useQueryClient();
  const session = useSession();
  useNames(); // read once for what is said outside of a page
  const { pathname } = useLocation();
  const [live] = useState(() => new Live());
  const [open, menu] = useDisclosure();
  const here = useStanding().is === "theirs";
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
  useEffect(tellOtherWindows, []); // one of them may show somebody else
  const again = useCallback(() => {
    live.stop();
    if (readsAll) live.start();
  }, [live, readsAll]);
  return (
    <LiveContext value={live}>
      <Activity mode={here ? "visible" : "hidden"}>
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
            <div className={classes.body}>
              <Stopped />
              <main id="main" tabIndex={-1} className={classes.main}>
                <Line />
                <Boundary key={roomOf(pathname)} title={t("ui:failed.crash")}>
                  <Outlet />
                </Boundary>
              </main>
              {session.can("work") && <DeskWatch />}
            </div>
          </div>
          <Palette />
          <KeySheet />
          <Leftover />
        </ShortcutsProvider>
      </Activity>
      <SignedOut onBack={again} />
    </LiveContext>
  );
}

/** What is one page: the desk stays as it is while its items come and go, all others begin anew. */
function roomOf(path: string): string {
  return path.startsWith("/desk") ? "/desk" : path;
}
