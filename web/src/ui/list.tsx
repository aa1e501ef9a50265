import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useEffect, useRef } from "react";
import type { ListboxProps } from "./combobox";

interface ListProps<T> {
  items: T[];
  keyOf: (item: T, index: number) => string;
  /** A first guess in pixels; what is rendered is measured. */
  estimate?: number;
  render: (item: T, index: number) => ReactNode;
  /** What the list is, for screen readers. */
  label: string;
  className?: string;
  /** Called near the end, to read on. */
  onEnd?: () => void;
  /** Kept in view. */
  selected?: number;
  footer?: ReactNode;
  /** The list of a field that keeps the focus: what is rendered are its options. */
  listbox?: ListboxProps;
}

interface RowProps<T> {
  item: T;
  index: number;
  render: (item: T, index: number) => ReactNode;
}

/** Scrolling renders the list anew with each frame; of its rows only those that come into view. */
const Row = memo(function Row<T>({ item, index, render }: RowProps<T>) {
  return render(item, index);
}) as <T>(props: RowProps<T>) => ReactNode;

/** A list of any length of which only what is in view is in the document. */
export function List<T>({
  items,
  keyOf,
  estimate = 64,
  render,
  label,
  className,
  onEnd,
  selected,
  footer,
  listbox,
}: ListProps<T>) {
  const parent = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => parent.current,
    estimateSize: () => estimate,
    getItemKey: (i) => keyOf(items[i] as T, i),
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= items.length - 10 && items.length > 0) onEnd?.();
  }, [last, items.length, onEnd]);
  useEffect(() => {
    if (selected !== undefined && selected >= 0) rows.scrollToIndex(selected, { align: "auto" });
  }, [selected, rows]);
  return (
    // A region that scrolls has to be reachable by the keyboard; a listbox is moved from its field.
    <section
      ref={parent}
      className={className}
      style={{ overflow: "auto", height: "100%", contain: "strict" }}
      tabIndex={listbox ? -1 : 0}
      aria-label={label}
      {...listbox}
    >
      <ul
        role={listbox && "presentation"}
        style={{ height: rows.getTotalSize(), position: "relative", margin: 0, padding: 0, listStyle: "none" }}
      >
        {shown.map((row) => (
          <li
            key={row.key}
            ref={rows.measureElement}
            data-index={row.index}
            {...(listbox ? { role: "presentation" } : { "aria-setsize": items.length, "aria-posinset": row.index + 1 })}
            style={{ position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${row.start}px)` }}
          >
            <Row item={items[row.index] as T} index={row.index} render={render} />
          </li>
        ))}
      </ul>
      {footer}
    </section>
  );
}
