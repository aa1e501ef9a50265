import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Live, type LiveEvent, parser } from "./live";

function parsed(...pieces: string[]) {
  const out: string[][] = [];
  const feed = parser((...event) => out.push(event));
  for (const piece of pieces) feed(piece);
  return out.filter(([, , data]) => data !== "");
}

test("an event is read however it is cut", () => {
  const text = 'retry: 2000\n: open\n\nid: 7\nevent: order.paid\ndata: {"a":\ndata: 1}\n\n';
  const want = [["7", "order.paid", '{"a":\n1}']];
  expect(parsed(text)).toEqual(want);
  expect(parsed(...text)).toEqual(want);
  expect(parsed(...text.replaceAll("\n", "\r\n"))).toEqual(want);
});

test("an id alone moves the place, and an unfinished event is none", () => {
  const ids: string[] = [];
  const feed = parser((id, _type, data) => ids.push(`${id}=${data}`));
  feed("id: 9\n: beat\n\n");
  feed("event: x\ndata: {}");
  expect(ids).toEqual(["9="]);
});

/** A server whose lines the test holds in its hand. */
class Server {
  readonly lines: { place: string | null; say: (text: string) => void; cut: () => void; left: () => boolean }[] = [];
  /** What the next call is answered with instead of a line. */
  refuse: number | "unreachable" | "silent" | undefined;

  fetch = (_url: string, init: RequestInit): Promise<Response> => {
    const signal = init.signal as AbortSignal;
    const aborted = () => Promise.reject(new DOMException("", "AbortError"));
    if (this.refuse === "unreachable") return Promise.reject(new TypeError("Failed to fetch"));
    if (this.refuse === "silent")
      return new Promise((_, fail) => signal.addEventListener("abort", () => void aborted().catch(fail)));
    if (this.refuse) return Promise.resolve(new Response("", { status: this.refuse }));
    let out!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (c) => {
        out = c;
      },
    });
    signal.addEventListener("abort", () => out.error(new DOMException("", "AbortError")));
    const bytes = new TextEncoder();
    this.lines.push({
      place: new Headers(init.headers).get("Last-Event-ID"),
      say: (text) => out.enqueue(bytes.encode(text)),
      cut: () => out.error(new TypeError("network error")),
      left: () => signal.aborted,
    });
    return Promise.resolve(new Response(body, { status: 200 }));
  };

  get line() {
    const last = this.lines.at(-1);
    if (!last) throw new Error("nobody listens");
    return last;
  }
}

let server: Server;
let live: Live;
let told: LiveEvent[];
let resets: number;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const event = (id: number, type = "advocate.post.received") => `id: ${id}\nevent: ${type}\ndata: {"seq":${id}}\n\n`;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  vi.stubGlobal("fetch", server.fetch);
  live = new Live();
  told = [];
  resets = 0;
  live.listen((e) => told.push(e));
  live.onReset(() => resets++);
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it is open with the first byte, and tells each event to all who listen until they stop", async () => {
  const states: string[] = [];
  live.watch(() => states.push(live.state));
  let other = 0;
  const stop = live.listen(() => other++);
  live.start();
  live.start(); // a second start is none
  await pass(10);
  expect(server.lines.length).toBe(1);
  expect(live.state).toBe("connecting");
  server.line.say(": open\n\n");
  await pass(10);
  expect(states).toEqual(["open"]);
  server.line.say(event(1));
  await pass(10);
  stop();
  server.line.say(`${event(2, "advocate.case.opened")}id: 3\ndata: no JSON\n\n`);
  await pass(10);
  expect(told.map((e) => [e.id, e.type, e.event.seq])).toEqual([
    ["1", "advocate.post.received", 1],
    ["2", "advocate.case.opened", 2],
  ]);
  expect(other).toBe(1);
});

