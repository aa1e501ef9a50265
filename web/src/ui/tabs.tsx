import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useShortcuts } from "./shortcuts";
import classes from "./tabs.module.css";

export interface Tab {
  /** The last part of the address; the first tab's is the area alone. */
  tab: string;
  label: string;
  /** How many want a look; nothing for none. */
  count?: number;
}

interface TabsProps {
  area: "connections" | "people";
  tabs: Tab[];
  current: string;
  /** What the tabs are of, for screen readers and the sheet of shortcuts. */
  label: string;
}

/** Parts of a page that have addresses of their own; 1, 2, 3 … go to them. */
export function Tabs({ area, tabs, current, label }: TabsProps) {
  const navigate = useNavigate();
  const place = (tab: string) =>
    tab === tabs[0]?.tab ? ({ to: `/${area}` } as const) : ({ to: `/${area}/$tab`, params: { tab } } as const);
  useShortcuts(
    tabs.map(({ tab, label: name }, i) => ({
      keys: String(i + 1),
      label: name,
      group: label,
      run: () => void navigate(place(tab)),
    })),
  );
  // On a phone not all of them are in view.
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another element
  useEffect(() => {
    here.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map(({ tab, label: name, count }) => (
        <Link
          key={tab}
          ref={tab === current ? here : undefined}
          {...place(tab)}
          className={classes.tab}
          aria-current={tab === current ? "page" : undefined}
          // The first tab's address is the beginning of the others'.
          activeOptions={{ exact: true }}
        >
          {name}
          {!!count && <span className={classes.count}>{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
