// What the stories on the sandbox page share.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPage, startBrowser, startDemo } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

export const order = "A-10234";
export const question = `@acme where is my order ${order}? It should have been here two days ago`;
let browser;

before(async () => { browser = await startBrowser(); });
after(async () => {
  await browser?.close();
  console.log("screenshots: " + shots);
});

/** visit runs a story on a page of a fresh demo and holds what holds for all. */
async function visit(look, story) {
  const demo = await startDemo();
  let view;
  try {
    view = await openPage(browser, demo.url, look);
    const policy = view.response.headers()["content-security-policy"] || "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    let n = 0;
    const check = async (name) => {
      await sound(view.page, name);
      await view.page.screenshot({ path: join(shots, `${look.width}-${look.scheme}-${look.by}-${++n}-${name}.png`), fullPage: true });
    };
    await story(view.page, check);
    assert.deepEqual(view.wrong, []);
  } catch (err) {
    if (view) await view.page.screenshot({ path: join(shots, `failed-${look.width}-${look.scheme}-${look.by}.png`), fullPage: true }).catch(() => {});
    throw err;
  } finally {
    await view?.context.close();
    await demo.stop();
  }
}

export const answers = (page) => page.locator("#posts .post", { has: page.locator(".face.us") });
export const section = (page, id) => page.locator("#" + id);

/** count waits until there are so many answers, and no more. */
export async function count(page, n) {
  await answers(page).nth(n - 1).waitFor();
  assert.equal(await answers(page).count(), n);
}

export async function settled(page, work) {
  await section(page, "work").getByText(work, { exact: true }).waitFor();
}

/** everywhere makes a test of a story for each window and color scheme. */
export function everywhere(by, story) {
  for (const width of [1440, 390]) {
    for (const scheme of ["light", "dark"]) {
      test(`the story by ${by}, ${width} px, ${scheme}`, () => visit({ width, scheme, by }, story));
    }
  }
}
