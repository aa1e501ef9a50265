import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { isSeen, scrollBy } from "./place";

interface Arrivals {
  /** Where the conversations stand. */
  feed: RefObject<HTMLDivElement | null>;
  /** The post that came last, as an element's id; none while nothing was read or written. */
  last: string | undefined;
  /** What stood there when the page was opened has been read. */
  read: boolean;
  /** It was written in this column: its writer wants to see it. */
  own: boolean;
  /** Somebody writes: what they write in may not move away. */
  writing: boolean;
}

/**
 * Brings what came last into view, above or below, unless the reader has gone
 * elsewhere in the conversations: then `unseen` says that something is new, and
 * `show` goes there.
 */
export function useArrivals({ feed, last, read, own, writing }: Arrivals): { unseen: boolean; show: () => void } {
  const [unseen, setUnseen] = useState(false);
  // The post that was last, and whether it was in view when nothing had come after it.
  const followed = useRef(true);
  const was = useRef<{ last: string | undefined; own: boolean } | null>(null);
  const now = useRef(last);
  now.current = last;

  const look = useCallback(() => {
    const [window, post] = [windowOf(feed.current), elementOf(now.current)];
    if (!window || !post) return;
    followed.current = isSeen(post.getBoundingClientRect(), window.frame);
    if (followed.current) setUnseen(false);
  }, [feed]);

  const show = useCallback(() => {
    const [window, post] = [windowOf(feed.current), elementOf(now.current)];
    if (!window || !post) return;
    window.element.scrollTop += scrollBy(post.getBoundingClientRect(), window.frame);
    followed.current = true;
    setUnseen(false);
  }, [feed]);

  // Which of the two scrolls depends on the width, so both are heard; and anew after each
  // rendering, for another width may bring another element.
  useEffect(() => {
    const heard = [feed.current, feed.current?.closest("main")];
    for (const el of heard) el?.addEventListener("scroll", look, { passive: true });
    return () => {
      for (const el of heard) el?.removeEventListener("scroll", look);
    };
  });

  // Before anything is painted: the scrolling that new content causes is not the reader's.
  useLayoutEffect(() => {
    const before = was.current;
    if (!read) return;
    was.current = { last, own };
    if (!before || !last) return;
    // Told live before the answer to its sending has come, it is only then known as one's own.
    if (before.last === last && (before.own || !own)) return;
    const window = windowOf(feed.current);
    const moves = window?.element === feed.current || !writing;
    if (own || (followed.current && moves)) show();
    else setUnseen(!isSeen(elementOf(last)?.getBoundingClientRect(), window?.frame));
  }, [feed, last, read, own, writing, show]);

  return { unseen, show };
}

const elementOf = (id: string | undefined) => (id ? document.getElementById(id) : null);

/** What scrolls the conversations: they themselves, or on a phone the whole page. */
function windowOf(feed: HTMLElement | null) {
  if (!feed || feed.offsetParent === null) return null; // another customer's column is shown
  const itself = getComputedStyle(feed).overflowY === "auto";
  const element = itself ? feed : feed.closest("main");
  if (!element) return null;
  const { top, bottom } = element.getBoundingClientRect();
  // The tabs of the customers stay over the page.
  return { element, frame: { top: top + (itself ? 0 : tabsPx), bottom } };
}

const tabsPx = 56;
