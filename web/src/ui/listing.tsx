import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./listing.module.css";
import { Panel } from "./panel";
import { useShortcuts } from "./shortcuts";
import { Empty, Read, type Reading } from "./states";

interface ListingProps<T> {
  title: string;
  /** What such a thing is, in a sentence. */
  about?: string;
  /** How one more comes; missing for who may not. The key is n, under the heading of `group`. */
  add?: { label: string; group: string; run: () => void };
  /** Beside the button that adds. */
  aside?: ReactNode;
  of: Reading;
  items: T[];
  /** One item, as an li with its key. */
  row: (item: T) => ReactNode;
  none: { icon: ReactNode; title: string; text: string };
}

/** A short list of things that are set up: what they are, one more, each of them. */
export function Listing<T>({ title, about, add, aside, of, items, row, none }: ListingProps<T>) {
  useShortcuts(add ? [{ keys: "n", label: add.label, group: add.group, run: add.run }] : []);
  return (
    <Panel
      title={title}
      about={about}
      aside={
        (aside || add) && (
          <>
            {aside}
            {add && (
              <Button variant="default" leftSection={<IconPlus size={15} />} onClick={add.run}>
                {add.label}
              </Button>
            )}
          </>
        )
      }
      flush
    >
      <Read of={of}>
        {() => (items.length === 0 ? <Empty {...none} /> : <ul className={classes.list}>{items.map(row)}</ul>)}
      </Read>
    </Panel>
  );
}
