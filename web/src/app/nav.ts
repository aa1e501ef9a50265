import {
  IconAddressBook,
  IconChartBar,
  IconChecklist,
  IconFlask,
  IconHeadset,
  IconMap2,
  IconPlug,
  IconRoute,
  IconUsers,
  IconWaveSine,
} from "@tabler/icons-react";
import type { Session } from "@/api/session";
import { guideOver } from "@/pages/guide/over";

export type Place =
  | "desk"
  | "live"
  | "reports"
  | "customers"
  | "approvals"
  | "playbooks"
  | "connections"
  | "people"
  | "sandbox"
  | "guide";

interface Entry {
  place: Place;
  to: `/${Place}`;
  section: "work" | "run" | "set";
  icon: typeof IconHeadset;
  /** The second key after g. */
  key: string;
  open: (who: Session) => boolean;
}

/** Where one can go, in the order of the menu. */
export const places: Entry[] = [
  { place: "desk", to: "/desk", section: "work", icon: IconHeadset, key: "d", open: (s) => s.can("work") },
  {
    place: "customers",
    to: "/customers",
    section: "work",
    icon: IconAddressBook,
    key: "c",
    open: (s) => s.can("read_customers"),
  },
  { place: "live", to: "/live", section: "run", icon: IconWaveSine, key: "l", open: (s) => s.can("reports") },
  { place: "reports", to: "/reports", section: "run", icon: IconChartBar, key: "r", open: (s) => s.can("reports") },
  {
    place: "approvals",
    to: "/approvals",
    section: "run",
    icon: IconChecklist,
    key: "a",
    open: (s) => s.can("read_setup") && s.can("supervise"),
  },
  {
    place: "playbooks",
    to: "/playbooks",
    section: "set",
    icon: IconRoute,
    key: "p",
    open: (s) => s.can("read_setup") && s.role !== "agent",
  },
  {
    place: "connections",
    to: "/connections",
    section: "set",
    icon: IconPlug,
    key: "o",
    open: (s) => s.can("read_setup") && s.role !== "agent",
  },
  {
    place: "people",
    to: "/people",
    section: "set",
    icon: IconUsers,
    key: "e",
    open: (s) => s.can("people") || s.can("audit") || s.can("supervise"),
  },
  { place: "guide", to: "/guide", section: "set", icon: IconMap2, key: "g", open: (s) => s.can("configure") },
  { place: "sandbox", to: "/sandbox", section: "set", icon: IconFlask, key: "s", open: () => true },
];

/** Where somebody begins. */
export function homeOf(who: Session): Entry["to"] {
  if (who.can("configure") && !guideOver()) return "/guide";
  if (who.can("supervise")) return "/live";
  return (places.find((p) => p.open(who)) ?? places[0])!.to;
}
