import { ApiError } from "@/api/problem";

interface PageOf<T> {
  items: T[] | null;
  next?: string;
}

interface Source<T> {
  idOf: (item: T) => string;
  /** When the server last changed an item: an older copy never replaces a newer one. */
  changedAt: (item: T) => string;
  page: (cursor: string | undefined) => Promise<PageOf<T>>;
  one: (id: string) => Promise<T>;
  /** Whether an item still belongs here. */
  holds: (item: T) => boolean;
  /** How many pages are read at most. */
  pages: number;
  /** With more changed at once than this the pages are read anew instead of each item. */
  single: number;
  /** How long a change may take to show in the pages. */
  lagMs?: number;
}

export interface Kept<T> {
  items: ReadonlyMap<string, T>;
  /** All pages were read once. */
  ready: boolean;
  /** There is more than what is kept. */
  more: boolean;
  error: unknown;
}

/** Changes are gathered for so long: a post is several events. */
const gatherMs = 250;
const againMs = 2500;

/**
 * Things of a list as they are now: read in pages once, then one by one as the
 * stream says that they changed. While nobody looks at the window nothing is
 * read; what changed meanwhile is caught up on.
 */
export class Keeper<T> {
  private state: Kept<T> = { items: new Map(), ready: false, more: false, error: undefined };
  private readonly source: Source<T>;
  private readonly watchers = new Set<() => void>();
  private readonly changed = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private run = 0;
  private reading = false;
  private whole = false;

  constructor(source: Source<T>) {
    this.source = source;
  }

  watch = (run: () => void): (() => void) => {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  };

  now = (): Kept<T> => this.state;

  start(): void {
    this.run++;
    globalThis.document?.addEventListener("visibilitychange", this.seen);
    this.reload();
  }

  stop(): void {
    this.run++;
    this.reading = false;
    globalThis.document?.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Something may have changed about one of them. */
  touch(id: string): void {
    this.changed.add(id);
    this.plan(gatherMs);
  }

  /** Everything is read anew. */
  reload = (): void => {
    this.whole = true;
    this.plan(0);
  };

  /** What an action answered. */
  put(item: T): void {
    this.merge([item]);
  }

  private seen = (): void => {
    if (this.changed.size > 0 || this.whole) this.plan(0);
  };

  private plan(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!globalThis.document?.hidden && !this.reading) void this.catchUp();
    }, ms);
  }

  private async catchUp(): Promise<void> {
    const run = this.run;
    this.reading = true;
    let wait = gatherMs;
    try {
      if (this.whole || this.changed.size > this.source.single) {
        if (!this.whole && this.source.lagMs) await new Promise((done) => setTimeout(done, this.source.lagMs));
        this.whole = true;
        if (run === this.run) await this.readPages(run);
      } else await this.readChanged(run);
    } catch (error) {
      if (run === this.run) this.set({ error });
      wait = againMs;
    } finally {
      if (run === this.run) {
        this.reading = false;
        const refused = this.state.error instanceof ApiError && this.state.error.final;
        if ((this.changed.size > 0 || this.whole) && !refused) this.plan(wait);
      }
    }
  }

  private async readPages(run: number): Promise<void> {
    const items = new Map<string, T>();
    let cursor: string | undefined;
    this.changed.clear();
    for (let n = 0; n < this.source.pages; n++) {
      const page = await this.source.page(cursor);
      if (run !== this.run) return;
      for (const item of page.items ?? []) items.set(this.source.idOf(item), item);
      cursor = page.next;
      if (!cursor) break;
      // What is there can be looked at while the rest is read.
      if (!this.state.ready) this.set({ items: new Map(items), error: undefined });
    }
    for (const [id, had] of this.state.items) {
      const got = items.get(id);
      if (got && this.source.changedAt(had) > this.source.changedAt(got)) items.set(id, had);
    }
    this.whole = false;
    this.set({ items, ready: true, more: Boolean(cursor), error: undefined });
  }

  private async readChanged(run: number): Promise<void> {
    const ids = [...this.changed];
    for (const id of ids) {
      try {
        // Before it is read: what is told meanwhile asks for another look.
        this.changed.delete(id);
        const item = await this.source.one(id);
        if (run !== this.run) return;
        this.merge([item]);
      } catch (error) {
        if (run !== this.run) return;
        // Gone, or out of reach since: it is no longer ours to show.
        if (!(error instanceof ApiError && error.status === 404)) {
          this.changed.add(id);
          throw error;
        }
        if (this.state.items.has(id)) {
          const items = new Map(this.state.items);
          items.delete(id);
          this.set({ items });
        }
      }
    }
    if (this.state.error) this.set({ error: undefined });
  }

  private merge(list: T[]): void {
    const items = new Map(this.state.items);
    for (const item of list) {
      const id = this.source.idOf(item);
      const had = items.get(id);
      if (had && this.source.changedAt(had) > this.source.changedAt(item)) continue;
      if (this.source.holds(item)) items.set(id, item);
      else items.delete(id);
    }
    this.set({ items });
  }

  private set(next: Partial<Kept<T>>): void {
    this.state = { ...this.state, ...next };
    for (const run of this.watchers) run();
  }
}
