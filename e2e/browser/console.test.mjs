// The console's frame: who is signed in finds their way by mouse and by
// keyboard, in two languages; who is not is asked to sign in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looks, password, pressTwo, signIn } from "./console.mjs";
import { openPage, startBrowser, startDemo } from "./demo.mjs";
import { sound } from "./look.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

test("the frame", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "frame", name: "Fay Ramos", path: "/people" });
  await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
  assert.match(await page.title(), /^People · /);
  await page.getByRole("img", { name: "Live", exact: true }).waitFor();
  await pressTwo(page, "g", "l", page.getByRole("heading", { level: 1, name: "Live" }));
  assert.match(page.url(), /\/live$/);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("Go to Desk").waitFor();
  await looks(page, "keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Where to, or what to do?").fill("customers");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/customers$/);
  await page.getByRole("button", { name: "Menu of Fay Ramos" }).click();
  await page.getByRole("menuitemradio", { name: "Español" }).click();
  await page.getByRole("link", { name: "Clientes" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  assert.doesNotMatch(kept, /Fay|frame|token/);
  assert.deepEqual(wrong, []);

  // A session that ends takes nothing away: one signs in beside the page, and goes on.
  await page.getByRole("combobox").or(page.getByRole("searchbox")).or(page.getByRole("textbox")).first().fill("lopez");
  await context.clearCookies();
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  const out = page.getByRole("dialog", { name: "Tu sesión ha terminado" });
  await out.waitFor();
  await sound(page, "signed out");
  const again = await context.request.post(new URL(server.url).origin + "/v1/session", { data: { login: "frame", password } });
  assert.equal(again.status(), 200, await again.text());
  await out.getByRole("button", { name: /seguir/ }).click();
  await out.waitFor({ state: "detached" });
  await page.getByText("Maria Lopez").first().waitFor();
  await context.close();
});

test("somebody who is not signed in", async () => {
  const origin = new URL(server.url).origin;
  const { page, context, response } = await openPage(browser, origin + "/people", { width: 1440, scheme: "light" });
  await page.waitForURL(/\/sign-in\?next=/);
  assert.match(response.headers()["content-security-policy"], /default-src 'none'.*style-src 'self' 'nonce-/);
  await page.goto(origin + "/");
  await page.waitForURL(/\/sandbox$/);
  await context.close();
});
