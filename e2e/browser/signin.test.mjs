// From the first link to an agent with a second factor, in a browser: by
// keyboard alone, at two widths, light and dark.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { openPage, startBrowser, startServer } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

const password = "three blue kettles sing";

/** code is what an authenticator app shows (RFC 6238). */
function code(secret) {
  let bits = "";
  for (const c of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const sum = createHmac("sha1", key).update(step).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

for (const [width, scheme] of [[1440, "light"], [390, "dark"]]) {
  test(`signing in, ${width} px, ${scheme}`, async () => {
    const browser = await startBrowser();
    const server = await startServer();
    let n = 0;
    const look = async (page, name) => {
      await sound(page, name);
      await page.screenshot({ path: join(shots, `${width}-${scheme}-signin-${++n}-${name}.png`), fullPage: true });
    };
    try {
      await admin(browser, server, { width, scheme }, look);
      await agent(browser, server, { width, scheme }, look);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
}

/** landed waits until the link has led on, to the console, and opens the page
 * about the account. */
async function landed(page) {
  await page.waitForURL((url) => url.pathname !== "/link");
  await page.waitForLoadState();
  assert.ok(!page.url().includes("/account"), "the link leads to the account and not to the console");
  await page.goto(new URL("/account", page.url()).href);
}

/** What the server answers to a form that will not do. */
const refusal = /^4(00|22) for POST \S+\/v1\/links\/use$|status of 4(00|22) /;

/** refusedAt waits until a field says why it is refused, and has the focus. */
async function refusedAt(page, field) {
  await page.locator("[aria-invalid]").waitFor();
  assert.equal(await page.locator("[aria-invalid]").count(), 1);
  assert.ok(await field.evaluate((el) => el === document.activeElement && el.getAttribute("aria-invalid") === "true"), "the refused field has no focus");
  const described = await field.evaluate((el) => el.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent));
  assert.equal(described[0], await page.getByRole("alert").filter({ visible: true }).innerText());
}

/** admin opens the first link and chooses a login and a password. */
async function admin(browser, server, size, look) {
  const { page, context, wrong, response } = await openPage(browser, server.url, size);
  const policy = response.headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  const login = page.getByLabel("Login");
  await login.waitFor();
  assert.ok(!page.url().includes("#"), "the secret stays in the address");
  assert.ok(await login.evaluate((el) => el === document.activeElement), "the login has no focus");
  await look(page, "link");
  // What is refused is said at its field, one after the other.
  await page.keyboard.type("The Boss");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("nowhere");
  await page.keyboard.press("Enter");
  await refusedAt(page, login);
  await look(page, "link-refused");
  await login.fill("boss");
  assert.equal(await page.getByRole("alert").count(), 0, "what was mended is still refused");
  await page.keyboard.press("Enter");
  const email = page.getByLabel("E-mail address");
  await refusedAt(page, email);
  await email.fill("");
  await page.keyboard.press("Enter");
  await refusedAt(page, page.getByLabel("New password", { exact: true }));
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await landed(page);
  await page.getByRole("button", { name: "Set up" }).waitFor();
  await look(page, "account");
  const cookies = await context.cookies();
  assert.deepEqual(cookies.map((c) => [c.name, c.httpOnly, c.sameSite]), [["advocate", true, "Lax"]]);
  assert.deepEqual(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]), ["", 0, 0]);
  assert.deepEqual(wrong.filter((w) => !refusal.test(w)), []);
  await context.close();

  const again = await openPage(browser, server.url, size); // it worked once
  await again.page.getByText("This link does not work").waitFor();
  await look(again.page, "link-used");
  await again.context.close();
}

/** agent is invited, sets up a second factor, signs out and in with it. */
async function agent(browser, server, size, look) {
  const link = server.run("user", "add", "ann", "--role", "agent", "--name", "Ann Lee");
  const { page, context, wrong } = await openPage(browser, link, size);
  await page.getByText("Ann Lee").waitFor();
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText(/at least 12 characters/).waitFor();
  await look(page, "link-short");
  const chosen = page.getByLabel("New password", { exact: true });
  await chosen.fill(password);
  await page.keyboard.press("Enter");
  await landed(page);

  await page.getByRole("button", { name: "Set up" }).press("Enter");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  await look(page, "qr");
  const secret = await page.locator("#totp-key").innerText();
  await page.keyboard.type(code(secret));
  await page.keyboard.press("Enter");
  await page.getByText("The second factor is on").waitFor();
  const codes = await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").allInnerTexts();
  assert.equal(codes.length, 10);
  await look(page, "recovery");
  await page.getByRole("button", { name: "I have kept them" }).press("Enter");
  assert.ok(!(await page.content()).includes(codes[0]), "the codes are still on the page");

  await page.getByRole("button", { name: "Sign out" }).press("Enter");
  await page.waitForURL(/\/sign-in$/);
  await page.goto(new URL("/account", link).href);
  await page.waitForURL(/\/sign-in\?next=\/account$/);
  await look(page, "sign-in");
  await page.getByLabel("Login").fill("ann");
  await page.getByLabel("Password", { exact: true }).fill("not my password");
  await page.keyboard.press("Enter");
  await page.getByText(/^The login or the password is wrong/).waitFor();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByLabel("Code").waitFor();
  assert.ok(await page.getByLabel("Code").evaluate((el) => el === document.activeElement), "the code has no focus");
  await look(page, "code");
  await page.keyboard.type(codes[0].toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/account$/);
  await page.getByText("9 recovery codes are left").waitFor();
  await look(page, "second-factor");
  // What was refused was meant to be.
  assert.deepEqual(wrong.filter((w) => !/^(400|401) for (GET|POST|DELETE) |Failed to load resource/.test(w)), []);
  await context.close();
}
