import { useEffect, useSyncExternalStore } from "react";
import { useLive } from "./listening";
import type { Live, LiveEvent } from "./live";
import { ApiError } from "./problem";

interface PageOf<T> {
  items: T[] | null;
  next?: string;
}

/** What an event says about what is kept. */
export type Change<T> =
  /** It is known what became of it: nothing has to be read. */
  | { items: ReadonlyMap<string, T> }
  /** first: the newest have it; one: only reading the thing itself tells. */
  | { read: "nothing" | "first" | "one" };

/** Something that was told of one of the things; what follows from it depends on what is known of that one. */
export interface Heard<T> {
  id: string;
  /** Which change it tells of, in the order of changedAt: an answer from before it is old. */
  at?: number;
  judge: (items: ReadonlyMap<string, T>) => Change<T>;
}

interface Source<T> {
  idOf: (item: T) => string;
  /** When the server last changed an item: an older copy never replaces a newer one. */
  changedAt: (item: T) => number;
  page: (cursor: string | undefined) => Promise<PageOf<T>>;
  one: (id: string) => Promise<T>;
  /** The newest alone, for sources whose events say that something is new. */
  first?: () => Promise<T[]>;
  /** Whether an item still belongs here. */
  holds: (item: T) => boolean;
  /** What an event says of one of them, if it is about any. */
  hears: (event: LiveEvent) => Heard<T> | undefined;
  /** How many pages are read at most. */
  pages: number;
  /** With more to read at once than this the pages are read anew instead of each item. */
  single: number;
  /** Where there is more than a page, all of them are read for the sake of changes at most this often. */
  restMs?: number;
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
const gatherMs = 300;
/** After a failure: at first, and at most. After an outage not all windows come back at once. */
const againMs = 2500;
const againMostMs = 30_000;
/** What nobody has followed for so long is not shown to who comes back, not even while it is read anew. */
const oldMs = 300_000;

/** No answer is on its way for so long: what was told of longer ago need not be held against one. */
const toldMs = 180_000;

const nothing = { items: new Map(), ready: false, more: false, error: undefined };

/**
 * Things of a list as they are now, for all who show them: read in pages once,
 * then kept up as the stream says what became of them. Where an event does not
 * say it, the thing is read. While nobody looks at the window nothing is read;
 * what changed meanwhile is caught up on.
 *
 * An answer may have been on its way while the thing changed: whatever is heard
 * while something is read is applied to what was read as well.
 */
export class Keeper<T> {
  private state: Kept<T> = nothing;
  private readonly source: Source<T>;
  private readonly watchers = new Set<() => void>();
  /** What only reading can tell, the newest of each thing. */
  private open = new Map<string, Heard<T>>();
  /** What was heard since the current reading began. */
  private meanwhile: Heard<T>[] = [];
  /** Up to which change it is known what became of each, also of what has ended; the oldest first. */
  private readonly told = new Map<string, { at: number; when: number }>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = 0;
  private holders = 0;
  private leave = () => {};
  private leftAt = 0;
  private run = 0;
  private reading = false;
  private whole = false;
  private wholeAt = 0;
  /** Readings that failed in a row. */
  private failed = 0;
  /** The pages were more than one. */
  private many = false;

  constructor(source: Source<T>) {
    this.source = source;
  }

  watch = (run: () => void): (() => void) => {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  };

  now = (): Kept<T> => this.state;

  /** Keeps it up to date until what is returned is called. Who comes first has it read anew: nobody followed it. */
  hold(live: Live | null): () => void {
    if (this.holders++ === 0) this.start(live);
    let held = true;
    return () => {
      if (held && --this.holders === 0) this.stop();
      held = false;
    };
  }

  /** Takes in what was told of one of them. */
  hear(heard: Heard<T>): void {
    if (this.holders === 0) return;
    if (this.reading) this.meanwhile.push(heard);
    if (heard.at !== undefined) this.tell(heard.id, heard.at);
    this.apply(heard);
  }

