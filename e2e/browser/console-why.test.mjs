// Why: a reply, a work item and a silence open their explanation, and from a
// rule one gets to its line in the version of the playbook that decided.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { looks, signIn } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([startBrowser(), startDemo()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const step = (page, n) => page.getByRole("listitem").filter({ has: page.locator(`[data-step="${n - 1}"]`) });

test("why", async () => {
  const { page, wrong, context, origin } = await signIn(browser, server, { login: "wim", name: "Wim Roos", role: "admin", path: "/customers" });
  const get = async (path) => (await context.request.get(origin + path)).json();
  const write = async (handle, text) => (await (await context.request.post(origin + "/v1/sandbox/posts", { data: { handle, text } })).json()).id;
  await write("maria", "@acme where is my order A-10234? It should have been here two days ago and I am really annoyed");
  const aside = await write("passerby", "@acme lol nice shirt in that ad, buy followers cheap");
  const maria = (await get("/v1/customers?q=maria")).items[0].id;

  // From a reply in the customer's history to its reasons.
  await page.getByRole("combobox", { name: "Find a customer" }).fill("maria");
  await page.getByRole("option", { name: /Maria Lopez/ }).click();
  const history = page.getByRole("region", { name: "History" }).first();
  await history.getByText("is late by").waitFor();
  await history.getByRole("link", { name: "Why: Reply" }).first().click();
  await page.waitForURL(/\/why\//);
  await page.getByRole("heading", { level: 1, name: "Why: a reply" }).waitFor();
  await page.getByText("asked about").waitFor();
  await page.getByRole("link", { name: /^late-and-upset/ }).waitFor();
  await page.getByRole("row", { name: /order\.late/ }).getByText("true").waitFor();
  await page.getByText("reply with order-late-call").waitFor();
  await page.getByText("done 1 attempt").waitFor();
  assert.doesNotMatch(page.url(), /maria/i);
  await looks(page, "why-reply");

  // The whole case step by step with the keyboard, into the rules that did not fire.
  await page.getByRole("link", { name: "The whole story" }).click();
  await page.getByRole("heading", { level: 1, name: "Why: a case" }).waitFor();
  await page.getByText("What was understood").waitFor();
  await page.keyboard.press("j");
  await page.locator(":focus[aria-expanded=false]").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(":focus[aria-expanded=true]").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("k");
  await page.getByText("Taken for").waitFor();
  await page.keyboard.press("f");
  await page.locator(":focus[aria-label='Filter by name or condition']").waitFor();
  await page.keyboard.type("legal_threat");
  const left = page.getByRole("link", { name: /^serious-matter/ });
  await left.waitFor();
  assert.equal(await page.getByRole("link", { name: /^call-me-now/ }).isVisible(), false);
  await looks(page, "why-understood");

  // From a rule to its line in the version that decided.
  const address = await left.getAttribute("href");
  const version = (await get("/v1/playbooks/active")).version;
  const source = (await get("/v1/playbooks/" + version)).source.split("\n");
  const line = Number(new URL(address, origin).searchParams.get("line"));
  assert.equal(new URL(address, origin).pathname, "/playbooks/" + version);
  assert.match(source[line - 1], /name: serious-matter/);

  // A work item, from the customer's page.
  await page.goto(origin + "/customers/" + maria);
  await page.getByRole("region", { name: "Work for people" }).getByRole("link", { name: "Why: Callback" }).click();
  await page.getByRole("heading", { level: 1, name: "Why: a work item" }).waitFor();
  await page.getByText(/create a work item: .*in the queue care/).first().waitFor();
  await page.getByText("created: rule late-and-upset").waitFor();

  // What no rule asked for says what it follows from: the closing message, that somebody completed the work.
  const item = page.url().split("/").at(-1);
  for (const [verb, data] of [["assign"], ["complete", { disposition: "resolved" }]]) {
    const answer = await context.request.post(`${origin}/v1/work-items/${item}/${verb}`, { data });
    assert.ok(answer.ok(), `${verb}: ${answer.status()} ${await answer.text()}`);
  }
  await page.getByRole("button", { name: /Wim Roos: completes the work item/ }).click();
  await page.getByText("no rule asked for it, it follows from: Wim Roos: completes the work item").waitFor();
  await page.getByText("The rule late-and-upset asked for it.").first().waitFor();

  // A silence: a post that nobody answered.
  await page.goto(origin + "/why/" + encodeURIComponent("sandbox/" + aside));
  await page.getByText("Nothing was said.").waitFor();
  await page.getByText(/The post was set aside/).waitFor();
  await looks(page, "why-silence");
  assert.deepEqual(wrong, []);

  // What is nowhere recorded says so.
  await page.goto(origin + "/why/nothing-of-that-name");
  await page.getByText("Nothing is recorded of that").waitFor();
  assert.ok(wrong.every((w) => /404/.test(w)), wrong.join("\n"));
  await context.close();
});
