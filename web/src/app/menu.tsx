import { Menu as Dropdown, NavLink, Text, UnstyledButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKeyboard, IconLogout, IconSelector, IconUserCog } from "@tabler/icons-react";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { useSession } from "@/api/session";
import { ActivityMenu } from "@/pages/desk/activity";
import { showError } from "@/ui/act";
import { flushLater } from "@/ui/later";
import { initials } from "@/ui/post";
import { useRegistry, useShortcuts } from "@/ui/shortcuts";
import { headword } from "@/ui/word";
import { showKeySheet } from "./keysheet";
import { LineDot } from "./line";
import classes from "./menu.module.css";
import { places } from "./nav";
import { SchemeItems } from "./scheme";
import { tellOtherWindows } from "./signedout";

/** Where one can go, and who one is. */
export function Menu({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation("app");
  const session = useSession();
  const { pathname } = useLocation();
  const here = places.filter((p) => p.open(session));
  return (
    <div className={classes.menu}>
      <div className={classes.brand}>
        <img src="/assets/icon.svg" alt="" width={22} height={22} />
        <strong>{t("brand")}</strong>
        <LineDot />
      </div>
      <nav aria-label={t("nav.label")} className={classes.nav}>
        {(["work", "run", "set"] as const).map((section) => {
          const list = here.filter((p) => p.section === section);
          return list.length === 0 ? null : (
            <div key={section} className={classes.section}>
              <Text size="xs" c="var(--dim)" fw={600} px="sm" pb={2}>
                {t(`section.${section}`)}
              </Text>
              {list.map(({ place, to, icon: Icon }) => (
                <NavLink
                  key={place}
                  component={Link}
                  to={to}
                  label={t(`nav.${place}`)}
                  leftSection={<Icon size={17} stroke={1.7} />}
                  active={pathname === to || pathname.startsWith(`${to}/`)}
                  aria-current={pathname === to ? "page" : undefined}
                  onClick={onGo}
                  className={classes.link}
                />
              ))}
            </div>
          );
        })}
      </nav>
      {session.can("work") && <ActivityMenu />}
      <Me />
    </div>
  );
}

function Me() {
  const { t } = useTranslation("app");
  const session = useSession();
  const { single, setSingle } = useRegistry();
  const out = async () => {
    try {
      if (!(await flushLater())) {
        notifications.show({ color: "red", message: t("me.notOut"), autoClose: 10_000, role: "alert" });
        return;
      }
      await take(api.DELETE("/v1/session"));
      tellOtherWindows();
      location.assign("/sign-in");
    } catch (error) {
      showError(error);
    }
  };
  return (
    <Dropdown position="top-start" width={250}>
      <Dropdown.Target>
        <UnstyledButton className={classes.me} aria-label={t("me.menu", { name: session.name })}>
          <span className={classes.face} aria-hidden>
            {initials(session.name)}
          </span>
          <span className={classes.who}>
            <Text size="sm" fw={600} truncate>
              {session.name}
            </Text>
            <Text size="xs" c="var(--dim)">
              {headword("role", session.role)}
            </Text>
          </span>
          <IconSelector size={15} aria-hidden />
        </UnstyledButton>
      </Dropdown.Target>
      <Dropdown.Dropdown>
        <Dropdown.Item component="a" href="/account" leftSection={<IconUserCog size={15} />}>
          {t("me.account")}
        </Dropdown.Item>
        <Dropdown.Item leftSection={<IconKeyboard size={15} />} onClick={showKeySheet}>
          {t("me.keys")}
        </Dropdown.Item>
        <Dropdown.CheckboxItem checked={single} onChange={setSingle}>
          {t("me.singleKeys")}
        </Dropdown.CheckboxItem>
        <SchemeItems />
        <Dropdown.Divider />
        <Dropdown.Item leftSection={<IconLogout size={15} />} onClick={() => void out()}>
          {t("me.out")}
        </Dropdown.Item>
      </Dropdown.Dropdown>
    </Dropdown>
  );
}

/** g and a letter go to a page. */
export function useGoKeys(): void {
  const { t } = useTranslation("app");
  const session = useSession();
  const navigate = useNavigate();
  useShortcuts(
    places
      .filter((p) => p.open(session))
      .map(({ place, to, key }) => ({
        keys: `g ${key}`,
        label: t("keys.goto", { page: t(`nav.${place}`) }),
        group: t("palette.pages"),
        run: () => void navigate({ to }),
      })),
  );
}
