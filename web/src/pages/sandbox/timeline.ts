import { useCallback, useEffect, useRef, useState } from "react";
import { api, take } from "@/api/client";
import type { SandboxPost } from "@/api/schema";

/** How long one request waits for something to change. */
const waitSeconds = 25;
const firstPauseMs = 500;
const longestPauseMs = 8000;

export interface Timeline {
  posts: ReadonlyMap<string, SandboxPost>;
  /** The first answer is there. */
  read: boolean;
  live: boolean;
  /** Shows a post before the timeline tells of it. */
  put: (post: SandboxPost) => void;
}

/**
 * Follows the network as several handles see it, with one open request for all
 * of them: a browser has few connections to one server. `onNews` hears what
 * came after the first answer.
 */
export function useTimeline(handles: string[], onNews: (posts: SandboxPost[]) => void): Timeline {
  const [posts, setPosts] = useState<ReadonlyMap<string, SandboxPost>>(new Map());
  const [read, setRead] = useState(false);
  const [live, setLive] = useState(false);
  const news = useRef(onNews);
  news.current = onNews;
  const as = handles.join(",");

  const put = useCallback((post: SandboxPost) => setPosts((was) => newer(was, [post])), []);

  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      let after = 0;
      let first = true;
      let pause = firstPauseMs;
      while (!stop.signal.aborted) {
        try {
          const query = { as: as || undefined, after, limit: 200, ...(after > 0 && { wait: waitSeconds }) };
          const answer = await take(api.GET("/v1/sandbox/timeline", { params: { query }, signal: stop.signal }));
          if (stop.signal.aborted) return;
          const next = Number(answer.next);
          const items = answer.items ?? [];
          // A lower number comes from another database: what was seen before is gone.
          if (next < after) setPosts(newer(new Map(), items));
          else if (items.length > 0) setPosts((was) => newer(was, items));
          after = next;
          pause = firstPauseMs;
          setLive(true);
          setRead(true);
          if (!first && items.length > 0) news.current(items);
          first = false;
          // Nothing has ever been posted, so there is no number to wait past.
          if (after === 0) await delay(firstPauseMs * 2, stop.signal);
        } catch {
          if (stop.signal.aborted) return;
          setLive(false);
          await delay(pause, stop.signal);
          pause = Math.min(pause * 2, longestPauseMs);
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [as]);

  return { posts, read, live, put };
}

/** What was known with what came, of each post the later state. */
function newer(was: ReadonlyMap<string, SandboxPost>, came: SandboxPost[]): ReadonlyMap<string, SandboxPost> {
  const next = new Map(was);
  for (const p of came) {
    if ((next.get(p.id)?.change ?? -1) <= p.change) next.set(p.id, p);
  }
  return next;
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        done();
      },
      { once: true },
    );
  });
}
