import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFindCustomer } from "@/pages/customers/find";
import { later } from "@/ui/part";
import { useShortcuts } from "@/ui/shortcuts";

// Nobody needs it on arrival, and a page's first load is counted.
const PaletteList = lazy(later(() => import("./palettelist")));

/** Every command and page by name, on ctrl+k. */
export function Palette() {
  const { t } = useTranslation("app");
  const [asked, setAsked] = useState(0);
  useFindCustomer();
  useShortcuts([
    {
      keys: "mod+k",
      label: t("keys.search"),
      group: t("keys.global"),
      run: () => setAsked((n) => n + 1),
      inFields: true,
      hidden: true,
    },
  ]);
  if (asked === 0) return null;
  return (
    <Suspense>
      <PaletteList asked={asked} />
    </Suspense>
  );
}
