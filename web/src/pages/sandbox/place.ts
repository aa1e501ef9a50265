/** What of an element's or a window's place matters when it is scrolled. */
export interface Span {
  top: number;
  bottom: number;
}

/** As much of a post has to be in view for it to be seen. */
const enoughPx = 24;
/** Between a post and the edge that it was brought to. */
const gapPx = 12;

/** Whether somebody who looks through a window sees a post. */
export function isSeen(post: Span | undefined, window: Span | undefined): boolean {
  if (!post || !window) return false;
  const seen = Math.min(post.bottom, window.bottom) - Math.max(post.top, window.top);
  return seen >= Math.min(enoughPx, post.bottom - post.top) && post.bottom > post.top;
}

/**
 * How far a window scrolls to show a post: as little as it takes to show all of
 * it, and of one that is longer than the window its beginning.
 */
export function scrollBy(post: Span, window: Span): number {
  const up = post.top - window.top - gapPx;
  const down = post.bottom - window.bottom + gapPx;
  if (up < 0) return up;
  return down > 0 ? Math.min(down, up) : 0;
}
