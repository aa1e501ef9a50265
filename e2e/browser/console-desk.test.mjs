// The desk: an agent is offered work over whatever page is open, calls, says
// how it ended, puts off and passes on; by keyboard where it matters.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { looks, pressTwo, signIn, telephone, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

let browser;
let server;
let boss;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startDemo()]);
  boss = await signIn(browser, server, { login: "boss", name: "Bo Ostrom", path: "/desk" });
});
after(async () => { await browser?.close(); await server?.stop(); });

/** api asks as the administrator and gives the answer's body. */
async function api(method, path, data) {
  const response = await boss.context.request.fetch(boss.origin + path, { method, data, headers: { "Sec-Fetch-Site": "same-origin" } });
  const text = await response.text();
  assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** agent adds somebody to the queue care, signs them in and opens a page. */
async function agent(login, name, path = "/desk") {
  await api("PUT", `/v1/agents/${login}`, { name, queues: ["care"], langs: ["en", "de", "es"], skills: { orders: 5, refunds: 5 } });
  return signIn(browser, server, { login, name, role: "agent", path });
}

/** told counts what the company has written to a customer. */
async function told(handle) {
  return (await api("GET", "/v1/sandbox/timeline?handle=" + handle)).items.filter((p) => p.company && p.to === handle).length;
}

/** upset has a customer write, and their order be late. */
async function upset(handle, text, order) {
  await api("POST", "/v1/sandbox/posts", { handle, text });
  if (!order) return;
  await until(`${handle} is answered`, () => told(handle), (n) => n > 0);
  await api("POST", "/v1/sandbox/inside/event", { type: "order.delayed", order });
}

const activity = (page) => page.getByRole("button", { name: /Available|Offline|On a break|After the call/ });
const offer = (page) => page.getByRole("region", { name: /^Offer: / });
const toast = (page, text) => page.getByRole("alert").filter({ hasText: text }).or(page.getByText(text)).first();

/** press presses keys one after the other. */
async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** glance is looks at one width. */
async function glance(page, name) {
  await page.screenshot({ path: join(shots, `console-${name}-1440-light.png`) });
  await sound(page, name);
}

/** Buttons, fields and links that an offer lies over, in their middle. */
const covered = (page) => page.evaluate(() => [...document.querySelectorAll("a[href], button, input, textarea, select")].filter((el) => {
  const box = el.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // What is scrolled out of its own region is out of view.
  for (let up = el.parentElement; up; up = up.parentElement) {
    const room = up.getBoundingClientRect();
    if (getComputedStyle(up).overflow !== "visible" && (x < room.left || x > room.right || y < room.top || y > room.bottom)) return false;
  }
  const over = document.elementFromPoint(x, y)?.closest("section[aria-label^='Offer: ']");
  return over && !over.contains(el);
}).map((el) => el.outerHTML.slice(0, 120)));

/** standsFree sees that an offer covers nothing that one can press, on a wide screen and on a phone. */
async function standsFree(page, name) {
  const was = page.viewportSize();
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    await offer(page).waitFor();
    await page.screenshot({ path: join(shots, `console-${name}-${width}-light.png`) });
    assert.deepEqual(await covered(page), [], `${name}, ${width}`);
  }
  await page.setViewportSize(was);
}

/** begin says that one is available. */
const begin = (page) => pressTwo(page, "v", "a", activity(page).filter({ hasText: "Available" }));

test("somebody who is no agent is told how to become one", async () => {
  const { page, wrong } = boss;
  await page.getByText("No work is offered to you yet").waitFor();
  await glance(page, "desk-nobody");
  await page.getByRole("main").getByRole("button", { name: "Work as an agent too" }).click();
  await page.getByText("You are offline", { exact: true }).waitFor();
  // They were looked for as an agent before they became one.
  assert.deepEqual(wrong.splice(0).filter((w) => !/^404 for GET .*\/v1\/agents\/boss$|Failed to load resource/.test(w)), []);
});

