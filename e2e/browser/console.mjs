// Signs people in to a running server's console, each with a browser context
// of their own.
import assert from "node:assert/strict";
import { join } from "node:path";
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
 * looks takes a picture of a page at both widths, light and dark, in the
 * session that is open, and has axe look at each. ready waits until the page
 * shows what it is to show.
 */
export async function looks(page, name, ready = async () => {}) {
  const was = page.viewportSize();
  for (const { width, scheme } of sizes) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await ready(page);
    await page.screenshot({ path: join(shots, `console-${name}-${width}-${scheme}.png`) });
    await sound(page, `${name}, ${width} px, ${scheme}`);
  }
  await page.setViewportSize(was);
  await page.emulateMedia({ colorScheme: "light" });
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
