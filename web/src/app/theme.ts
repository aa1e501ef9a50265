import { type BadgeProps, createTheme, type MantineColorsTuple } from "@mantine/core";
import i18next from "i18next";

// One accent, the colour of the sign-in pages; everything else is grey, so
// that what is red or green means something.
const accent: MantineColorsTuple = [
  "#eef0ff",
  "#dfe1fd",
  "#bcc0f6",
  "#969df0",
  "#777feb",
  "#636ce8",
  "#5a63e8",
  "#4a53ce",
  "#4149b9",
  "#363ea4",
];

// The greys of base.css, so that fields and menus are of one cloth with the page.
const dark: MantineColorsTuple = [
  "#eceef5",
  "#c9cedb",
  "#a6adbf",
  "#7d8498",
  "#3a3e4c",
  "#2c2f3a",
  "#22252f",
  "#191b23",
  "#14161d",
  "#101117",
];

// What is good, a warning or bad has the colours of base.css, which can be read on each ground.
const meaning: Record<string, string> = { green: "good", yellow: "warn", red: "bad" };
const badgeVars = (_: unknown, { color, variant }: BadgeProps) => {
  const name = variant === "light" ? meaning[color ?? ""] : undefined;
  return { root: name ? { "--badge-bg": `var(--${name}-soft)`, "--badge-color": `var(--${name})` } : {} };
};

// Asked for when it is shown: by then there is a language.
const named = {
  get "aria-label"() {
    return i18next.t("ui:close");
  },
};

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace',
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.2rem", lineHeight: "1.3" },
      h2: { fontSize: "1rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9rem", lineHeight: "1.4" },
    },
  },
  components: {
    // What is wrong with a field may hold the server's words, folded away: no paragraph holds those.
    InputWrapper: { defaultProps: { errorProps: { component: "div" } } },
    // Its empty placeholder may not be in a menu, for screen readers.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
    Badge: { defaultProps: { variant: "light", size: "sm", tt: "none", fw: 550 }, vars: badgeVars },
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "sm" } },
    Notification: { defaultProps: { closeButtonProps: named } },
    Drawer: {
      defaultProps: {
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: named,
        styles: { title: { fontWeight: 620 } },
      },
    },
    Modal: { defaultProps: { radius: "md", overlayProps: { backgroundOpacity: 0.4 }, closeButtonProps: named } },
  },
});
