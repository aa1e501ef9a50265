// Measures the console against the real program: the desk's script, how long
// it takes until it can be used, and how evenly long lists scroll. It prints
// figures and judges none: they depend on the machine and on what else it does.
import { startBrowser, startServer } from "./demo.mjs";
import { signIn } from "./console.mjs";
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
      await new Promise((r) => setTimeout(r, 1000));
    }
  };
  const get = async (path) => (await context.request.get(origin + path)).json();
  const until = async (look) => { while (!(await look())) await new Promise((r) => setTimeout(r, 500)); };
  const post = (author, n, text) => ({ network: "sandbox", id: `bench-${author}-${n}`, author: { id: author, handle: author }, visibility: "private", text });

  // One customer with a long history, and many who wait for a person.
  await send("/v1/posts", "application/json", JSON.stringify([post("long", 0, "where is my order B-1? It is late")]));
  await until(async () => (await get("/v1/customers?q=sandbox/long")).items.length > 0);
  const customer = (await get("/v1/customers?q=sandbox/long")).items[0].id;
  const history = async () => {
    let n = 0;
    for (let cursor = ""; ;) {
      const { items, next } = await get(`/v1/customers/${customer}/history?limit=200${cursor && `&cursor=${cursor}`}`);
      n += items.length;
      if (!next) return n;
      cursor = encodeURIComponent(next);
    }
  };
  const found = (await get(`/v1/customers/${customer}/cases`)).items[0].id;
  for (let n = 0; n < entries; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => context.request.post(`${origin}/v1/cases/${found}/notes`, { data: { text: `Note ${n + i} about this matter` } })));
  }
  for (let n = 0; n < items; n += 200) {
    const batch = Array.from({ length: Math.min(200, items - n) }, (_, i) => post(`w${n + i}`, 0, "I want to talk to a person please, nobody answers my mails."));
    await send("/v1/posts", "application/json", JSON.stringify(batch));
  }
  await until(async () => (await get("/v1/status")).inbox_pending === 0);
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

  await scrolls(page, origin + "/desk", "a queue, frame while scrolling");
  await scrolls(page, `${origin}/customers/${customer}`, "a timeline, frame while scrolling");
  await context.close();
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

/** scrolls moves the longest list of a page for five seconds and tells how long its frames took. */
async function scrolls(page, url, what) {
  await page.goto(url);
  const list = page.locator("section:has(> ul > li[aria-setsize])").first();
  await list.waitFor();
  await page.waitForTimeout(3000);
  const { frames, setsize, far } = await list.evaluate(async (el) => {
    const frames = [];
    let last = 0;
    const end = performance.now() + 5000;
    await new Promise((done) => {
      const step = (now) => {
        if (last) frames.push(now - last);
        last = now;
        el.scrollTop += 120;
        if (now < end) requestAnimationFrame(step);
        else done();
      };
      requestAnimationFrame(step);
    });
    return { frames, setsize: el.querySelector("li").ariaSetSize, far: Math.round(el.scrollTop) };
  });
  say(`${what} (${setsize} rows, ${far} px)`, `median ${ms(at(frames, 0.5))}, p95 ${ms(at(frames, 0.95))}, longest ${ms(Math.max(...frames))}`);
}