test("an offer is taken, called, completed; another runs out; a third is put off and passed on", async () => {
  const kim = await agent("kim", "Kim Ito");
  const { page } = kim;
  await page.addInitScript(telephone);
  await page.reload();
  await page.getByText("You are offline", { exact: true }).waitFor();
  await glance(page, "desk-offline");
  await begin(page);
  await page.getByText("You are ready").waitFor();

  // It comes up on any page, takes no focus, and one key accepts it, even from a field.
  await page.getByRole("link", { name: "Customers" }).click();
  await page.waitForURL(/\/customers$/);
  await upset("maria", "@acme where is my order A-10234? It should have been here two days ago", "A-10234");
  await offer(page).waitFor();
  assert.match(await page.title(), /^(\(1\) Offer|●) · Customers/);
  await standsFree(page, "desk-offer-over-page");
  await press(page, "Alt+y"); // the focus is in the field for a search, where y is a letter
  await page.waitForURL(/\/desk\/.+/);
  const item = page.url().split("/").at(-1);
  await page.getByRole("heading", { level: 2, name: "Maria Lopez", exact: true }).waitFor();
  await offer(page).waitFor({ state: "detached" });
  await page.getByText("Good to know").waitFor();
  await glance(page, "desk-item");

  // The call is noted, and after it the time to write it down runs.
  await press(page, "c");
  await page.getByText(/The call is in the history/).waitFor();
  assert.match(await page.evaluate(() => window.dialed.join()), /^tel:\+\d+$/);
  await press(page, "f");
  await page.getByRole("timer").waitFor();
  await page.getByRole("textbox", { name: "Note", exact: true }).fill("Parcel comes tomorrow, she is fine with that.");
  await page.getByRole("textbox", { name: "Note", exact: true }).press("Control+Enter");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Resolved");
  await glance(page, "desk-wrapping");
  // Completing can be called off; then it is meant.
  await press(page, "Enter");
  await toast(page, /Maria.*Resolved” in \d s/).waitFor();
  await page.waitForURL(/\/desk$/);
  await press(page, "z");
  await page.waitForURL(new RegExp(item));
  assert.equal(await page.getByRole("textbox", { name: "Note", exact: true }).inputValue(), "Parcel comes tomorrow, she is fine with that.");
  await press(page, "d", "Enter");
  const before = await told("maria");

  // Meanwhile a colleague does not answer.
  await api("PUT", "/v1/agents/kim/activity", { activity: "break" });
  const lee = await agent("lee", "Lee Park", "/desk");
  await begin(lee.page);
  await upset("priya", "@acme the kettle from A-10270 arrived broken, this is awful. Please call me!");
  await offer(lee.page).waitFor();
  await glance(lee.page, "desk-offer");
  await standsFree(lee.page, "desk-offer");

  await until("the item is completed", async () => (await api("GET", `/v1/work-items/${item}`)).state, (state) => state === "completed");
  assert.equal((await api("GET", `/v1/work-items/${item}`)).disposition, "resolved");
  await until("maria is told how it ended", () => told("maria"), (n) => n > before);

  await toast(lee.page, "The offer ran out").waitFor({ timeout: 40_000 });
  assert.equal(await offer(lee.page).count(), 0);
  await api("PUT", "/v1/agents/lee/activity", { activity: "offline" });

  // It comes to somebody else, who puts it off, thinks better of it, and passes it on.
  await begin(page);
  await offer(page).waitFor();
  await press(page, "Shift+Y");
  await page.waitForURL(/\/desk\/.+/);
  await page.getByRole("heading", { level: 2, name: "Priya Nair", exact: true }).waitFor();
  const second = page.url().split("/").at(-1);
  await press(page, "s");
  const ask = page.getByRole("dialog");
  await ask.getByRole("button", { name: /Tomorrow at 9/ }).click();
  const agreed = ask.getByRole("checkbox");
  await agreed.waitFor();
  await glance(page, "desk-snooze");
  await agreed.check();
  await ask.getByRole("button", { name: "Put off, with the new promise" }).click();
  await page.getByRole("heading", { level: 2, name: /Put off by you/ }).waitFor();
  await glance(page, "desk-later");
  await press(page, "z"); // while it is offered
  await page.waitForURL(new RegExp(second));
  await page.getByRole("button", { name: /^Pass on/ }).waitFor();
  await press(page, "t");
  await ask.getByLabel("Queue", { exact: true }).press("ArrowDown");
  await page.getByRole("option", { name: "urgent" }).click();
  await ask.getByRole("button", { name: "Pass on" }).click();
  await toast(page, /goes to urgent/).waitFor();
  await until("the item is in the other queue", async () => (await api("GET", `/v1/work-items/${second}`)).queue, (queue) => queue === "urgent");
  await api("PUT", "/v1/agents/kim/activity", { activity: "offline" }); // what comes next is for others
  // The other queue is out of their reach: whose page hears of the move may look for the item and not find it.
  const lost = new RegExp(`^404 for GET .*/v1/work-items/${second}$|Failed to load resource`);
  assert.deepEqual([...kim.wrong, ...lee.wrong].filter((w) => !lost.test(w)), []);
});