  /** Whether it is known what became of an item after this copy of it. */
  isOld(item: T): boolean {
    const id = this.source.idOf(item);
    const had = this.state.items.get(id);
    const at = this.source.changedAt(item);
    return at < (this.told.get(id)?.at ?? at) || (had !== undefined && at < this.source.changedAt(had));
  }

  /** Something may have changed about one of them. */
  touch(id: string): void {
    this.hear({ id, judge: () => ({ read: "one" }) });
  }

  /** What an action answered, or a reading of one. */
  put(item: T): void {
    this.hear({ id: this.source.idOf(item), judge: (items) => ({ items: this.placed(items, [item]) }) });
  }

  /** Everything is read anew. */
  reload = (): void => {
    this.whole = true;
    if (this.holders > 0) this.plan(0);
  };

  private tell(id: string, at: number): void {
    const when = Date.now();
    const known = this.told.get(id)?.at ?? at;
    this.told.delete(id);
    this.told.set(id, { at: Math.max(known, at), when });
    for (const [oldest, { when: then }] of this.told) {
      if (when - then <= toldMs) break;
      this.told.delete(oldest);
    }
  }

  private start(live: Live | null): void {
    this.run++;
    if (Date.now() - this.leftAt > oldMs) this.set(nothing);
    const stopListening = live?.listen((e) => {
      const heard = this.source.hears(e);
      if (heard) this.hear(heard);
    });
    const stopResets = live?.onReset(this.reload);
    globalThis.document?.addEventListener("visibilitychange", this.seen);
    this.leave = () => {
      stopListening?.();
      stopResets?.();
      globalThis.document?.removeEventListener("visibilitychange", this.seen);
    };
    this.reload();
  }

  private stop(): void {
    this.run++;
    this.leave();
    this.leftAt = Date.now();
    this.reading = false;
    this.open.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private seen = (): void => {
    if (this.open.size > 0 || this.whole) this.plan(0);
  };

  /** Reads in so many milliseconds, or when it is to be done anyhow. */
  private plan(ms: number): void {
    const due = Date.now() + ms;
    if (this.timer !== undefined && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!globalThis.document?.hidden && !this.reading) void this.catchUp();
    }, ms);
  }

  private apply(heard: Heard<T>): void {
    const change = heard.judge(this.state.items);
    if ("items" in change) this.set({ items: change.items });
    else if (change.read !== "nothing") {
      this.open.set(heard.id, heard);
      this.plan(gatherMs);
    }
  }

  private async catchUp(): Promise<void> {
    const run = this.run;
    this.reading = true;
    this.meanwhile = [];
    let wait = gatherMs;
    try {
      if (this.whole) await this.readPages(run);
      else wait = Math.max(wait, await this.readOpen(run));
    } catch (error) {
      if (run === this.run) this.set({ error });
      wait = Math.min(againMs * 2 ** this.failed++, againMostMs) * (0.75 + Math.random() / 2);
    }
    if (run !== this.run) return;
    this.reading = false;
    if (!this.state.error) this.failed = 0;
    const refused = this.state.error instanceof ApiError && this.state.error.final;
    if ((this.open.size > 0 || this.whole) && !refused) this.plan(this.whole && !this.state.error ? 0 : wait);
  }

  private async readPages(run: number): Promise<void> {
    const items = new Map<string, T>();
    let cursor: string | undefined;
    let n = 0;
    this.open.clear();
    this.whole = false;
    try {
      do {
        const page = await this.source.page(cursor);
        if (run !== this.run) return;
        for (const item of page.items ?? []) items.set(this.source.idOf(item), item);
        cursor = page.next || undefined;
        // What is there can be looked at while the rest is read.
        if (!this.state.ready && cursor) this.set({ items: new Map(items), error: undefined });
      } while (cursor && ++n < this.source.pages);
    } catch (error) {
      if (run === this.run) this.whole = true;
      throw error;
    }
    for (const [id, got] of items) {
      if (!this.isOld(got)) continue;
      const had = this.state.items.get(id);
      if (had) items.set(id, had);
      else items.delete(id);
    }
    this.many = n > 0;
    this.wholeAt = Date.now();
    this.set({ items, ready: true, more: Boolean(cursor), error: undefined });
    for (const heard of this.meanwhile) this.apply(heard);
  }

