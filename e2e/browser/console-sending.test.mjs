// What is about to leave: it goes in the name of whom the page shows or not at
// all, to whom it was written for, once; and whoever wrote it hears what became
// of it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { desktop, password, sizes, signIn, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

let browser;
let server;
let origin;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startDemo()]);
  origin = new URL(server.url).origin;
});
after(async () => { await browser?.close(); await server?.stop(); });

const person = (login, name, more = {}) => signIn(browser, server, { login, name, role: "supervisor", path: "/customers", ...more });

/** An API call of who is signed in. */
async function call(who, method, path, data) {
  const answer = await who.context.request.fetch(origin + path, { method, data });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
}

async function post(handle, text) {
  const answer = await fetch(`${origin}/v1/sandbox/posts`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ handle, text }),
  });
  assert.ok(answer.ok, `a post: ${answer.status}`);
}

/** A new case of a new customer, open on the page of whoever looks. */
async function opened(who, handle, page = who.page) {
  await post(handle, "@acme I want to talk to a human please");
  const found = await until(`${handle} has a case`, async () => (await call(who, "GET", "/v1/cases")).items.find((c) => c.identity.author === handle));
  await page.goto(`${origin}/cases/${found.id}`);
  await page.getByRole("region", { name: "Conversation" }).getByText("talk to a human").waitFor();
  return found.id;
}

/** Writes and sends, so that it counts down; before is how many others do. */
async function begin(page, text, { mode = "Private", key = "r", before = 0 } = {}) {
  await page.keyboard.press(key);
  const box = page.getByRole("textbox", { name: `${mode} reply` });
  await box.fill(text);
  await page.getByRole("button", { name: mode === "Public" ? "Send in public" : "Send privately" }).click();
  await page.getByRole("button", { name: "Don’t send" }).nth(before).waitFor();
  return box;
}

