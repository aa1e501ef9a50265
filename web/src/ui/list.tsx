import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

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
}

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
    // A region that scrolls has to be reachable by the keyboard.
    <section
      ref={parent}
      className={className}
      style={{ overflow: "auto", height: "100%", contain: "strict" }}
      tabIndex={0}
      aria-label={label}
    >
      <ul style={{ height: rows.getTotalSize(), position: "relative", margin: 0, padding: 0, listStyle: "none" }}>
        {shown.map((row) => (
          <li
            key={row.key}
            ref={rows.measureElement}
            data-index={row.index}
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            style={{ position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${row.start}px)` }}
          >
            {render(items[row.index] as T, row.index)}
          </li>
        ))}
      </ul>
      {footer}
    </section>
  );
}
