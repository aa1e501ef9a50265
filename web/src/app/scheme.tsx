import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
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
      <Menu.RadioGroup value={colorScheme} onChange={(next) => setColorScheme(next as MantineColorScheme)}>
        {schemes.map(([name, Icon]) => (
          <Menu.RadioItem key={name} value={name} rightSection={<Icon size={15} />}>
            {t(`me.${name}`)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Label>{t("me.language")}</Menu.Label>
      <Menu.RadioGroup value={i18n.language} onChange={(next) => void chooseLanguage(next as Language)}>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.RadioItem key={code} value={code} lang={code}>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
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
