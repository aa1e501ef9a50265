// What the console may cost and must not do: the script of the desk page, the
// policy of its answers, what is kept, and whom it asks. How long it takes is
// measured by bench.mjs, and not tested.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { transferred } from "./measure.mjs";

const budget = 300 * 1024;
const tiny = 1500; // what fits a packet gains nothing

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

test("the first load of the desk", async () => {
  const { page, context, wrong, origin } = await signIn(browser, server, { login: "bud", name: "Bud Okafor", role: "agent" });
  const scripts = await transferred(context, origin + "/desk", async (fresh) => {
    await fresh.getByRole("heading", { level: 1, name: "Desk" }).waitFor();
    await fresh.waitForTimeout(1500); // never idle: the stream stays open
  });
  const sum = scripts.reduce((n, s) => n + s.bytes, 0);
  const list = scripts.map((s) => `${(s.bytes / 1024).toFixed(1)} KB ${s.url.split("/").at(-1)}`).join(", ");
  assert.ok(scripts.length > 1, "no scripts were seen");
  const loose = scripts.filter((s) => !s.encoding && s.bytes > tiny);
  assert.deepEqual(loose, [], "not compressed");
  assert.ok(sum < budget, `${(sum / 1024).toFixed(1)} KB of script: ${list}`);
  console.log(`${(sum / 1024).toFixed(1)} KB of compressed script: ${list}`);

  // What is loaded for other pages is not loaded here.
  assert.doesNotMatch(list, /recharts|charts|codemirror|editor/i);

  const { headers, status } = await page.request.get(origin + "/desk", { headers: { Accept: "text/html" } })
    .then((r) => ({ headers: r.headers(), status: r.status() }));
  assert.equal(status, 200);
  const policy = headers["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-|\*|https?:/);
  assert.deepEqual(wrong, []); // requests to other hosts are among them
  await context.close();
});

test("every page keeps nothing personal and asks nobody else", async () => {
  const { page, context, wrong, origin } = await signIn(browser, server, { login: "kay", name: "Kay Winther", path: "/live" });
  await page.request.post(origin + "/v1/sandbox/posts", { data: { handle: "maria", text: "@acme where is my order A-10234? It should have been here two days ago" } });
  await page.getByRole("region", { name: "Posts" }).getByText("where is my order A-10234").waitFor();
  const customer = (await (await page.request.get(origin + "/v1/customers?q=sandbox/maria")).json()).items[0].id;
  const found = (await (await page.request.get(`${origin}/v1/customers/${customer}/cases`)).json()).items[0].id;
  const paths = ["/desk", "/reports", "/customers", `/customers/${customer}`, `/cases/${found}`, `/why/${found}`, "/approvals", "/playbooks",
    "/connections", "/people", "/sandbox", "/guide"];
  for (const path of paths) {
    await page.goto(origin + path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.waitForTimeout(300);
  }
  // Searching is part of it: what is looked for is in no address.
  await page.goto(origin + "/customers");
  await page.locator("input[type=search]").first().fill("lopez");
  await page.getByText("Maria Lopez").first().waitFor();
  const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), location.href, document.cookie]));
  assert.doesNotMatch(kept, /maria|lopez|kay|winther|2025550|example\.com|A-10234/i, "something personal is kept or in the address");
  assert.deepEqual(wrong, []);
  await context.close();
});
