import { whose } from "./whose";

/** An event of the contact center, as the stream tells it. */
export interface LiveEvent {
  id: string;
  type: string;
  /** The CloudEvent: ids as extension attributes, more in data. */
  event: {
    seq?: number;
    time?: string;
    caseid?: string;
    workitemid?: string;
    data?: Record<string, unknown>;
  };
}

export type LiveState = "connecting" | "open" | "lost" | "ended";

type Listener = (event: LiveEvent) => void;

/** Past twice the server's heartbeat (15 s) without a byte the line is dead. */
const silenceMs = 35_000;
const maxWaitMs = 15_000;

/**
 * The stream of what changes. It goes on after the last event it has seen,
 * however long the line was cut; where the server cannot give what was missed,
 * `reset` listeners are told to read everything anew.
 */
export class Live {
  private readonly listeners = new Set<Listener>();
  private readonly resets = new Set<() => void>();
  private readonly watchers = new Set<() => void>();
  private last = "";
  private tries = 0;
  private current: LiveState = "connecting";
  private abort: AbortController | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly url: string;

  constructor(url = "/v1/stream") {
    this.url = url;
  }

  get state(): LiveState {
    return this.current;
  }

  start(): void {
    if (this.abort) return;
    globalThis.addEventListener?.("online", this.retryNow);
    void this.run();
  }

  stop(): void {
    globalThis.removeEventListener?.("online", this.retryNow);
    clearTimeout(this.again);
    this.abort?.abort();
    this.abort = undefined;
    this.last = "";
    this.become("connecting");
  }

  /** Every event; returns how to stop listening. */
  listen(run: Listener): () => void {
    this.listeners.add(run);
    return () => this.listeners.delete(run);
  }

  /** Told when what was missed cannot be had. */
  onReset(run: () => void): () => void {
    this.resets.add(run);
    return () => this.resets.delete(run);
  }

  /** Told when `state` changes; for useSyncExternalStore. */
  watch = (run: () => void): (() => void) => {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  };

  /** Tries at once instead of when its time comes. */
  retryNow = (): void => {
    if (this.current !== "lost") return;
    clearTimeout(this.again);
    void this.run();
  };

  private become(state: LiveState): void {
    if (this.current === state) return;
    this.current = state;
    for (const run of this.watchers) run();
  }

  private async run(): Promise<void> {
    const abort = new AbortController();
    this.abort?.abort(); // one line at a time
    this.abort = abort;
    let refused = 0;
    const late = setTimeout(() => abort.abort(), silenceMs);
    try {
      const response = await fetch(this.url, {
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "text/event-stream", ...whose.header, ...(this.last && { "Last-Event-ID": this.last }) },
        signal: abort.signal,
      });
      clearTimeout(late);
      if (!response.ok || !response.body) refused = response.status;
      else await this.read(response.body, abort);
    } catch {
      // The line was cut, or stop() was called.
    } finally {
      clearTimeout(late);
    }
    if (this.abort !== abort) return;
    if (refused === 401 || refused === 403 || refused === 409) {
      this.become("ended");
      return;
    }
    this.become("lost");
    const wait = Math.min(maxWaitMs, 500 * 2 ** this.tries++) * (0.75 + Math.random() / 2);
    this.again = setTimeout(() => void this.run(), wait);
  }

  private async read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const parse = parser((id, type, data) => this.deliver(id, type, data));
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    let dead = setTimeout(() => abort.abort(), silenceMs);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(dead);
        dead = setTimeout(() => abort.abort(), silenceMs);
        this.tries = 0;
        this.become("open");
        parse(value);
      }
    } finally {
      clearTimeout(dead);
    }
  }

  private deliver(id: string, type: string, data: string): void {
    if (id) this.last = id;
    if (type === "reset") {
      for (const run of this.resets) run();
      return;
    }
    if (!data) return;
    let event: LiveEvent["event"];
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    for (const run of this.listeners) run({ id, type, event });
  }
}

/**
 * Reads server-sent events (HTML, §9.2.6) from pieces of text as they come. An
 * id without data is handed over as well: it moves the place and nothing else.
 * Before its blank line it moves nothing: where the line is cut there, the event
 * that it is of has not come.
 */
export function parser(emit: (id: string, type: string, data: string) => void): (piece: string) => void {
  let rest = "";
  let id = "";
  let type = "";
  let data: string[] = [];
  const line = (text: string) => {
    if (text === "") {
      emit(id, data.length > 0 ? type || "message" : "", data.join("\n"));
      type = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  };
  return (piece) => {
    rest += piece;
    for (;;) {
      const end = rest.search(/\r\n|\n|\r(?!$)/);
      if (end < 0) return;
      const text = rest.slice(0, end);
      rest = rest.slice(end + (rest[end] === "\r" && rest[end + 1] === "\n" ? 2 : 1));
      line(text);
    }
  };
}
