// Customers: found, seen whole, unlinked and linked, merged and parted again,
// exported, erased; by keyboard where it matters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { looks, signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const search = (page) => page.getByRole("combobox", { name: "Find a customer" });
const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

async function write(context, origin, handle, text) {
  const answer = await context.request.post(origin + "/v1/sandbox/posts", { data: { handle, text } });
  assert.ok(answer.ok(), await answer.text());
}

/** What is chosen is what the field points at, is in view, and moves with the keys while the field keeps the focus. */
async function keysMoveTheChoice(page) {
  const field = search(page);
  const options = page.getByRole("listbox", { name: "Customers found" }).getByRole("option");
  const chosen = async () => page.locator(`[id="${await field.getAttribute("aria-activedescendant")}"]`);
  const at = async (n) => {
    await page.getByRole("option", { selected: true }).and(options.nth(n)).waitFor();
    const option = await chosen();
    assert.equal(await option.getAttribute("aria-posinset"), String(n + 1));
    assert.ok(await option.evaluate((el) => el.getBoundingClientRect().bottom <= innerHeight), "in view");
    assert.ok(await field.evaluate((el) => el === document.activeElement), "the field keeps the focus");
  };
  await field.fill("mari"); // Maria and Marisol
  await options.nth(1).waitFor();
  await page.getByRole("status").filter({ hasText: /^\d customers$/ }).waitFor();
  assert.equal(await field.getAttribute("aria-expanded"), "true");
  assert.equal(await field.getAttribute("aria-controls"), await page.getByRole("listbox", { name: "Customers found" }).getAttribute("id"));
  await at(0);
  for (const [key, n] of [["ArrowDown", 1], ["Home", 0], ["End", (await options.count()) - 1], ["Home", 0], ["ArrowUp", 0]]) {
    await page.keyboard.press(key);
    await at(n);
  }
  await looks(page, "customers-found", () => at(0));
  await page.keyboard.type("zzz"); // the keys moved the choice, and the text's place not
  await page.getByRole("status").filter({ hasText: "Nobody is found" }).waitFor();
  assert.equal(await field.getAttribute("aria-expanded"), "false");
  assert.equal(await field.getAttribute("aria-activedescendant"), null);
  await page.keyboard.press("Escape");
  assert.equal(await field.inputValue(), "");
  await page.keyboard.type("maria");
  await at(0);
  await page.getByRole("option", { selected: true, name: /Maria Lopez/ }).waitFor();
}

