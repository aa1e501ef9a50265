// What the sandbox page does beside its story: others to be, a post that is
// edited and taken back, and what who is signed in can do from there.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { looks, signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { shots } from "./look.mjs";
import { answers, column, question, section, text } from "./story.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** fromStaff answers a post in another window. */
async function fromStaff(page, id) {
  const status = await page.evaluate(async (in_reply_to) => {
    const body = JSON.stringify({ to: "maria", text: "And this from another window.", visibility: "public", in_reply_to });
    return (await fetch("/v1/sandbox/staff-posts", { method: "POST", headers: { "Content-Type": "application/json" }, body })).status;
  }, id.replace(/^maria-/, ""));
  assert.ok(status < 300, `${status}`);
}

/** seen waits until a post is in the window of its column, and of the page. */
async function seen(page, post) {
  await post.waitFor();
  await page.waitForFunction((el) => {
    const box = el.getBoundingClientRect();
    const frame = el.closest("[role=tabpanel]").getBoundingClientRect();
    const top = Math.max(0, frame.top), bottom = Math.min(innerHeight, frame.bottom);
    return Math.min(box.bottom, bottom) - Math.max(box.top, top) > 40;
  }, await post.elementHandle());
}

test("several customers, and who is signed in", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "sandy", name: "Sandy Bell", role: "supervisor", path: "/sandbox" });
  await page.getByRole("heading", { level: 1, name: "Acme Home sandbox" }).waitFor();

  // By keys: another customer, and one whom the company knows.
  await page.keyboard.press("a");
  const handle = page.getByRole("textbox", { name: "Somebody else" });
  await handle.fill("not a handle!");
  await page.keyboard.press("Enter");
  await page.getByText(/Letters a to z, digits/).waitFor();
  await handle.fill("@Kofi");
  await page.keyboard.press("Enter");
  await column(page, "kofi").waitFor();
  await page.getByRole("button", { name: "Remove @kofi" }).click();
  await column(page, "kofi").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await column(page, "kofi").waitFor();

  // What one writes the others see if it is public, edited and deleted too.
  await text(page, "kofi").fill("@acme lovely mugs, thank yuo");
  await page.keyboard.press("Control+Enter");
  const mugs = column(page, "kofi").locator("article", { hasText: "lovely mugs" });
  await mugs.getByRole("button", { name: "Edit" }).click();
  await text(page, "kofi").fill("@acme lovely mugs, thank you");
  await page.keyboard.press("Control+Enter");
  await mugs.getByText("edited", { exact: true }).waitFor();
  await column(page, "stranger").getByRole("tab", { name: "Public timeline" }).click();
  await column(page, "stranger").getByText("@acme lovely mugs, thank you").waitFor();
  await mugs.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await mugs.getByRole("button", { name: "Edit" }).waitFor();

  await text(page, "maria").fill(question);
  await page.keyboard.press("Control+Enter");
  await answers(page, "maria").first().waitFor();
  const asked = column(page, "maria").locator("article", { hasText: "where is my order" }).first();
  await asked.getByRole("link", { name: "Why" }).waitFor();
  await section(page, "history").getByText("Message sent").waitFor();
  await looks(page, "sandbox-signed-in", () => column(page, "maria").getByText("running late").waitFor());

  // What comes last is brought into view, in a column that was scrolled and on a phone.
  const order = column(page, "maria").getByText("A-10234 shipped");
  await order.waitFor();
  await text(page, "maria").fill("@acme the heater smokes and my hand is burnt");
  await page.keyboard.press("Control+Enter");
  const heater = column(page, "maria").locator("article", { hasText: "the heater smokes" });
  await seen(page, heater);
  await section(page, "orders").getByRole("button", { name: "Let it arrive" }).first().click();
  await column(page, "maria").getByText("A-10234 delivered").waitFor(); // told live, beside the name as well
  await page.setViewportSize({ width: 390, height: 844 });
  await text(page, "maria").fill("@acme and my lamp sparks");
  await page.getByRole("button", { name: "Post", exact: true }).first().click();
  await seen(page, column(page, "maria").locator("article", { hasText: "my lamp sparks" }));
  await page.screenshot({ path: join(shots, "console-sandbox-posted-390.png") });
  await page.setViewportSize({ width: 1440, height: 900 });

  // As the company's own staff, past the advocate.
  await asked.getByRole("button", { name: "Answer as staff" }).click();
  await text(page, "maria").fill("Sandy here, I am looking into it.");
  await page.keyboard.press("Control+Enter");
  const staffs = answers(page, "maria").filter({ hasText: "I am looking into it" });
  await seen(page, staffs);
  await section(page, "history").getByText("Staff wrote").waitFor();

  // Who reads elsewhere is not moved, and told that something is new.
  const feed = column(page, "maria").locator("article").first().locator("xpath=ancestor::*[@role='tabpanel'][1]");
  await feed.evaluate((el) => el.scrollTo(0, el.scrollHeight));
  const at = await feed.evaluate((el) => el.scrollTop);
  assert.ok(at > 100, "the conversations do not fill their column");
  await page.getByRole("button", { name: "Answer as staff" }).last().evaluate((el) => el.scrollIntoView({ block: "nearest" }));
  const fresh = column(page, "maria").getByRole("button", { name: "New message" });
  assert.equal(await fresh.count(), 0);
  await fromStaff(page, await asked.getAttribute("id"));
  await fresh.waitFor();
  await page.screenshot({ path: join(shots, "console-sandbox-unseen.png") });
  await fresh.click();
  await seen(page, answers(page, "maria").filter({ hasText: "from another window" }));
  await fresh.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "What the advocate knows about Maria Lopez" }).click();
  await page.waitForURL(/\/customers\/[\w]+$/);
  await page.goBack();
  await column(page, "kofi").waitFor(); // who was there is there still
  assert.deepEqual(wrong, []);
  await context.close();
});