const sent = async (who, id, text) => (await call(who, "GET", `/v1/cases/${id}/conversation`)).items.filter((m) => m.text.includes(text)).length;
const signOut = async (page, name) => {
  await page.getByRole("button", { name: `Menu of ${name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
};

test("a page does nothing in the name of somebody who signed in beside it", async () => {
  const kim = await person("kim", "Kim Alder");
  const bob = await person("bob", "Bob Ode");
  const id = await opened(kim, "wim");
  const { page } = kim;
  await begin(page, "Kim looks at it");
  const words = page.getByText("talk to a human");
  await call(kim, "POST", "/v1/session", { login: "bob", password });
  const other = page.getByRole("dialog", { name: "Bob Ode is signed in now" });
  await other.waitFor();
  assert.equal(await words.filter({ visible: true }).count(), 0, "the page can still be read");
  await sound(page, "somebody else is signed in");
  const closed = await other.evaluateHandle((box) => {
    const times = { n: 0 };
    box.addEventListener("close", () => { times.n++; });
    return times;
  });
  for (let i = 0; i < 4; i++) await page.keyboard.press("Escape"); // a browser lets a page refuse the first only
  await page.keyboard.press("o"); // takes the case on a page that is one's own
  assert.ok(await other.isVisible());
  assert.equal(await closed.evaluate((times) => times.n), 0, "the cover was closed for a moment");
  assert.equal(await sent(bob, id, "Kim looks"), 0);
  assert.equal((await call(bob, "GET", `/v1/cases/${id}`)).owner, undefined);

  // However it ends, nothing of it can be read.
  await call(kim, "DELETE", "/v1/session");
  await other.getByRole("button", { name: "I am signed in: go on" }).click();
  const out = page.getByRole("dialog", { name: "You are signed out" });
  await out.waitFor();
  assert.equal(await words.filter({ visible: true }).count(), 0, "the page can be read after the session's end");

  // What goes wrong is said where it can be read: a toast would stand under the cover.
  await page.route("**/v1/session", (route) => route.abort());
  await out.getByRole("button", { name: "I am signed in: go on" }).click();
  await out.getByRole("alert").getByText("The server does not answer").waitFor();
  await sound(page, "the server is away while signed out");
  await page.unroute("**/v1/session");

  // Who is back goes on with what they had begun.
  await call(kim, "POST", "/v1/session", { login: "kim", password });
  await out.getByRole("button", { name: "I am signed in: go on" }).click();
  await words.first().waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Private reply" }).inputValue(), "Kim looks at it");

  // A window that only stands there is covered as well, without a touch.
  await call(kim, "DELETE", "/v1/session");
  await out.waitFor();
  assert.equal(await words.filter({ visible: true }).count(), 0);
  await kim.context.close();
  await bob.context.close();
});

test("what is meant for colleagues is never joined to what customers read", async () => {
  const ana = await person("ana", "Ana Boe");
  const { page } = ana;
  await opened(ana, "xeno");
  await begin(page, "We are on it", { mode: "Public", key: "Shift+R" });
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  const note = page.getByRole("textbox", { name: "Note" });
  await note.fill("INTERNAL: no refund");
  await page.getByRole("button", { name: "Don’t send" }).click();
  await page.getByText("Undone").waitFor();
  assert.equal(await note.inputValue(), "INTERNAL: no refund");
  await page.keyboard.press("Escape");
  await page.getByText("Public", { exact: true }).click();
  assert.equal(await page.getByRole("textbox", { name: "Public reply" }).inputValue(), "We are on it");
  await ana.context.close();
});

test("a reply whose answer was lost leaves once", async () => {
  const lia = await person("lia", "Lia Moss");
  const { page } = lia;
  const id = await opened(lia, "yara");
  let lost = false;
  await page.route(/\/reply$/, async (route) => {
    if (lost) return route.continue();
    lost = true;
    await route.fetch();
    await route.abort("connectionreset");
  });
  const box = await begin(page, "TWICE-A hello");
  await box.fill("TWICE-B next");
  await until("the answer was lost", () => lost);
  await page.getByText("Your reply is on its way").waitFor();
  assert.equal(await box.inputValue(), "TWICE-B next");
  await page.getByRole("button", { name: "Send privately" }).click();
  await until("the second leaves", () => sent(lia, id, "TWICE-B"), (n) => n === 1);
  assert.equal(await sent(lia, id, "TWICE-A"), 1);
  await lia.context.close();
});

test("who signs out or closes the page hears of a reply that was refused", async () => {
  const moe = await person("moe", "Moe Quin");
  const cat = await person("cat", "Cat Rhys");
  const { page } = moe;
  const id = await opened(moe, "zane");
  const box = await begin(page, "Refused words");
  await call(cat, "POST", `/v1/cases/${id}/take`, {});
  await signOut(page, "Moe Quin");
  await page.getByRole("alert").getByText("You are still signed in").waitFor();
  assert.ok(page.url().endsWith(id));
  await call(cat, "POST", `/v1/cases/${id}/handback`, {});
  await until("the words are back", () => box.inputValue().catch(() => ""), (text) => text === "Refused words");

  const tab = await moe.context.newPage();
  const second = await opened(moe, "abel", tab);
  await begin(tab, "Lost words");
  await call(cat, "POST", `/v1/cases/${second}/take`, {});
  await page.close(); // a window that stays open would tell it at once
  await tab.close({ runBeforeUnload: true });
  const back = await moe.context.newPage();
  await back.goto(`${origin}/customers`);
  const told = back.getByRole("alert").filter({ hasText: "was not sent" });
  await told.waitFor();
  await told.getByRole("button", { name: "To the case" }).click();
  await back.waitForURL(new RegExp(`/cases/${second}$`));
  assert.doesNotMatch(await back.evaluate(() => JSON.stringify([localStorage, sessionStorage])), /Lost|abel|moe/);
  await moe.context.close();
  await cat.context.close();
});

test("a reply that was begun stays in its place when the case is taken or closed under its writer", async () => {
  const una = await person("una", "Una Vale");
  const vic = await person("vic", "Vic Wren");
  const { page } = una;
  const id = await opened(una, "gale");
  await page.keyboard.press("r");
  const box = page.getByRole("textbox", { name: "Private reply" });
  await box.pressSequentially("Your parcel");
  await call(vic, "POST", `/v1/cases/${id}/take`, {});
  await page.getByText("Not sent: Vic Wren has the case now").waitFor();
  await page.keyboard.type(" and a secret");
  assert.equal(await box.inputValue(), "Your parcel");
  await call(vic, "POST", `/v1/cases/${id}/handback`, {});
  await page.getByRole("button", { name: "Send privately" }).waitFor();
  assert.equal(await box.inputValue(), "Your parcel");
  await call(vic, "POST", `/v1/cases/${id}/close`, { disposition: "resolved" });
  await page.getByText("Not sent: the case is closed").waitFor();
  await page.getByRole("button", { name: "Make it a note" }).click();
  assert.equal(await page.getByRole("textbox", { name: "Note" }).inputValue(), "Your parcel");
  await una.context.close();
  await vic.context.close();
});

test("a computer that slept does not send hours later", async () => {
  const ned = await person("ned", "Ned Stark");
  const { page } = ned;
  await page.clock.install();
  const id = await opened(ned, "bert");
  const box = await begin(page, "Good morning");
  assert.match(await page.getByText(/Your private reply leaves in \d s/).innerText(), / [1-6] s/);
  await page.clock.fastForward("03:00:00");
  await page.getByText("this computer slept").waitFor();
  assert.equal(await box.inputValue(), "Good morning");
  assert.equal(await sent(ned, id, "Good morning"), 0);
  await ned.context.close();
});

test("all are decided about, though a colleague had decided about one", async () => {
  const oli = await person("oli", "Oli Page", { role: "admin", path: "/approvals" });
  await call(oli, "PUT", "/v1/switches", { scope: "network:sandbox", mode: "approve" });
  const held = async () => (await call(oli, "GET", "/v1/effects?state=held")).items;
  for (const handle of ["cleo", "dora", "eric"]) await post(handle, "@acme where is my order A-10235?");
  await until("a message to each waits", held, (list) => list.length === 3);
  await oli.page.getByRole("button", { name: "Approve all 3" }).click();
  await oli.page.getByRole("button", { name: "Undo" }).waitFor();
  await call(oli, "POST", `/v1/effects/${(await held())[1].id}/drop`);
  await oli.page.getByText("2 approved. One was decided already, by a colleague or by what happened since.").waitFor();
  assert.equal((await held()).length, 0);
  await call(oli, "PUT", "/v1/switches", { scope: "network:sandbox", mode: "inherit" });
  await oli.context.close();
});

test("who signs out hears of an approval that was refused, and loses none", async () => {
  const eva = await person("eva", "Eva Lund", { role: "admin", path: "/approvals" });
  const { page } = eva;
  await call(eva, "PUT", "/v1/switches", { scope: "network:sandbox", mode: "approve" });
  const held = async () => (await call(eva, "GET", "/v1/effects?state=held")).items;
  for (const handle of ["hugo", "ines", "jana"]) await post(handle, "@acme where is my order A-10235?");
  await until("a message to each waits", held, (list) => list.length === 3);
  const details = ["The store is being moved", "The disk is full"];
  let left = 3;
  await page.route(/\/v1\/effects\/.+\/release$/, (route) => {
    left--;
    if (left === 2) return route.continue();
    return route.fulfill({ status: 503, contentType: "application/problem+json", json: { status: 503, code: "unavailable", detail: details[left] } });
  });
  await page.getByRole("button", { name: "Approve all 3" }).click();
  await page.getByText("Nothing awaits approval").waitFor();
  await signOut(page, "Eva Lund");
  await page.getByRole("alert").getByText("You are still signed in").waitFor();
  for (const detail of details) await page.getByRole("alert").getByText(detail).waitFor(); // each once
  await page.getByRole("heading", { level: 1, name: "Approvals (2)" }).waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await call(eva, "PUT", "/v1/switches", { scope: "network:sandbox", mode: "inherit" });
  for (const { id } of await held()) await call(eva, "POST", `/v1/effects/${id}/drop`);
  await eva.context.close();
});

test("a version that cannot be is no page", async () => {
  const pam = await person("pam", "Pam Tull", { path: "/playbooks/999999999999999999999" });
  await pam.page.getByText("There is no such page").waitFor();
  assert.equal(await pam.page.getByRole("button", { name: "Try again" }).count(), 0);
  assert.deepEqual(pam.wrong, []);
  await pam.context.close();
});

for (const size of [desktop, sizes[2]]) {
  test(`toasts keep nobody from a control, ${size.width} px`, async () => {
    const login = `toast${size.width}`;
    const who = await person(login, "Rae Toast", { size });
    const { page } = who;
    await page.clock.install();
    await opened(who, `fred${size.width}`);
    await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 5000); // both are there until they were looked at
    await begin(page, "One");
    if (size.width < 600) {
      const [toast, head] = await Promise.all([page.locator(".toasts .mantine-Notification-root").boundingBox(), page.locator("main").boundingBox()]);
      assert.ok(toast.y + toast.height <= head.y + 8, `a toast down to ${toast.y + toast.height} lies over the page's head at ${head.y}`);
    }
    await begin(page, "Two", { before: 1 });
    const covered = await page.evaluate(() => {
      const under = [];
      for (const el of document.querySelectorAll("button, a[href], input, textarea")) {
        if (el.closest(".toasts")) continue;
        const { left, top, width, height } = el.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        if (!width || x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
        if (document.elementFromPoint(x, y)?.closest(".toasts")) under.push(el.getAttribute("aria-label") || el.textContent);
      }
      return under;
    });
    await page.screenshot({ path: join(shots, `console-sending-toasts-${size.width}.png`) });
    assert.deepEqual(covered, []);
    if (size.width > 600) await page.getByRole("button", { name: "Menu of Rae Toast" }).click({ trial: true });
    await who.context.close();
  });
}