test("customers", async () => {
  const { page, wrong, context, origin } = await signIn(browser, server, { login: "cora", name: "Cora Diaz", path: "/live" });
  await write(context, origin, "maria", "@acme where is my order A-10234? It should have been here two days ago and I am really annoyed");
  await write(context, origin, "marisol", "@acme do you ship to Lisbon?");

  {
    // maria is found by her name, by keyboard alone
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Where to, or what to do?").fill("find a cust");
    await page.keyboard.press("Enter");
    await heading(page, "Customers");
    const recent = page.getByRole("region", { name: "Recent cases" }).first();
    await recent.getByText("Order status").first().waitFor();
    await looks(page, "customers-start");
    await search(page).pressSequentially("maria", { delay: 20 });
    await page.getByRole("region", { name: "At a glance" }).getByText("America/New_York").or(page.getByRole("region", { name: "At a glance" }).getByText("New York")).first().waitFor();
    await keysMoveTheChoice(page);
    await search(page).press("Enter");
    await heading(page, "Maria Lopez");
    assert.doesNotMatch(page.url(), /maria/i);
  }

  {
    // everything about her stands on one page, and it is live
    await page.getByRole("region", { name: "Orders" }).getByText("A-10234").waitFor();
    await page.getByRole("region", { name: "Orders" }).getByText("late", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Waits for events" }).getByText("order.*").waitFor();
    await page.getByRole("region", { name: "Identities" }).getByText("Trusted system").waitFor();
    const history = page.getByRole("region", { name: "History" }).first();
    await history.getByText("really annoyed").waitFor();
    await history.getByText("is late by").first().waitFor();
    await looks(page, "customer");
    await write(context, origin, "maria", "@acme hello, are you there?");
    await history.getByText("are you there?").waitFor();
    await history.getByText("Facts", { exact: true }).click();
    await history.getByText("order.* where orderid matches").waitFor();
    await history.getByText("really annoyed").waitFor({ state: "detached" });
    await history.getByText("Facts", { exact: true }).click();
    await history.getByText("Decisions").click();
    await history.getByText("late-and-upset").waitFor();
    await history.getByText("Entries").click();
    assert.deepEqual(wrong, []);
  }

  {
    // an identity's evidence is withdrawn, called off, withdrawn and vouched for
    const identities = page.getByRole("region", { name: "Identities" });
    await identities.getByRole("button", { name: "Withdraw the evidence for @maria" }).click();
    await page.getByText("The evidence for @maria is withdrawn in").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await identities.getByText("proven", { exact: true }).waitFor();
    await identities.getByRole("button", { name: "Withdraw the evidence for @maria" }).click();
    await identities.getByText("not proven").waitFor();
    await identities.getByRole("button", { name: "Vouch for @maria" }).click();
    await identities.getByText("A person vouches").waitFor();
    await page.keyboard.press("z");
    await identities.getByText("not proven").waitFor();
    await identities.getByRole("button", { name: "Vouch", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Vouch for an identity" });
    await dialog.getByRole("button", { name: "Vouch for it" }).click();
    await dialog.getByText("This is needed.").first().waitFor();
    await dialog.getByRole("combobox", { name: "Network" }).fill("sandbox");
    await dialog.getByLabel("Author’s id").fill("maria-at-work");
    await dialog.getByRole("button", { name: "Vouch for it" }).click();
    await dialog.waitFor({ state: "detached" });
    await identities.getByText("@maria-at-work").waitFor();
    assert.deepEqual(wrong, []);
  }

  {
    // she is merged with a stranger, and parted again
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog", { name: "Merge Maria Lopez" });
    await dialog.getByLabel("Who is the same person?").fill("marisol");
    await dialog.getByRole("option", { name: /marisol/, selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await dialog.getByText("@marisol ceases to be a customer of their own").waitFor();
    await looks(page, "customer-merge");
    await dialog.getByRole("button", { name: "Merge", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const identities = page.getByRole("region", { name: "Identities" });
    await identities.getByText("@marisol").waitFor();
    // What was written is all in view; of everything the oldest may be below it.
    const history = page.getByRole("region", { name: "History" }).first();
    await history.getByText("Conversation", { exact: true }).click();
    await history.getByText("ship to Lisbon").waitFor();
    await history.getByText("Conversation", { exact: true }).click();
    await page.getByRole("region", { name: "Merged" }).getByRole("button", { name: "Undo the merge" }).click();
    await identities.getByText("@marisol").waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Merged" }).waitFor({ state: "detached" });
    assert.deepEqual(wrong, []);
  }

  {
    // what is kept is exported, then erased
    await page.getByRole("button", { name: "More", exact: true }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Export everything as JSON" }).click()]);
    const kept = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(kept.state.customer.name, "Maria Lopez");
    assert.match(download.suggestedFilename(), /^customer-c[0-9a-z]+\.json$/);
    const address = page.url();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Erase for good" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase Maria Lopez" });
    await dialog.getByLabel("Type “erase” to go on").fill("yes");
    await page.keyboard.press("Enter");
    await dialog.getByText("Type the word “erase”.").waitFor();
    await looks(page, "customer-erase");
    await dialog.getByLabel("Type “erase” to go on").fill("erase");
    await page.keyboard.press("Enter");
    await heading(page, "Customers");
    await search(page).fill("maria lopez");
    await page.getByText("Nobody is found").waitFor();
    assert.ok(wrong.every((w) => /404|Failed to load resource/.test(w)), wrong.join("\n")); // what was being read when it went
    await page.goto(address);
    await heading(page, "There is no such customer");
    await page.getByText(/was erased/).waitFor();
    assert.ok(wrong.every((w) => /404|Failed to load resource/.test(w)), wrong.join("\n"));
  }
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  assert.doesNotMatch(kept, /maria/i);
  await context.close();
});

test("an agent reads, and may not merge, export or erase", async () => {
  const { page, context, wrong } = await signIn(browser, server, { login: "abe", role: "agent", path: "/customers", args: ["--queues", "care"] });
  await search(page).fill("marisol");
  await page.getByRole("option", { name: /marisol/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "More", exact: true }).count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});
