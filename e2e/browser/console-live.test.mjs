// The supervisor's pages: what comes in is seen as it comes in, work is moved
// and the moves taken back, a cut line heals without loss, and reports tell it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, before, test } from "node:test";
import { looks, signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";

let browser;
let server;
let wire;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startDemo()]);
  wire = await cuttable(new URL(server.url).port);
});
after(async () => { await browser?.close(); await wire?.cut(); await server?.stop(); });

/** cuttable is a line to the server that can be cut and mended. */
async function cuttable(to) {
  const open = new Set();
  const listener = net.createServer((socket) => {
    const on = net.connect(to, "127.0.0.1");
    for (const s of [socket, on]) {
      open.add(s);
      s.on("error", () => {}).on("close", () => { open.delete(s); socket.destroy(); on.destroy(); });
    }
    socket.pipe(on).pipe(socket);
  });
  const mend = (port) => new Promise((done) => listener.listen(port, "127.0.0.1", () => done(listener.address().port)));
  const port = await mend(0);
  return {
    url: `http://127.0.0.1:${port}/`,
    cut: () => new Promise((done) => { listener.close(done); for (const s of open) s.destroy(); }),
    mend: () => mend(port),
  };
}

/** post has a customer write, by the server's own address. */
async function post(handle, text) {
  const answer = await fetch(new URL("/v1/sandbox/posts", server.url), {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ handle, text }),
  });
  assert.ok(answer.ok, await answer.text());
}

const call = "@acme can a real person please call me about A-10606?";

test("a supervisor watches, and acts", async () => {
  const { page, wrong, context } = await signIn(browser, { ...server, url: wire.url }, { login: "watch", role: "supervisor", name: "Sam Ito", path: "/live" });
  const posts = page.getByRole("region", { name: "Posts", exact: true }).first();
  const work = page.getByRole("region", { name: "Work", exact: true });
  await page.getByText("No posts yet").waitFor();
  await page.getByText("No open work").waitFor();
  await looks(page, "live-empty");

  // What a customer writes is there at once, and what became of it.
  await post("maria", "@acme where is my order A-10234?");
  const maria = posts.getByRole("link").filter({ hasText: "where is my order" });
  await maria.getByText("Answered").waitFor();
  await post("henryw", call);
  await posts.getByRole("link").filter({ hasText: "a real person" }).getByText("waiting").first().waitFor();

  // Held, the list stands still, and says how much is new.
  await page.keyboard.press("h");
  await post("zoe", "@acme my checkout does not work!");
  await page.getByText("1 new", { exact: true }).waitFor();
  assert.equal(await posts.getByText("checkout").count(), 0);
  await page.keyboard.press("h");
  await posts.getByText("checkout").first().waitFor();

  // Work: raised, passed on and canceled by keyboard, each taken back.
  const row = work.getByRole("listitem").filter({ hasText: "Callback: @acme can a real person" });
  await row.waitFor();
  const select = async () => {
    for (let i = 0; i < 5 && !(await row.locator("[aria-current]").count()); i++) await page.keyboard.press("j");
  };
  await select();
  await row.getByText("High", { exact: true }).waitFor();
  await page.keyboard.press("r");
  await row.getByText("Urgent", { exact: true }).waitFor();
  await page.keyboard.press("z");
  await row.getByText("High", { exact: true }).waitFor();
  await page.keyboard.press("p");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Queue or person").fill("urgent");
  await page.keyboard.press("Enter");
  await page.getByText("Passed on to the queue urgent").waitFor();
  await row.getByText("urgent", { exact: true }).waitFor();
  await page.keyboard.press("z");
  await row.getByText("care", { exact: true }).waitFor();
  await page.keyboard.press("x");
  await dialog.getByRole("button", { name: "Cancel the work item" }).click();
  await dialog.getByText("Say in a few words why").waitFor();
  await dialog.getByRole("button", { name: "Handled elsewhere" }).click();
  await dialog.getByRole("button", { name: "Cancel the work item" }).click();
  await row.getByText("Will be canceled").first().waitFor();
  await page.keyboard.press("z");
  await row.getByText("Will be canceled").first().waitFor({ state: "detached" });
  await looks(page, "live");

  // An agent's break begins, ends, and the end is taken back; offers follow.
  const agents = page.getByRole("region", { name: "Agents", exact: true });
  const rosa = agents.getByRole("listitem").filter({ hasText: "Rosa Diaz" });
  await rosa.getByRole("button", { name: "Change what Rosa Diaz is doing" }).click();
  await page.getByRole("menuitem", { name: "On a break" }).click();
  await rosa.getByText("On a break").waitFor();
  await rosa.getByRole("button", { name: "End the break of Rosa Diaz" }).click();
  await rosa.getByText("Available").waitFor();
  await work.getByText("offered: Rosa Diaz").first().waitFor();
  await page.keyboard.press("z");
  await rosa.getByText("On a break").waitFor();

  // The line is cut and heals: what came meanwhile is there, and nobody reloaded.
  await page.evaluate(() => { window.same = true; });
  const before = wrong.length;
  await wire.cut();
  await page.getByText("The line is cut").waitFor();
  await post("lenah", "@acme your shop page is blank while you were away");
  await wire.mend();
  await page.getByText("The line is cut").waitFor({ state: "detached" });
  await posts.getByText("blank while you were away").waitFor();
  assert.equal(await page.evaluate(() => window.same), true);
  const noise = wrong.splice(before).filter((w) => !/ERR_(CONNECTION|EMPTY|INCOMPLETE|SOCKET)/.test(w));
  assert.deepEqual([...wrong, ...noise], []);
  await context.close();
});

