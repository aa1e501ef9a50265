// The playbooks' pages: a playbook is broken and mended, played, published and
// taken back; the stop stops; what is in approve mode waits for a person.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looks, pressTwo, signIn, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** call asks the API as who is signed in on a page. */
async function call(page, method, path, data) {
  const origin = new URL(server.url).origin;
  const answer = await page.request.fetch(origin + path, { method, data, headers: { Origin: origin, "Sec-Fetch-Site": "same-origin" } });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
}
const post = (page, handle, text) => call(page, "POST", "/v1/sandbox/posts", { handle, text, visibility: "public" });

/** messages are what the company wrote to a handle. */
const messages = async (page, handle) => (await call(page, "GET", `/v1/sandbox/timeline?as=${handle}`)).items
  .filter((p) => p.company && p.to === handle);

const goLine = (page, line) => page.goto(new URL(`/playbooks/1?line=${line}`, server.url).href);
const text = (page) => page.getByRole("textbox", { name: /version 1$/ });

test("a playbook is broken, mended, played, published and taken back", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "pat", name: "Pat Quinn", path: "/playbooks" });
  await page.getByRole("listitem").filter({ hasText: "Version 1" }).getByText("decides now").waitFor();

  await page.keyboard.press("e");
  await page.waitForURL(/\/playbooks\/1$/);
  await text(page).waitFor();
  await page.getByText("No mistakes").waitFor();
  const outline = page.getByRole("navigation", { name: "Rules and messages" });
  await outline.getByLabel("Find a rule or message").fill("thanks-pub");
  await outline.getByRole("button", { name: "thanks-public" }).click();
  await page.getByText(/Line \d+ · thanks-public/).waitFor();
  await outline.getByLabel("Find a rule or message").fill("");

  // A misspelt field: told at its place, with the word that was meant.
  await outline.getByRole("button", { name: "late", exact: true }).click();
  await page.keyboard.press("Control+f");
  await page.getByLabel("Find", { exact: true }).pressSequentially('order.late && case.intent in ["order_status", "unclear"]');
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowLeft");
  for (let i = 0; i < "order.late".length; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Backspace");
  const mistakes = page.getByRole("list", { name: "Mistakes" });
  await mistakes.getByText('order has no field "lat"').waitFor();
  assert.equal(await page.locator(".cm-lintRange-error").first().textContent(), "lat");
  await looks(page, "playbook-mistake");

  // It cannot be published; F8 goes to it and the suggestion mends it.
  await page.keyboard.press("Control+s");
  await page.getByText("There is 1 mistake. A broken playbook cannot be published.").waitFor();
  await page.keyboard.press("F8");
  assert.equal(await page.evaluate(() => getSelection().toString()), "lat");
  await mistakes.getByRole("button", { name: "Use order.late" }).click();
  await page.getByText("No mistakes").waitFor();

  // Now a change that means something; it stays while one looks elsewhere.
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# Reviewed in November.\n");
  await page.getByText("edited, not published").waitFor();
  // Somebody else publishes meanwhile; told further down, when it was noticed.
  const { source } = await call(page, "GET", "/v1/playbooks/1");
  await call(page, "POST", "/v1/playbooks", { name: "rival", source: `${source}# Another's.\n` });
  await page.keyboard.type("x: order.stat");
  await page.getByRole("option", { name: /^order\.status/ }).waitFor();
  await page.keyboard.press("Escape");
  for (let i = 0; i < "x: order.stat".length; i++) await page.keyboard.press("Backspace");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => !!document.activeElement.closest(".cm-editor")), false, "Escape and Tab leave the text");
  await page.getByRole("link", { name: "Approvals" }).click();
  await page.getByText("Nothing awaits approval").waitFor();
  await page.getByRole("link", { name: "Playbooks" }).click();
  await page.getByText("edited, not published").waitFor();
  await page.keyboard.press("e");
  await text(page).getByText("# Reviewed in November.").waitFor();

  // A story that comes true, and one that does not.
  await page.getByRole("tab", { name: "Scenarios" }).click();
  await page.getByText("Yours", { exact: true }).click();
  await page.getByRole("button", { name: "Begin with an example" }).click();
  const pasted = page.getByRole("textbox", { name: "Paste scenarios" });
  await pasted.fill(await pasted.inputValue() + [
    "  - name: a hope", "    when:", '      - post: {from: kim, text: "@acme where is my order A-99999?", understood: {intent: order_status, needs_agent: true, confidence: 0.9}}',
    "    then:", "      no_replies: true", "      work_items: [{kind: callback}]", ""].join("\n"));
  await page.keyboard.press("Control+Enter");
  await page.getByText("1 came out as expected").waitFor();
  await page.getByRole("article").filter({ hasText: "a hope" }).getByText(/expected no repl/).waitFor();
  await page.getByText("Version 2 was published meanwhile by pat").waitFor();
  await looks(page, "playbook-scenarios");
  await page.getByRole("button", { name: "Go on" }).click();

  // The difference is shown before it is published.
  await page.keyboard.press("Control+s");
  const dialog = page.getByRole("dialog", { name: "Publish" });
  await dialog.getByRole("row", { name: /added # Reviewed in November\./ }).waitFor();
  await dialog.getByText("1 line added").waitFor();
  await looks(page, "playbook-publish");
  await dialog.getByRole("button", { name: "Publish and let it decide" }).click();
  await page.waitForURL(/\/playbooks\/3$/);
  await page.getByText("Version 3 decides now").waitFor();
  await page.getByRole("heading", { level: 1, name: "retail-care, version 3" }).waitFor();

  await page.getByRole("link", { name: "Playbooks" }).click();
  const mine = page.getByRole("listitem").filter({ hasText: "Version 3" });
  await mine.getByText("decides now").waitFor();
  await mine.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("region", { name: "What differs" }).getByRole("row", { name: /added # Reviewed/ }).waitFor();
  await looks(page, "playbooks-compare");
  await page.getByRole("button", { name: "Return to version 1" }).click();
  await page.getByRole("listitem").filter({ hasText: "Version 1" }).getByText("decides now").waitFor();
  await page.keyboard.press("z");
  await mine.getByText("decides now").waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a link leads to its line, and who may not change it can read it", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "sam", name: "Sam Okoro", role: "supervisor", path: "/playbooks" });
  await page.getByText("An administrator can stop all sending.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Stop all sending" }).count(), 0);
  const lines = (await call(page, "GET", "/v1/playbooks/1")).source.split("\n");
  const far = lines.findIndex((line, i) => i > 200 && line.includes("- promise:"));
  await goLine(page, far + 1);
  await page.locator(".cm-marked").waitFor();
  assert.equal(await page.locator(".cm-marked").textContent(), lines[far]);
  await until("the line is in view", () => page.evaluate(() => [".cm-marked", ".cm-scroller"].map((s) => document.querySelector(s).getBoundingClientRect().toJSON())),
    ([line, text]) => line.top >= text.top && line.bottom <= text.bottom);
  await page.locator(".cm-marked").click();
  await page.keyboard.type("x");
  assert.equal(await page.getByText("edited, not published").count(), 0);
  await looks(page, "playbook-read");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("the stop stops, and undo starts again", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "ira", name: "Ira Vance", path: "/playbooks" });
  await page.getByRole("button", { name: "Stop all sending" }).click();
  await page.getByRole("heading", { name: "All sending is stopped" }).waitFor();
  await post(page, "maria", "@acme where is my order A-10234?");
  await page.getByText("1 message waits.").waitFor({ timeout: 20_000 });
  assert.equal((await messages(page, "maria")).length, 0);
  await looks(page, "playbooks-stopped");
  await page.getByRole("button", { name: "Start sending again" }).click();
  await page.getByRole("heading", { name: "Sending", exact: true }).waitFor();
  await until("the message that waited leaves", () => messages(page, "maria"), (list) => list.length === 1);
  await page.getByRole("button", { name: "Stop all sending" }).click();
  await page.getByRole("heading", { name: "All sending is stopped" }).waitFor();
  await page.keyboard.press("z");
  await page.getByRole("heading", { name: "Sending", exact: true }).waitFor();
  assert.deepEqual((await call(page, "GET", "/v1/switches")).items, []);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("in approve mode each message waits for a person", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "uma", name: "Uma Reyes", path: "/playbooks" });
  await page.getByRole("radiogroup", { name: "Mode of sandbox" }).getByText("Approve").click();
  await page.getByText(/set by Uma Reyes/).waitFor();
  await page.getByPlaceholder("Set a mode for a rule").fill("praise");
  await page.getByRole("option", { name: "praise-in-public" }).click();
  await page.getByRole("radiogroup", { name: "Mode of praise-in-public" }).getByText("Approve").click();
  await page.getByText(/set by Uma Reyes/).nth(1).waitFor();
  await looks(page, "playbooks");
  await pressTwo(page, "g", "a", page.getByText("Nothing awaits approval"));
  await looks(page, "approvals-empty");
  await post(page, "kofi", "@acme where is my order A-10235?");
  await post(page, "lena", "@acme love the new kettle, thank you!");
  await page.getByRole("heading", { level: 1, name: "Approvals (2)" }).waitFor();
  assert.match(await page.title(), /^Approvals \(2\)/);
  const kofi = page.getByRole("article", { name: "To @kofi" });
  await kofi.getByText("@acme where is my order A-10235?").waitFor();
  await kofi.getByRole("link", { name: "Why" }).waitFor();
  await page.getByRole("article", { name: "To @lena" }).getByText("love the new kettle").waitFor();
  await looks(page, "approvals");

  // One is called off in time, then sent; the other is dropped.
  const first = await page.locator("article[data-chosen]").getAttribute("aria-label");
  const [one, other] = first === "To @kofi" ? ["kofi", "lena"] : ["lena", "kofi"];
  await page.keyboard.press("a");
  await page.getByText("Approved, it leaves").waitFor();
  await page.keyboard.press("z");
  await page.getByRole("heading", { level: 1, name: "Approvals (2)" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.getByRole("article", { name: `To @${one}` }).and(page.locator("[data-chosen]")).waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("x");
  await page.getByText("Nothing awaits approval").waitFor();
  await until("the approved message arrives", () => messages(page, one), (list) => list.length === 1);
  await until("nothing is held any more", async () => (await call(page, "GET", "/v1/effects?state=held")).items, (list) => list.length === 0);
  assert.equal((await messages(page, other)).length, 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("what was approved or dropped is done although the page is closed at once", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "ivy", name: "Ivy Chen", path: "/playbooks" });
  const mode = page.getByRole("radiogroup", { name: "Mode of sandbox" });
  await mode.getByText("Approve").click();
  await mode.getByRole("radio", { name: "Approve" }).and(page.locator(":checked")).waitFor({ state: "attached" });
  const held = async () => (await call(page, "GET", "/v1/effects?state=held")).items;
  const handles = ["mona", "nils", "olga"];
  for (const handle of handles) await post(page, handle, "@acme where is my order A-10235?");
  await until("a message to each waits", held, (list) => list.length === handles.length);

  const tab = await context.newPage();
  await tab.clock.install();
  await tab.goto(new URL("/approvals", server.url).href);
  await tab.getByRole("heading", { level: 1, name: "Approvals (3)" }).waitFor();
  // No second of those in which it can be called off goes by.
  await tab.clock.pauseAt(await tab.evaluate(() => Date.now()) + 5000);
  for (const [name, verb] of [["mona", "Approve"], ["nils", "Approve"], ["olga", "Drop"]]) {
    await tab.getByRole("article", { name: `To @${name}` }).getByRole("button", { name: verb }).click();
  }
  await tab.getByText("Nothing awaits approval").waitFor();
  assert.equal((await held()).length, handles.length, "nothing has been done yet: it can still be called off");
  await tab.close({ runBeforeUnload: true });

  await until("nothing is held any more", held, (list) => list.length === 0);
  for (const name of ["mona", "nils"]) await until(`the message to ${name} arrives`, () => messages(page, name), (list) => list.length === 1);
  assert.equal((await messages(page, "olga")).length, 0, "what was dropped stays unsent");
  assert.deepEqual(wrong, []);
  await context.close();
});
