// What the sandbox page does beside its story: others to be, a post that is
// edited and taken back, and what who is signed in can do from there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looks, signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { answers, column, question, section, text } from "./story.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

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
  await section(page, "history").getByText("Answer sent").waitFor();
  await looks(page, "sandbox-signed-in", () => column(page, "maria").getByText("running late").waitFor());

  // As the company's own staff, past the advocate.
  await asked.getByRole("button", { name: "Answer as staff" }).click();
  await text(page, "maria").fill("Sandy here, I am looking into it.");
  await page.keyboard.press("Control+Enter");
  await answers(page, "maria").nth(1).waitFor();
  await section(page, "history").getByText("Staff wrote").waitFor();
  await page.getByRole("link", { name: "What the advocate knows about Maria Lopez" }).click();
  await page.waitForURL(/\/customers\/[\w]+$/);
  await page.goBack();
  await column(page, "kofi").waitFor(); // who was there is there still
  assert.deepEqual(wrong, []);
  await context.close();
});
