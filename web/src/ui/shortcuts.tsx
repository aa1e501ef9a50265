import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

/** One thing that a key does; the sheet and the command palette show it too. */
export interface Shortcut {
  /** "mod+k", "a", "g d" (one after the other), "shift+?" is written "?". */
  keys?: string;
  label: string;
  run: () => void;
  /** Under which heading of the sheet it stands. */
  group?: string;
  /** Also while the focus is in a field. */
  inFields?: boolean;
  /** Not offered in the palette. */
  hidden?: boolean;
}

interface Registry {
  add: (key: symbol, list: Shortcut[]) => void;
  remove: (key: symbol) => void;
  all: Shortcut[];
  /** Shortcuts of one printable key can be turned off (WCAG 2.1.4). */
  single: boolean;
  setSingle: (on: boolean) => void;
}

const Context = createContext<Registry | null>(null);
const singleKey = "advocate.single-keys";
/** How long the first key of two is remembered. */
const sequenceMs = 1200;

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [lists, setLists] = useState<Map<symbol, Shortcut[]>>(new Map());
  const [single, setSingleState] = useState(() => localStorage.getItem(singleKey) !== "off");
  const registry = useMemo<Registry>(
    () => ({
      add: (key, list) => setLists((was) => new Map(was).set(key, list)),
      remove: (key) =>
        setLists((was) => {
          const next = new Map(was);
          next.delete(key);
          return next;
        }),
      all: [...lists.values()].flat(),
      single,
      setSingle: (on) => {
        localStorage.setItem(singleKey, on ? "on" : "off");
        setSingleState(on);
      },
    }),
    [lists, single],
  );
  useKeys(registry);
  return <Context.Provider value={registry}>{children}</Context.Provider>;
}

export function useRegistry(): Registry {
  const registry = useContext(Context);
  if (!registry) throw new Error("shortcuts outside of their provider");
  return registry;
}

/** Offers these while the component stands. The latest of two for one key wins. */
export function useShortcuts(list: Shortcut[]): void {
  const { add, remove } = useContext(Context) ?? never;
  const latest = useRef(list);
  latest.current = list;
  // The functions change with every render; what is shown does not.
  const shape = JSON.stringify(
    list.map(({ keys, label, group, inFields, hidden }) => [keys, label, group, inFields, hidden]),
  );
  const key = useMemo(() => Symbol(shape), [shape]);
  useEffect(() => {
    add(
      key,
      latest.current.map((s, i) => ({ ...s, run: () => latest.current[i]?.run() })),
    );
    return () => remove(key);
  }, [key, add, remove]);
}

const never: Pick<Registry, "add" | "remove"> = { add: () => {}, remove: () => {} };

function useKeys(registry: Registry): void {
  const latest = useRef(registry);
  latest.current = registry;
  useEffect(() => {
    let first = "";
    let until = 0;
    const down = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing || e.repeat) return;
      const stroke = strokeOf(e);
      if (!stroke) return;
      const whole = first && e.timeStamp < until ? `${first} ${stroke}` : stroke;
      first = "";
      const field = inField(e.target);
      // On a button or a link these two keys press it.
      const presses = /^(space|enter)$/.test(stroke) && onControl(e.target);
      const modal = document.querySelector('[role="dialog"][aria-modal="true"]');
      const usable = (s: Shortcut) =>
        s.keys &&
        (!field || s.inFields) &&
        (!presses || s.inFields) &&
        (latest.current.single || /mod\+|escape|alt\+/.test(s.keys)) &&
        (!modal || s.inFields || modal.contains(e.target as Node));
      const list = latest.current.all.filter(usable).reverse();
      const found = list.find((s) => s.keys === whole) ?? list.find((s) => s.keys === stroke);
      if (found) {
        e.preventDefault();
        found.run();
      } else if (list.some((s) => s.keys?.startsWith(`${stroke} `))) {
        first = stroke;
        until = e.timeStamp + sequenceMs;
      }
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
}

function onControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a[href], summary, [role=button], [role=radio]") !== null;
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
        !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type)))
  );
}

/** A key as shortcuts write it; "" for a modifier alone. */
export function strokeOf(
  e: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): string {
  const names: Record<string, string> = {
    Enter: "enter",
    Escape: "escape",
    ArrowUp: "up",
    ArrowDown: "down",
    ArrowLeft: "left",
    ArrowRight: "right",
    " ": "space",
  };
  if (["Control", "Meta", "Alt", "Shift", "Dead", "AltGraph", "CapsLock", "Tab"].includes(e.key)) return "";
  // With Alt a Mac types another letter.
  const key = e.altKey && /^Key[A-Z]$/.test(e.code) ? e.code.slice(3) : e.key;
  const name = names[key] ?? key.toLowerCase();
  const printable = key.length === 1;
  const shift = e.shiftKey && (!printable || /[a-z]/i.test(key)) ? "shift+" : "";
  return `${e.ctrlKey || e.metaKey ? "mod+" : ""}${e.altKey ? "alt+" : ""}${shift}${name}`;
}
