// Signs people in to a running server's console, each with a browser context
// of their own.
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { openPage } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

export const password = "three blue kettles sing";
export const desktop = { width: 1440, scheme: "light" };
export const sizes = [desktop, { width: 1440, scheme: "dark" }, { width: 390, scheme: "light" }, { width: 390, scheme: "dark" }];

/**
 * signIn makes an account, chooses its password by the one-time link and opens
 * the console at path. It gives {page, context, wrong, origin}: wrong collects
 * requests to other hosts, answers of 400 and above, and errors on the page.
 */
export async function signIn(browser, server, { login, role = "admin", name, path = "/", size = desktop, args = [] }) {
  const origin = new URL(server.url).origin;
  const link = server.run("user", "add", login, "--role", role, ...(name ? ["--name", name] : []), ...args);
  const opened = await openPage(browser, origin + "/docs", size);
  const answer = await opened.context.request.post(origin + "/v1/links/use", { data: { secret: link.split("#").at(-1), password } });
  assert.equal(answer.status(), 200, await answer.text());
  await opened.page.goto(origin + path);
  await opened.page.getByRole("main").waitFor();
  return { ...opened, origin };
}

/**
 * until looks again and again until holds is true of what look gives, and
 * gives that. It is for what no page shows: what a page shows is waited for
 * with a locator. Where it does not come to be, it says what was awaited and
 * what was seen last.
 */
export async function until(what, look, holds = Boolean, { seconds = 20, pauseMs = 100 } = {}) {
  for (const end = Date.now() + seconds * 1000; ; await pause(pauseMs)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) assert.fail(`for ${seconds} s it was not so that ${what}; seen last: ${inspect(seen)}`);
  }
}

/** rest waits until all that a page reads has come. */
export async function rest(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.locator("main [aria-busy=true]").first().waitFor({ state: "detached" });
}

/** inScheme has a page follow the system's look, and waits until it does. */
export async function inScheme(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme });
  await until(`the page follows the system's look, ${scheme}`, () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme), (seen) => seen === scheme);
}

/**
 * looks takes a picture of a page at both widths, light and dark, in the
 * session that is open, and has axe look at each. ready waits until the page
 * shows what it is to show.
 */
export async function looks(page, name, ready = async () => {}) {
  const was = page.viewportSize();
  for (const { width, scheme } of sizes) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    await inScheme(page, scheme);
    await ready(page);
    await page.screenshot({ path: join(shots, `console-${name}-${width}-${scheme}.png`) });
    await sound(page, `${name}, ${width} px, ${scheme}`);
  }
  await page.setViewportSize(was);
  await page.emulateMedia({ colorScheme: "light" });
}

/**
 * pressTwo presses one key and another until what they lead to is there: a
 * slow machine may take the two for two of one.
 */
export async function pressTwo(page, first, second, there) {
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press(first);
    await page.keyboard.press(second);
    if (await there.waitFor({ timeout: 4000 }).then(() => true, () => false)) return;
  }
  assert.fail(`${first} and ${second} do not lead to ${there}`);
}

/** tabTo presses Tab, or the key given, until what is looked for has the focus. */
export async function tabTo(page, locator, key = "Tab") {
  for (let i = 0; i < 150; i++) {
    if (await locator.evaluate((el) => el === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  assert.fail("the focus does not reach " + locator);
}

/**
 * telephone, as an init script, keeps the calls that a page begins in
 * window.dialed: a browser without a telephone asks in a window of its own,
 * which no test can close.
 */
export function telephone() {
  const click = HTMLAnchorElement.prototype.click;
  window.dialed = [];
  HTMLAnchorElement.prototype.click = function () {
    if (/^(tel|sips?):/.test(this.href)) window.dialed.push(this.href);
    else click.call(this);
  };
}