test("a cut line is taken up again after the last that was seen", async () => {
  live.start();
  await pass(10);
  server.line.say(event(41));
  server.line.say("id: 42\n: beat\n\n"); // a place without an event counts too
  await pass(10);
  server.line.cut();
  await pass(10);
  expect(live.state).toBe("lost");
  await pass(1000);
  expect(server.lines.length).toBe(2);
  expect(server.line.place).toBe("42");
  server.line.say(event(43));
  await pass(10);
  expect(live.state).toBe("open");
  expect(told.map((e) => e.id)).toEqual(["41", "43"]);
});

test("an event that the cut leaves unfinished is asked for again, its id and all", async () => {
  live.start();
  await pass(10);
  server.line.say(event(6));
  server.line.say("id: 7\n");
  await pass(10);
  server.line.cut();
  await pass(1000);
  expect(server.line.place).toBe("6");
  server.line.say(event(7));
  await pass(10);
  expect(told.map((e) => e.id)).toEqual(["6", "7"]);
});

test("where what was missed cannot be had, everybody is told, and it goes on from there", async () => {
  live.start();
  await pass(10);
  server.line.say(event(5));
  await pass(10);
  server.line.cut();
  await pass(1000);
  server.line.say("id: 900\nevent: reset\ndata: {}\n\n");
  await pass(10);
  expect(resets).toBe(1);
  expect(told.map((e) => e.id)).toEqual(["5"]);
  server.line.cut();
  await pass(1000);
  expect(server.line.place).toBe("900");
});

test("a server that is away is tried ever more seldom, and at once when asked to", async () => {
  server.refuse = "unreachable";
  const tries = vi.spyOn(server, "fetch");
  vi.stubGlobal("fetch", server.fetch);
  live.start();
  await pass(60_000);
  const first = tries.mock.calls.length;
  await pass(60_000);
  const second = tries.mock.calls.length - first;
  expect(first).toBeGreaterThan(second);
  expect(second).toBeGreaterThanOrEqual(3); // fifteen seconds at most, and a quarter more
  expect(live.state).toBe("lost");
  server.refuse = undefined;
  live.retryNow();
  live.retryNow();
  await pass(10);
  // There is one line at a time, so that nothing is told twice.
  expect(server.lines.map((l) => l.left())).toEqual([true, false]);
  server.line.say(event(1));
  await pass(20_000);
  // What had been planned is not done beside it.
  expect(server.lines.length).toBe(2);
  expect(live.state).toBe("open");
  expect(told.length).toBe(1);
});

test("a line without a heartbeat is dead, one that beats is not", async () => {
  live.start();
  await pass(10);
  const line = server.line;
  for (let i = 0; i < 8; i++) {
    line.say(": beat\n\n");
    await pass(15_000);
  }
  expect(server.lines.length).toBe(1);
  await pass(25_000);
  expect(line.left()).toBe(true);
  expect(server.lines.length).toBe(2);
});

test("a server that takes the call and says nothing is given up too", async () => {
  server.refuse = "silent";
  live.start();
  await pass(36_000);
  expect(live.state).toBe("lost");
});

test("where nobody is signed in it ends and asks no more, until it is begun anew", async () => {
  live.start();
  await pass(10);
  server.line.say(event(7));
  await pass(10);
  server.refuse = 401;
  server.line.cut();
  await pass(120_000);
  expect(live.state).toBe("ended");
  expect(server.lines.length).toBe(1);
  live.retryNow();
  await pass(10);
  expect(live.state).toBe("ended");
  server.refuse = undefined;
  live.stop();
  live.start();
  await pass(10);
  // Who signs in afterwards begins at now: what they missed was read anew.
  expect(server.line.place).toBe(null);
  expect(live.state).toBe("connecting");
});

test("once it is stopped nothing is tried and nobody is told", async () => {
  live.start();
  await pass(10);
  const line = server.line;
  live.stop();
  await pass(60_000);
  expect(line.left()).toBe(true);
  expect(server.lines.length).toBe(1);
  expect(told).toEqual([]);
});
