import { Button, Menu } from "@mantine/core";
import {
  IconArrowForwardUp,
  IconBulb,
  IconClockPause,
  IconDots,
  IconFlame,
  IconHandGrab,
  IconX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/queries/agent";
import type { WorkItemView } from "@/api/schema";
import { useSession } from "@/api/session";
import { Keys } from "@/ui/kbd";
import type { Moves } from "@/ui/moves";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";
import type { AskFor } from "./asking";
import classes from "./item.module.css";

interface ActionsProps {
  item: WorkItemView;
  mine: boolean;
  moves: Moves;
  onAsk: (what: AskFor) => void;
}

interface Action {
  name: "take" | Exclude<AskFor, undefined>;
  icon: typeof IconX;
  key: string;
  run: () => void;
}

/** Whether who looks at an item can take it. */
export function useMayTake(): (w: WorkItemView) => boolean {
  const { can, login } = useSession();
  const { agent } = useMe();
  const over = can("supervise");
  return (w) =>
    agent !== undefined &&
    (w.state === "pending" || (w.state === "reserved" && over)) &&
    (!w.for || w.for === login || over);
}

/** What can be done with the item by whoever looks at it, as buttons, keys and commands. */
export function ItemActions({ item: w, mine, moves, onAsk }: ActionsProps) {
  const { t } = useTranslation("desk");
  const { can, login } = useSession();
  const mayTake = useMayTake();
  const over = can("supervise");
  const ask = (name: Exclude<AskFor, undefined>, icon: typeof IconX, key: string): Action => ({
    name,
    icon,
    key,
    run: () => onAsk(name),
  });
  // The case beside it has keys of its own (cases/view.tsx): none of these may be one of them.
  const list: Action[] = [];
  if (mayTake(w)) list.push({ name: "take", icon: IconHandGrab, key: "a", run: () => void moves.take(w) });
  if (mine) list.push(ask("snooze", IconClockPause, "s"));
  if (mine || over) list.push(ask("transfer", IconArrowForwardUp, "t"));
  if (mine) list.push(ask("expert", IconBulb, "q"));
  const more: Action[] = [];
  if (over) more.push(ask("raise", IconFlame, "p"));
  if (w.state !== "wrapping" && (mine || over || (w.state === "pending" && (!w.for || w.for === login))))
    more.push(ask("cancel", IconX, "x"));
  const group = t("keys.item");
  useShortcuts(
    [...list, ...more].map(({ name, key, run }): Shortcut => ({ keys: key, label: t(`act.${name}`), group, run })),
  );
  return (
    <div className={classes.actions}>
      {list.map(({ name, icon: Icon, key, run }) => (
        <Button
          key={name}
          variant={name === "take" ? "filled" : "default"}
          leftSection={<Icon size={15} />}
          rightSection={<Keys of={key} />}
          loading={name === "take" && moves.busy}
          title={name === "take" ? t("act.takeWhy") : undefined}
          onClick={run}
          className={classes.action}
        >
          {t(`act.${name}`)}
        </Button>
      ))}
      {more.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label={t("act.more")}>
              <IconDots size={15} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {more.map(({ name, icon: Icon, key, run }) => (
              <Menu.Item key={name} leftSection={<Icon size={15} />} rightSection={<Keys of={key} />} onClick={run}>
                {t(`act.${name}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