test("an offer that is gone before it was declined just closes", async () => {
  const nora = await agent("nora", "Nora Beck");
  const { page } = nora;
  await begin(page);
  await upset("henryw", "@acme can a real person please call me about A-10606?");
  const one = offer(page).first();
  await one.waitFor();
  const { id, work_item: { id: item, version } } = (await (await page.context().request.get(nora.origin + "/v1/agents/me/reservations")).json()).items[0];
  const asked = [];
  page.on("request", (r) => r.url().includes(`/reservations/${id}/`) && asked.push(r.url()));
  await press(page, "Shift+N");
  await toast(page, /goes to somebody else in \d s/).waitFor();
  const canceled = await boss.context.request.post(`${boss.origin}/v1/work-items/${item}/cancel`, {
    data: { note: "The customer called us" }, headers: { "Sec-Fetch-Site": "same-origin", "If-Match": `"${version}"` },
  });
  assert.ok(canceled.ok(), await canceled.text());
  await toast(page, "The offer was over already").waitFor();
  assert.deepEqual([asked, nora.wrong], [[], []]);
  await api("PUT", "/v1/agents/nora/activity", { activity: "offline" }); // what comes next is for others
  await page.context().close();
});

test("who signs out hears of an offer that could not be declined, and stays", async () => {
  const { page } = await agent("zoe", "Zoe Hart");
  await begin(page);
  await upset("otto", "@acme I want to talk to a human please");
  await offer(page).first().waitFor();
  await page.route(/\/v1\/reservations\/.+\/reject$/, (route) => route.fulfill({
    status: 503, contentType: "application/problem+json", json: { status: 503, code: "unavailable", detail: "The store is being moved" },
  }));
  await press(page, "Shift+N");
  await toast(page, /goes to somebody else in \d s/).waitFor();
  await page.getByRole("button", { name: "Menu of Zoe Hart" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("alert").getByText("You are still signed in").waitFor();
  await page.getByRole("alert").getByText("The store is being moved").waitFor(); // once
  await api("PUT", "/v1/agents/zoe/activity", { activity: "offline" });
  await page.context().close();
});

test("ten thousand work items are a list like any other", async () => {
  const { page, wrong } = boss;
  const due = Date.now();
  const one = (n) => ({
    id: `c38g4qeh2bg0tz-w${n}`, customer_id: "c38g4qeh2bg0tz", case_id: "c38g4qeh2bg0tz-k1", customer_name: `Customer ${n}`, handle: `c${n}`,
    kind: "callback", state: "pending", queue: "care", priority: 50, due: new Date(due + n * 60_000).toISOString(),
    post: { network: "sandbox", account: "acme", id: String(n) }, post_text: `Where is my parcel ${n}?`,
    created_at: new Date(due).toISOString(), updated_at: new Date(due).toISOString(), version: 1,
  });
  let pages = 0;
  await page.route(/\/v1\/work-items\?/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    pages++;
    const next = from + 500 < 10_000 ? String(from + 500) : "";
    return route.fulfill({ json: { items: Array.from({ length: 500 }, (_, i) => one(from + i)), next } });
  });
  await page.goto(boss.origin + "/desk");
  await page.getByText("10000 waiting").waitFor();
  assert.equal(pages, 20);
  const rows = page.getByRole("link", { name: /Customer \d/ });
  assert.match(await rows.first().innerText(), /parcel 0\?/);
  assert.ok((await rows.count()) < 60, "rows that are out of view are in the document");
  const list = page.getByRole("region", { name: /Work items/ });
  const slowest = await list.evaluate(async (el) => {
    let worst = 0;
    let last = performance.now();
    for (let i = 0; i < 60; i++) {
      el.scrollTop += 700;
      await new Promise(requestAnimationFrame);
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }
    return worst;
  });
  console.log(`the slowest of 60 steps through 10,000 work items took ${Math.round(slowest)} ms`);
  await list.evaluate((el) => { el.scrollTop = el.scrollHeight; });
  await rows.filter({ hasText: "parcel 9999?" }).waitFor();
  await list.evaluate((el) => { el.scrollTop = 0; });
  await rows.filter({ hasText: "parcel 0?" }).waitFor();
  /** at waits until the focus is on a row. */
  const at = (n) => page.waitForFunction((text) => document.activeElement.textContent.includes(text), `parcel ${n}?`);
  await press(page, "j", "j");
  await at(1);
  // One is opened, and another: the list is there, and is not read again.
  await page.route(/\/v1\/(work-items|cases|customers)\/c38g4qeh2bg0tz/, (route) => {
    const [, n] = /\/work-items\/[^/]+-w(\d+)$/.exec(route.request().url()) ?? [];
    return n && route.fulfill({ json: one(Number(n)) }); // what else they read of it is on its way for as long as the test lasts
  });
  await press(page, "Enter");
  await page.waitForURL(/-w1$/);
  await page.locator("a[aria-current]").filter({ hasText: "parcel 1?" }).waitFor();
  await press(page, "j");
  await at(2);
  await press(page, "Enter");
  await page.waitForURL(/-w2$/);
  await press(page, "u");
  await page.waitForURL(/\/desk$/);
  assert.equal(pages, 20);
  assert.deepEqual(wrong, []);
  await page.goto("about:blank"); // gives up what is on its way still
  await page.unrouteAll({ behavior: "ignoreErrors" });
});
