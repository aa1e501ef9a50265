import { type KeyboardEvent, useId, useState } from "react";

/** How far a page of a list is. */
const page = 10;

/**
 * Where a key leads in a list of `count`; undefined for a key that is the
 * text's. Home and End are the text's as long as nobody has moved in the list.
 */
export function placeOf(key: string, at: number, count: number, moved: boolean): number | undefined {
  if (count === 0) return undefined;
  const within = (to: number) => Math.max(0, Math.min(count - 1, to));
  switch (key) {
    case "ArrowDown":
      return within(at + 1);
    case "ArrowUp":
      return within(at - 1);
    case "PageDown":
      return within(at + page);
    case "PageUp":
      return within(at - page);
    case "Home":
      return moved ? 0 : undefined;
    case "End":
      return moved ? count - 1 : undefined;
    default:
      return undefined;
  }
}

/** What an option of the list bears. The field keeps the focus; the option is only pointed at. */
export interface OptionProps {
  id: string;
  role: "option";
  tabIndex: -1;
  "aria-selected": boolean;
  "aria-setsize": number;
  "aria-posinset": number;
}

/** What the list bears. */
export interface ListboxProps {
  id: string;
  role: "listbox";
}

interface ComboboxOptions {
  /** The ids of what was found, in their order. */
  ids: string[];
  /** What stands in the field; other text begins at the first again. */
  typed: string;
  /** The list is shown. */
  open?: boolean;
  pick: (at: number) => void;
  leave?: () => void;
}

/**
 * A field over a list of what its text finds (WAI-ARIA's combobox with a
 * listbox): the focus stays in the field, the keys move what is chosen.
 */
export function useCombobox({ ids, typed, open = true, pick, leave }: ComboboxOptions) {
  const list = useId();
  const [place, setPlace] = useState({ at: 0, moved: false, typed });
  const here = place.typed === typed ? place : { at: 0, moved: false, typed };
  const count = open ? ids.length : 0;
  const at = Math.min(here.at, count - 1);
  const choose = (to: number) => setPlace({ at: to, moved: true, typed });
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing || e.shiftKey || e.ctrlKey || e.altKey || e.metaKey) return;
    const to = placeOf(e.key, at, count, here.moved || typed === "");
    if (to !== undefined) choose(to);
    else if (e.key === "Enter" && at >= 0) pick(at);
    else if (e.key === "Escape" && leave) leave();
    else return;
    e.preventDefault();
  };
  const idOf = (i: number) => `${list}-${ids[i]}`;
  return {
    /** Which one is chosen; -1 for none. */
    at,
    choose,
    field: {
      role: "combobox",
      autoComplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": count > 0,
      "aria-controls": count > 0 ? list : undefined,
      "aria-activedescendant": at >= 0 ? idOf(at) : undefined,
      onKeyDown,
    } as const,
    listbox: { id: list, role: "listbox" } satisfies ListboxProps as ListboxProps,
    option: (i: number): OptionProps => ({
      id: idOf(i),
      role: "option",
      tabIndex: -1,
      "aria-selected": i === at,
      "aria-setsize": count,
      "aria-posinset": i + 1,
    }),
  };
}
