// What the stories on the sandbox page share.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "./console.mjs";
import { openPage, startBrowser, startDemo } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

export const order = "A-10234";
export const question = `@acme where is my order ${order}? It should have been here two days ago`;

/** strangerOnly are answers that somebody who is not signed in gets, and must. */
const strangerOnly = /^401 for GET \S+\/v1\/session$|status of 401 \(Unauthorized\)$/;
export const unexpected = (wrong) => wrong.filter((w) => !strangerOnly.test(w));

let browser;

/** servers is, for each page that is visited, how to ask its server. */
const servers = new WeakMap();

before(async () => { browser = await startBrowser(); });
after(async () => {
  await browser?.close();
  console.log("screenshots: " + shots);
});

async function ask(url, path, token) {
  const answer = await fetch(new URL(path, url), { headers: { Authorization: `Bearer ${token}` } });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

/** visit runs a story on a page of a fresh demo and holds what holds for all. */
async function visit(look, story) {
  const demo = await startDemo();
  let view;
  try {
    view = await openPage(browser, demo.url, look);
    const token = demo.run("token", "create", "--name", "look", "--role", "read");
    servers.set(view.page, (path) => ask(demo.url, path, token));
    const policy = view.response.headers()["content-security-policy"] || "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    let n = 0;
    const check = async (name) => {
      await sound(view.page, name);
      await view.page.screenshot({ path: join(shots, `${look.width}-${look.scheme}-${look.by}-${++n}-${name}.png`) });
    };
    await story(view.page, check, look.width < 600);
    assert.deepEqual(unexpected(view.wrong), []);
    assert.doesNotMatch(await view.page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href])), /maria|stranger|A-10234/i);
  } catch (err) {
    if (view) await view.page.screenshot({ path: join(shots, `failed-${look.width}-${look.scheme}-${look.by}.png`) }).catch(() => {});
    throw err;
  } finally {
    await view?.context.close();
    await demo.stop();
  }
}

/** column is what one customer sees of the network. */
export const column = (page, handle) => page.locator(`#as-${handle}`);
export const text = (page, handle) => column(page, handle).getByRole("textbox");
export const answers = (page, handle) => column(page, handle).locator("article[data-from=company]");

/** section is a part of what the advocate of the customer at hand knows. */
export const section = (page, id) => page.locator("#inside-" + id);

/**
 * count waits until a customer sees so many answers and the advocate has
 * nothing left to do: then there are no more than these, nor will there be.
 */
export async function count(page, handle, n) {
  const get = servers.get(page);
  await answers(page, handle).nth(n - 1).waitFor();
  await until("the advocate is done", async () => {
    const { inbox_pending: inbox, effects_pending: effects } = await get("/v1/status");
    return { inbox, effects };
  }, ({ inbox, effects }) => inbox === 0 && effects === 0);
  const { items } = await get(`/v1/sandbox/timeline?as=${handle}&limit=200`);
  const sent = items.filter((p) => p.company && p.to === handle).map((p) => p.text);
  assert.equal(sent.length, n, `@${handle} was written: ${sent.join(" | ")}`);
  assert.equal(await answers(page, handle).count(), n);
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