test("a page that is opened for the first time while the line is cut comes when it is back", async () => {
  const { page, wrong, context } = await signIn(browser, { ...server, url: wire.url }, { login: "cut", role: "supervisor", path: "/live" });
  await page.getByRole("region", { name: "Posts", exact: true }).first().waitFor();
  await page.evaluate(() => { window.same = true; });
  await wire.cut();
  await page.getByText("The line is cut").waitFor();
  await page.getByRole("link", { name: "Customers", exact: true }).click();
  await page.waitForURL(/customers$/);
  await page.getByText("The line is cut").waitFor();
  assert.equal(await page.evaluate(() => window.same), true, "the page was read anew");
  await wire.mend();
  await page.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  assert.equal(await page.evaluate(() => window.same), true, "the page was read anew");
  assert.deepEqual(wrong.filter((w) => !/ERR_(CONNECTION|EMPTY|INCOMPLETE|SOCKET)|Failed to fetch/.test(w)), []);
  await context.close();
});

test("work that is canceled is gone after the seconds in which it can be kept", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "cancel", role: "supervisor", path: "/live" });
  const work = page.getByRole("region", { name: "Work", exact: true });
  await post("henryw2", call);
  const rows = work.getByRole("listitem").filter({ hasText: "Callback: @acme can a real person" });
  await rows.nth(1).waitFor();
  await rows.first().getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Cancel…" }).click();
  await page.getByRole("dialog").getByLabel("Why is it no longer needed?").fill("The customer called us");
  await page.keyboard.press("Enter");
  await page.getByText("The work item is canceled.").waitFor();
  await rows.nth(1).waitFor({ state: "detached" });
  assert.equal(await rows.count(), 1);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("an answer that is canceled before it leaves is shown as none", async () => {
  const { page, wrong, context, origin } = await signIn(browser, server, { login: "hold", role: "admin", path: "/live" });
  const api = async (method, path, data) => {
    const answer = await context.request.fetch(origin + path, { method, data, headers: { "Sec-Fetch-Site": "same-origin" } });
    assert.ok(answer.ok(), await answer.text());
    return answer.json();
  };
  await api("PUT", "/v1/switches", { scope: "network:sandbox", mode: "approve" });
  await post("olga", "@acme where is my order A-10311?");
  const row = page.getByRole("region", { name: "Posts", exact: true }).first().getByRole("link").filter({ hasText: "A-10311" });
  await row.getByText("Answer waits").waitFor();
  const id = (await row.getAttribute("href")).split("/").at(-1);
  await api("POST", `/v1/cases/${id}/take`, {});
  await row.getByText("Answer canceled").waitFor();
  assert.equal(await row.getByText("Answered", { exact: true }).count(), 0);
  await api("PUT", "/v1/switches", { scope: "network:sandbox", mode: "inherit" });
  assert.deepEqual(wrong, []);
  await context.close();
});

test("what many post about is told, with the posts behind it", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "spike", role: "supervisor" });
  await post("maria2", "@acme where is my order A-10298?");
  // A rule of what is usual takes hours; here the alarm is put into a true answer.
  const spike = { kind: "intent", name: "order_status", count: 23, usual: 2.5, factor: 9.2, since: new Date(Date.now() - 3_600_000).toISOString() };
  await page.route("**/v1/live", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), spikes: [spike] } });
  });
  await page.goto(new URL("/live", server.url).href);
  const alarm = page.getByRole("region", { name: "Many post about one thing: order status" });
  await alarm.getByText("usually 2.5").waitFor();
  assert.equal(await page.getByRole("alert").getByText("Many post about").count(), 1);
  await looks(page, "live-alarm");
  await alarm.getByRole("button", { name: "See the posts" }).click();
  await page.getByRole("dialog").getByRole("link").filter({ hasText: "A-10298" }).waitFor();
  await page.keyboard.press("Escape");
  await alarm.getByRole("button", { name: "Hide" }).click();
  await alarm.waitFor({ state: "detached" });
  assert.deepEqual(wrong, []);
  await context.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});

test("reports", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "reports", role: "supervisor", path: "/reports" });
  const answering = page.getByLabel("Answering", { exact: true });
  await answering.getByText("Posts", { exact: true }).waitFor();
  await page.keyboard.press("1");
  await page.getByRole("heading", { name: "How cases ended" }).waitFor();
  await page.getByRole("button", { name: "What “Service level” means" }).click();
  await page.getByText("waited no longer than its queue’s target").waitFor();
  await page.keyboard.press("Escape");
  const rows = page.getByRole("region", { name: "In rows" }).last();
  await page.getByText("Matter", { exact: true }).first().click();
  await rows.getByRole("rowheader", { name: "Order status" }).waitFor();
  await rows.getByRole("button", { name: "Opened", exact: true }).click();
  await rows.getByRole("columnheader", { name: "Opened", exact: true }).and(page.locator('[aria-sort="descending"]')).waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("s")]);
  assert.match(file.suggestedFilename(), /^report-intent-\d{4}-\d\d-\d\d\.csv$/);
  const text = readFileSync(await file.path(), "utf8");
  assert.match(text, /^key,from,to,/);
  assert.match(text, /\norder_status,/);
  assert.equal(new URL(page.url()).search, "");
  await page.keyboard.press("2");
  await page.getByRole("heading", { level: 1 }).scrollIntoViewIfNeeded();
  await looks(page, "reports");
  assert.deepEqual(wrong, []);
  await context.close();
});
