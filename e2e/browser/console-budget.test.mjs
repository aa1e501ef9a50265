// What the desk may cost: the script of its first load, with nothing open and
// with a work item open, and the policy of its answers. How long it takes is
// measured by bench.mjs, and not tested.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { transferred } from "./measure.mjs";

const budget = 300 * 1024;
const tiny = 1500; // what fits a packet gains nothing by being compressed
const editor = "cm-editor"; // what CodeMirror calls itself on the page

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const ready = (text) => async (page) => {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText(text).filter({ visible: true }).first().waitFor();
  await page.getByRole("img", { name: "Live", exact: true }).waitFor();
};

test("the first load of the desk", async () => {
  const { page, context, wrong, origin } = await signIn(browser, server, { login: "bud", name: "Bud Okafor", role: "supervisor" });
  server.run("agent", "set", "bud", "--queues", "care");
  const asked = "can a real person please call me about A-10606?";
  await page.request.post(origin + "/v1/sandbox/posts", { data: { handle: "henryw", text: "@acme " + asked } });
  const item = await until("somebody is to be called", async () => (await (await page.request.get(origin + "/v1/work-items")).json()).items[0]?.id);

  /** scripts are what an address loads, each with its text. */
  const scripts = async (path, text) => {
    const list = await transferred(context, origin + path, ready(text));
    return Promise.all(list.map(async (s) => ({ ...s, name: s.url.split("/").at(-1), text: await (await page.request.get(s.url)).text() })));
  };
  const desk = await scripts("/desk", asked);
  const open = await scripts("/desk/" + item, "Good to know");
  for (const [what, list] of [["the desk", desk], ["the desk with a work item open", open]]) {
    const sum = list.reduce((n, s) => n + s.bytes, 0);
    const all = list.map((s) => `${(s.bytes / 1024).toFixed(1)} KB ${s.name}`).join(", ");
    console.log(`${what}: ${(sum / 1024).toFixed(1)} KB of compressed script: ${all}`);
    assert.ok(list.every((s) => s.bytes > 0) && sum > budget / 4, "not all scripts were seen: " + all);
    assert.deepEqual(list.filter((s) => !s.encoding && s.bytes > tiny).map((s) => s.name), [], "not compressed");
    assert.ok(sum < budget, `${what} loads ${(sum / 1024).toFixed(1)} KB of script: ${all}`);
  }
  // What only an open item needs waits for one; the editor's part is known where it is at home, and not loaded here.
  assert.ok(desk.length < open.length, "an empty desk loads what an open item needs");
  const withEditor = (list) => list.filter((s) => s.text.includes(editor)).map((s) => s.name);
  assert.notDeepEqual(withEditor(await scripts("/playbooks/1", "late-and-upset")), []);
  assert.deepEqual(withEditor([...desk, ...open]), []);

  const answer = await page.request.get(origin + "/desk", { headers: { Accept: "text/html" } });
  assert.equal(answer.status(), 200);
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-|\*|https?:/);
  assert.deepEqual(wrong, []); // requests to other hosts are among them
  await context.close();
});
