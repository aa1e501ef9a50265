// Measures the console against the real program: the desk's script, how long
// it takes until it can be used, and how evenly long lists scroll. It prints
// figures and judges none: they depend on the machine and on what else it does.
//
// Chromium runs without a window and without a graphics card. A frame is the
// time from one animation frame of the page to the next, so that a step of the
// page's own script that takes long is seen, and what a screen adds is not.
import { setTimeout as pause } from "node:timers/promises";
import { rest, signIn, until } from "./console.mjs";
import { startBrowser, startServer } from "./demo.mjs";
import { transferred } from "./measure.mjs";

const entries = Number(process.env.ENTRIES || 5_000);
const items = Number(process.env.ITEMS || 10_000);
const loads = Number(process.env.LOADS || 5);
const config = `policy:
  quiet_from: 0
  quiet_to: 0
  queues: {care: {}, urgent: {}}
  default_queue: care
`;

const say = (what, value) => console.log(what.padEnd(52) + " " + value);
const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))];
const ms = (n) => `${n.toFixed(1)} ms`;

const [browser, server] = await Promise.all([startBrowser(), startServer({ config })]);
try {
  const { page, context, origin } = await signIn(browser, server, { login: "bench", name: "Bench", role: "supervisor", path: "/customers" });
  const token = server.run("token", "create", "--name", "bench-in", "--role", "ingest");
  server.run("switch", "set", "all", "shadow"); // nothing leaves: it is the lists that are looked at
  const send = async (path, type, body) => {
    for (;;) {
      const answer = await fetch(origin + path, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": type }, body });
      if (answer.ok) return answer.json();
      if (answer.status !== 429 && answer.status !== 503) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await pause(1000); // it has all it can take
    }
  };
  const get = async (path) => (await context.request.get(origin + path)).json();
  const post = (author, n, text) => ({ network: "sandbox", id: `bench-${author}-${n}`, author: { id: author, handle: author }, visibility: "private", text });

  // One customer with a long history, and many who wait for a person.
  await send("/v1/posts", "application/json", JSON.stringify([post("long", 0, "where is my order B-1? It is late")]));
  const customer = await until("the customer is known", async () => (await get("/v1/customers?q=sandbox/long")).items[0]?.id);
  const history = async () => {
    let n = 0;
    for (let cursor = ""; ;) {
      const { items, next } = await get(`/v1/customers/${customer}/history?limit=200${cursor && `&cursor=${cursor}`}`);
      n += items.length;
      if (!next) return n;
      cursor = encodeURIComponent(next);
    }
  };
  const found = await until("there is a case", async () => (await get(`/v1/customers/${customer}/cases`)).items[0]?.id);
  for (let n = 0; n < entries; n += 20) {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const answer = await context.request.post(`${origin}/v1/cases/${found}/notes`, { data: { text: `Note ${n + i} about this matter` } });
      if (!answer.ok()) throw new Error(`a note: ${answer.status()} ${await answer.text()}`);
    }));
  }
  for (let n = 0; n < items; n += 200) {
    const batch = Array.from({ length: Math.min(200, items - n) }, (_, i) => post(`w${n + i}`, 0, "I want to talk to a person please, nobody answers my mails."));
    await send("/v1/posts", "application/json", JSON.stringify(batch));
  }
  await until("all posts are decided on", async () => (await get("/v1/status")).inbox_pending, (n) => n === 0, { seconds: 900, pauseMs: 1000 });
  say("entries of one customer's history", await history());
  say("work items that wait", (await get("/v1/status")).work_items_open);

  const fresh = async (path, ready) => {
    const scripts = await transferred(context, origin + path, ready);
    return scripts.reduce((n, s) => n + s.bytes, 0) / 1024;
  };
  const desk = (p) => p.getByRole("heading", { level: 1, name: "Desk" }).waitFor();
  say("script of the desk's first load, compressed", `${(await fresh("/desk", desk)).toFixed(1)} KB`);
  const times = [];
  for (let n = 0; n < loads; n++) times.push(await interactive(context, origin));
  say(`the desk answers a key, ${loads} cold loads, median`, ms(at(times, 0.5)));
  say("  slowest", ms(Math.max(...times)));

  await page.goto(origin + "/desk");
  await rest(page);
  await scrolls(page, "a queue, frame while scrolling");
  await page.goto(`${origin}/customers/${customer}`);
  await rest(page);
  await scrolls(page, "a timeline, frame while scrolling");
  await context.close();

  // What this browser takes for a page that does nothing, to compare with.
  const bare = await browser.newContext();
  const text = await bare.newPage();
  await text.setContent(plain(2_000));
  await scrolls(text, "plain text without a script, to compare");
  await bare.close();
} finally {
  await browser.close();
  await server.stop();
}

/** interactive is how long a first load takes until a key press is answered. */
async function interactive(context, origin) {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto(origin + "/desk", { waitUntil: "commit" });
  await page.getByRole("heading", { level: 1, name: "Desk" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  const took = await page.evaluate(() => performance.now());
  await page.close();
  return took;
}

/**
 * scrolls moves the longest list of a page, as a hand does and as fast as one
 * that is flung, for five seconds each, and tells how long the frames took and
 * in how many of them the middle of the list had nothing to show.
 */
async function scrolls(page, what) {
  const list = page.locator("section:has(> ul > li[aria-setsize])").first();
  await list.waitFor();
  for (const [how, step] of [["by hand", 120], ["flung", 2000]]) {
    await page.evaluate(() => new Promise((done) => { requestIdleCallback(done, { timeout: 1000 }); }));
    const { frames, bare, rows, far } = await list.evaluate(scrolling, step);
    say(`${what}, ${how} (${rows} rows, ${far} px)`,
      `median ${ms(at(frames, 0.5))}, p95 ${ms(at(frames, 0.95))}, longest ${ms(Math.max(...frames))}, ` +
      `${frames.filter((f) => f > 100).length} of ${frames.length} over 100 ms, ${bare} bare`);
  }
}

/** plain is a list of so many rows, all of them there from the beginning. */
function plain(rows) {
  const row = `<li aria-setsize="${rows}" style="height: 76px">` + "Where is my order? It was to come on Monday. <br>".repeat(3) + "</li>";
  return `<section style="height: 90vh; overflow: auto"><ul>${row.repeat(rows)}</ul></section>`;
}

/** scrolling runs on the page. At an end of the list it turns round. */
async function scrolling(el, step) {
  const frames = [];
  let last = 0;
  let bare = 0;
  let far = 0;
  const box = el.getBoundingClientRect();
  const end = performance.now() + 5000;
  await new Promise((done) => {
    const frame = (now) => {
      if (last) frames.push(now - last);
      last = now;
      const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!middle?.closest("li")) bare++;
      const before = el.scrollTop;
      el.scrollTop += step;
      if (el.scrollTop === before) step = -step;
      far += Math.abs(el.scrollTop - before);
      if (now < end) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  return { frames, bare, far: Math.round(far), rows: el.querySelector("li").ariaSetSize };
}