  /** Reads what events did not say. Gives how long it is to wait for what is left, if too much is. */
  private async readOpen(run: number): Promise<number> {
    const isNew = [...this.open.values()].some((h) => reads(h.judge(this.state.items)) === "first");
    if (isNew) {
      const newest = (await this.source.first?.()) ?? [];
      if (run !== this.run) return 0;
      this.merge(newest);
    }
    // The newest have told of some, and have no more to tell of the others.
    const open = this.open;
    this.open = new Map();
    for (const heard of open.values()) this.apply(isNew ? once(heard) : heard);
    if (this.open.size > this.source.single) {
      const rest = this.many ? this.wholeAt + (this.source.restMs ?? 0) - Date.now() : 0;
      if (rest > 0) return rest;
      if (this.source.lagMs) await new Promise((done) => setTimeout(done, this.source.lagMs));
      if (run === this.run) await this.readPages(run);
      return 0;
    }
    for (const heard of [...this.open.values()]) {
      await this.readOne(run, heard);
      if (run !== this.run) return 0;
    }
    if (this.state.error) this.set({ error: undefined });
    return 0;
  }

  private async readOne(run: number, heard: Heard<T>): Promise<void> {
    const { id } = heard;
    // Before it is read: what is told meanwhile asks for another look.
    this.open.delete(id);
    this.meanwhile = [];
    try {
      const item = await this.source.one(id);
      if (run === this.run) this.merge([item]);
    } catch (error) {
      if (run !== this.run) return;
      // Gone, or out of reach since: it is no longer ours to show.
      if (!(error instanceof ApiError && (error.status === 404 || error.status === 403))) {
        // What was told meanwhile asks for a look of its own.
        if (!this.open.has(id)) this.open.set(id, heard);
        throw error;
      }
      if (!this.state.items.has(id)) return;
      const items = new Map(this.state.items);
      items.delete(id);
      this.set({ items });
    }
  }

  /** Takes in what was read, and what was heard about it meanwhile. */
  private merge(list: T[]): void {
    this.set({ items: this.placed(this.state.items, list) });
    const ids = new Set(list.map(this.source.idOf));
    for (const heard of this.meanwhile) if (ids.has(heard.id)) this.apply(heard);
  }

  private placed(was: ReadonlyMap<string, T>, list: T[]): ReadonlyMap<string, T> {
    const items = new Map(was);
    for (const item of list) {
      if (this.isOld(item)) continue;
      const id = this.source.idOf(item);
      if (this.source.holds(item)) items.set(id, item);
      else {
        items.delete(id);
        this.tell(id, this.source.changedAt(item));
      }
    }
    return items;
  }

  private set(next: Partial<Kept<T>>): void {
    this.state = { ...this.state, ...next };
    for (const run of this.watchers) run();
  }
}

const reads = (change: Change<unknown>) => ("items" in change ? "nothing" : change.read);

/** What was not among the newest is read by itself. */
const once = <T>({ id, judge }: Heard<T>): Heard<T> => ({
  id,
  judge: (items) => {
    const change = judge(items);
    return reads(change) === "first" ? { read: "one" } : change;
  },
});

/** What is kept, for a page that shows it. */
export function useKept<T>(keeper: Keeper<T>, may = true): Kept<T> {
  const live = useLive();
  useEffect(() => (may ? keeper.hold(live) : undefined), [keeper, live, may]);
  return useSyncExternalStore(keeper.watch, keeper.now);
}
