import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { useShortcuts } from "@/ui/shortcuts";

/** Puts the focus into the search of the page that is open, if it is that page. */
let focus: (() => void) | undefined;
export function setFinder(run: (() => void) | undefined): void {
  focus = run;
}

/** Offers "Find a customer" in the palette, from everywhere. */
export function useFindCustomer(): void {
  const { t } = useTranslation("app");
  const session = useSession();
  const navigate = useNavigate();
  const find = {
    label: t("palette.findCustomer"),
    group: t("palette.customers"),
    run: () => (focus ? focus() : void navigate({ to: "/customers" })),
  };
  useShortcuts(session.can("read_customers") ? [find] : []);
}
