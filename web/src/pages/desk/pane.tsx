import { lazy, Suspense } from "react";
import { later } from "@/ui/part";
import { Loading } from "@/ui/states";
import type { ItemProps } from "./item";

const load = later(() => import("./item"));
const Pane = lazy(() => load().then((m) => ({ default: m.ItemPane })));

/** One work item with its case: the larger part of the desk, which is read when the first one is opened. */
export function ItemPane(props: ItemProps) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <Pane {...props} />
    </Suspense>
  );
}

/** Reads it when somebody is about to open one. */
export function expectItem(): void {
  load().catch(() => {}); // opening it tries again
}
