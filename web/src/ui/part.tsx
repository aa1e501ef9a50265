import type { RouteComponent } from "@tanstack/react-router";
import { type ComponentType, createElement } from "react";

/** How long a part that did not come is waited with before it is asked for again. */
const againMs = 2000;
/** So young a page was not made for a version that is gone meanwhile: reading it anew would mend nothing. */
const youngMs = 10_000;
/** When the parts that nobody has opened yet are fetched, so that a line that is cut later keeps nobody from them. */
const restMs = 20_000;

const parts: (() => Promise<void>)[] = [];

/** Fetches what has not been opened yet, one after the other, once the page has come to rest. */
export function fetchRest(): void {
  setTimeout(async () => {
    for (const load of parts) await load().catch(() => {}); // who opens it tries again
  }, restMs);
}

/** Whether the server answers at all. */
async function answers(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

interface Around {
  answers: () => Promise<boolean>;
  reload: () => void;
  age: () => number;
}

const around: Around = { answers, reload: () => location.reload(), age: () => performance.now() };

/**
 * Loads a part of the program. While the line is cut it waits for it and keeps
 * what is on the page, which may hold words that are not sent yet. A part that
 * a server that answers does not have is of another version than this page:
 * then the page is read anew.
 */
export async function arrival<M>(load: () => Promise<M>, { answers, reload, age }: Around = around): Promise<M> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await answers()) {
        // The line may just have come back.
        try {
          return await load();
        } catch {
          if (age() < youngMs) throw error;
          reload();
          return new Promise(() => {});
        }
      }
    }
    await new Promise((done) => setTimeout(done, againMs));
  }
}

/** A page whose code is loaded when it is first opened. */
export function part<N extends string>(load: () => Promise<{ [K in N]: ComponentType }>, name: N): RouteComponent {
  let page: ComponentType | undefined;
  let coming: Promise<void> | undefined;
  const preload = () => {
    coming ??= arrival(load).then(
      (m) => {
        page = m[name];
      },
      (error) => {
        coming = undefined;
        throw error;
      },
    );
    return coming;
  };
  parts.push(preload);
  const Part = () => {
    if (!page) throw preload();
    return createElement(page);
  };
  Part.preload = preload;
  return Part;
}

/** What a page shows only at times, and its larger part, loaded as a page is. For React's lazy. */
export function later<M>(load: () => Promise<M>): () => Promise<M> {
  let coming: Promise<M> | undefined;
  const preload = () => {
    coming ??= arrival(load).catch((error) => {
      coming = undefined;
      throw error;
    });
    return coming;
  };
  parts.push(() => preload().then(() => {}));
  return preload;
}
