import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, type Language, languages } from "@/i18n";

const schemes = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
] as const;

/** Light or dark and the language, as entries of a menu. */
export function SchemeItems() {
  const { t, i18n } = useTranslation("app");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t("me.scheme")}</Menu.Label>
      {schemes.map(([name, Icon]) => (
        <Menu.Item
          key={name}
          leftSection={<Icon size={15} />}
          onClick={() => setColorScheme(name)}
          role="menuitemradio"
          aria-checked={colorScheme === name}
          fw={colorScheme === name ? 650 : undefined}
        >
          {t(`me.${name}`)}
        </Menu.Item>
      ))}
      <Menu.Label>{t("me.language")}</Menu.Label>
      {Object.entries(languages).map(([code, name]) => (
        <Menu.Item
          key={code}
          lang={code}
          onClick={() => void chooseLanguage(code as Language)}
          role="menuitemradio"
          aria-checked={i18n.language === code}
          fw={i18n.language === code ? 650 : undefined}
        >
          {name}
        </Menu.Item>
      ))}
    </>
  );
}

export function SchemeMenu() {
  const { t } = useTranslation("app");
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`${t("me.scheme")}, ${t("me.language")}`}>
          <IconLanguage size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <SchemeItems />
      </Menu.Dropdown>
    </Menu>
  );
}
