// From an empty server to a first handled post, and what an operator sets up
// around it: people, tokens, webhooks, what could not be sent, and the log of
// all that.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { desktop, looks, password, signIn, until } from "./console.mjs";
import { openPage, startBrowser, startServer } from "./demo.mjs";

// The webhook's receiver is on this machine.
process.env.ADVOCATE_ALLOW_PRIVATE = "true";

// A call is offered at any hour.
const config = "policy: {quiet_from: 0, quiet_to: 0}\n";

let browser;
let server;
let origin;
let boss;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startServer({ config })]);
  origin = new URL(server.url).origin;
});
after(async () => { await browser?.close(); await server?.stop(); });

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

test("the first administrator is led to a first handled post", async () => {
  boss = await openPage(browser, server.url, desktop);
  const { page } = boss;
  await page.getByLabel("Login").fill("boss");
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/guide$/);
  await heading(page, "First steps");
  await page.getByText("1 of 9 done").waitFor();
  await looks(page, "guide-empty", (p) => p.getByRole("button", { name: "Become an agent yourself" }).waitFor());

  await page.getByRole("button", { name: "Become an agent yourself" }).press("Enter");
  await page.getByText("You are an agent in all queues now").waitFor();
  // To be an agent is not to be there: that is another step.
  await page.getByText("2 of 9 done").waitFor();
  // What was pressed is gone with its step: the focus is on the one that is next.
  await page.waitForFunction(() => document.activeElement?.id === "step-available");
  await page.getByRole("button", { name: "I am available" }).press("Enter");
  await page.getByText("3 of 9 done").waitFor();
  await page.getByRole("button", { name: /^Bring customers and orders in/ }).press("Enter");
  await page.getByText("advocate import orders orders.csv").waitFor();
  await page.getByRole("button", { name: /^Try it: post as a customer/ }).press("Enter");
  await page.getByRole("button", { name: "Post it" }).press("Enter");
  await page.getByText("That was it.").waitFor();
  await page.getByText("4 of 9 done").waitFor();
  await page.getByRole("link", { name: "See why" }).click();
  await page.waitForURL(/\/why\//);
  const guide = await boss.context.newPage(); // stays open beside it, and is not touched
  await guide.goto(origin + "/guide");
  await guide.getByText("4 of 9 done").waitFor();
  await guide.getByText("1 work item waits for somebody.").waitFor();
  // The call that the customer asked for is offered on any page; taken, the guide is over.
  await page.getByRole("button", { name: /^Accept/ }).first().click();
  await page.waitForURL(/\/desk\//);
  await page.waitForFunction(() => document.activeElement?.tagName === "H2"); // whose matter it is
  await guide.getByText("5 of 9 done").waitFor();
  await guide.close();
  await page.goto(origin + "/guide");
  await page.getByText("a person took the work that it led to").waitFor();
  await looks(page, "guide-handled");

  await page.goto(origin + "/");
  await page.waitForURL(/\/live$/, { timeout: 10_000 }); // the steps are behind them
  await page.getByRole("link", { name: "First steps" }).click();
  await heading(page, "First steps");
});

test("somebody is added, and comes in by the link", async () => {
  const { page } = boss;
  await page.goto(origin + "/people");
  await heading(page, "People");
  await page.getByText("(you)").waitFor();
  await page.keyboard.press("n");
  const form = page.getByRole("dialog", { name: "Add a person" });
  await form.getByRole("textbox", { name: "Login" }).fill("No Such Login");
  await form.getByLabel("Name", { exact: true }).fill("Ann Lee");
  await form.getByRole("button", { name: "Add and make the link" }).click();
  await form.getByText(/no such login|small letters|want/i).last().waitFor(); // refused at its field
  await looks(page, "people-add");
  await form.getByRole("textbox", { name: "Login" }).fill("ann");
  await form.getByRole("combobox", { name: "Works in" }).click();
  await page.getByRole("option").first().click();
  await page.keyboard.press("Escape");
  await form.getByRole("textbox", { name: "Login" }).press("Enter");
  const link = await form.getByText(/\/link#/).innerText();
  await form.getByRole("button", { name: "I have kept it" }).press("Enter");
  await page.getByRole("button", { name: /Ann Lee.*invited/ }).waitFor();

  const ann = await openPage(browser, link, desktop);
  await ann.page.getByLabel("New password", { exact: true }).fill(password);
  await ann.page.keyboard.press("Enter");
  await ann.page.waitForURL((url) => url.pathname !== "/link");
  await ann.page.getByRole("main").waitFor();

  await page.reload();
  await page.getByRole("button", { name: /Ann Lee.*active/ }).click();
  const person = page.getByRole("dialog", { name: "Ann Lee" });
  await person.getByText(/Chrome · Linux/).waitFor();
  await looks(page, "person");
  await person.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: "Supervisor" }).click();
  await person.getByText("sign in again").waitFor();
  await person.getByRole("button", { name: "Save" }).click();
  await page.getByText("Changes to ann are saved").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /Ann Lee.*Supervisor/ }).waitFor();
  const gone = await ann.context.request.get(origin + "/v1/session");
  assert.equal(gone.status(), 401, "other rights end the sessions");
  await page.keyboard.press("z"); // and can be taken back
  await page.getByRole("button", { name: /Ann Lee.*Agent/ }).waitFor();
  await looks(page, "people");
  await ann.context.close();

  await page.keyboard.press("2");
  await page.waitForURL(/\/people\/agents$/);
  await page.getByRole("button", { name: /Ann Lee/ }).click();
  const agent = page.getByRole("dialog", { name: "Ann Lee" });
  await agent.getByRole("button", { name: "Add a skill" }).click();
  await agent.getByRole("combobox", { name: "Skill" }).fill("orders");
  await agent.getByText("5", { exact: true }).click();
  await looks(page, "agent");
  await agent.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: /Ann Lee.*orders 5/ }).waitFor();

  await page.keyboard.press("3");
  await page.waitForURL(/\/people\/macros$/);
  await page.keyboard.press("n");
  const macro = page.getByRole("dialog", { name: "Add a macro" });
  await macro.getByLabel("Title").fill("We are sorry");
  await macro.getByPlaceholder("The text").fill("We are sorry about that, and look at it now.");
  await macro.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: /We are sorry/ }).waitFor();
});

test("a token is made, works, and is revoked", async () => {
  const { page } = boss;
  await page.goto(origin + "/people/tokens");
  await page.getByRole("button", { name: /^Revoke / }).first().waitFor();
  await page.keyboard.press("n");
  const form = page.getByRole("dialog", { name: "Make a token" });
  await form.getByRole("textbox", { name: "Name" }).fill("shop");
  await form.getByRole("textbox", { name: "Name" }).press("Enter");
  const once = page.getByRole("status", { name: "The token shop" });
  const secret = (await once.locator("pre").innerText()).trim();
  await looks(page, "token");
  const headers = { Authorization: "Bearer " + secret };
  // A network that replies cannot leave by: what is answered there becomes a dead letter.
  for (const id of ["1", "2"]) {
    const taken = await page.request.post(origin + "/v1/posts", { headers, data: { network: "elsewhere.example", id, author: { id: "k" + id, handle: "kim" + id }, text: "I want to talk to a person please. My number is +1 202 555 0148, you may call me.", visibility: "private" } });
    assert.equal(taken.status(), 202, await taken.text());
  }
  await once.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Revoke shop" }).click();
  await page.getByText(/shop is revoked in/).waitFor();
  await page.getByText("shop is worth nothing now").waitFor();
  const refused = await page.request.post(origin + "/v1/posts", { headers, data: {} });
  assert.equal(refused.status(), 401);
});

test("dead letters are tried again, and dropped", async () => {
  const { page } = boss;
  await page.goto(origin + "/connections");
  await heading(page, "Connections");
  await page.getByRole("link", { name: /Dead letters/ }).first().waitFor();
  await looks(page, "connections", (p) => p.getByText("Orders (built in)").waitFor());
  await page.getByRole("button", { name: "Connect something" }).click();
  await page.getByRole("dialog", { name: "Connect something" }).getByText("warehouse.example.com").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await page.waitForURL(/\/connections\/dead-letters$/);
  const letters = page.getByRole("list", { name: "Dead letters" }).getByRole("listitem");
  await letters.nth(1).waitFor();
  await looks(page, "dead-letters");
  await page.keyboard.press("r");
  await page.getByText("It is tried again", { exact: true }).first().waitFor();
  await letters.nth(1).waitFor(); // it fails anew and is back
  await page.keyboard.press("x");
  await page.getByText(/It is dropped in/).waitFor();
  assert.equal(await letters.count(), 1);
  await page.keyboard.press("z");
  await letters.nth(1).waitFor(); // called off
});

test("a webhook is added, tested, and a delivery sent again", async () => {
  const { page } = boss;
  const came = [];
  const receiver = createServer((req, res) => {
    let body = "";
    req.on("data", (b) => (body += b));
    req.on("end", () => { came.push({ id: req.headers["webhook-id"], signature: req.headers["webhook-signature"], type: JSON.parse(body).type }); res.writeHead(204).end(); });
  });
  await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
  try {
    await page.goto(origin + "/connections/webhooks");
    await page.getByText("No webhook yet").waitFor();
    await page.keyboard.press("n");
    const form = page.getByRole("dialog", { name: "Add a webhook" });
    await form.getByLabel("Address").fill("ftp://example.com/");
    await form.getByRole("button", { name: "Add a webhook" }).click();
    await form.getByText(/such as https/).waitFor();
    await form.getByLabel("Address").fill(`http://127.0.0.1:${receiver.address().port}/hooks`);
    await form.getByLabel("Event types").fill("advocate.case.*");
    await form.getByLabel("Address").press("Enter");
    const once = page.getByRole("status", { name: "The secret of this webhook" });
    assert.match(await once.locator("pre").innerText(), /^whsec_/);
    await once.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText(/It answered 204/).waitFor();
    assert.equal(came.at(-1).type, "advocate.webhook.test");

    const posted = await page.request.post(origin + "/v1/sandbox/posts", { data: { handle: "lou", text: "@advocate how long do I have to return something?" } });
    assert.ok(posted.ok());
    const arrived = page.getByRole("listitem").filter({ hasText: "advocate.case.opened" }).last(); // within the webhook's own
    await until("the delivery arrived", async () => {
      await page.getByRole("button", { name: "Read again" }).click();
      return arrived.allInnerTexts();
    }, ([text]) => /Arrived/.test(text));
    const id = came.find((c) => c.type === "advocate.case.opened").id;
    await arrived.getByRole("button", { name: /advocate\.case\.opened/ }).click();
    await page.getByText('"specversion"').first().waitFor();
    await looks(page, "webhook");
    await arrived.getByRole("button", { name: "Send again" }).click();
    await page.getByText("It is sent again", { exact: true }).waitFor();
    await until("the same webhook-id came again", () => came.filter((c) => c.id === id).length, (n) => n === 2);

    await page.getByRole("button", { name: /^Menu of http/ }).click();
    await page.getByRole("menuitem", { name: "New secret" }).click();
    await once.waitFor();
    await once.getByRole("button", { name: "I have kept it" }).click();
    await page.getByText("The old secret still signs").waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText(/It answered 204/).waitFor();
    assert.match(came.at(-1).signature, / /, "both secrets sign");
    await page.getByRole("button", { name: /^Menu of http/ }).click();
    await page.getByRole("menuitem", { name: "Disable" }).click();
    await page.getByText("The webhook is disabled").waitFor();
    await page.keyboard.press("z");
    await page.getByText("Undone").first().waitFor();
    await page.getByRole("button", { name: /hooks.*on$/ }).waitFor();
  } finally {
    receiver.close();
  }
});

test("the audit log has all of it", async () => {
  const { page, wrong, context } = boss;
  await page.goto(origin + "/people/audit");
  const log = page.getByRole("region", { name: "Who saw or changed what" }).last();
  await log.getByText("replayed").or(log.getByText("sent a delivery again")).first().waitFor();
  await looks(page, "audit");
  await page.getByRole("combobox", { name: "Action" }).fill("revoked");
  await page.getByRole("option", { name: "revoked a token (revoke-token)" }).click();
  await page.getByRole("button", { name: /boss revoked a token token\/shop/ }).click();
  await page.getByText(/^revoke-token · by session/).waitFor();
  await page.getByLabel("Person or token").fill("nobody");
  await page.getByText("Nothing of that kind").waitFor();
  await page.getByRole("button", { name: "Take the filters away" }).click();
  await page.getByText("Nothing of that kind").waitFor({ state: "detached" });
  await log.getByRole("listitem").first().waitFor();

  await page.getByRole("button", { name: /^Menu of/ }).click();
  await page.getByRole("menuitemradio", { name: "Español" }).click();
  await page.getByRole("link", { name: "Auditoría" }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  assert.doesNotMatch(kept, /boss|Ann|whsec|token/);
  // What was refused was meant to be: a login and an address that will not do. And who becomes an agent was looked for as one.
  assert.deepEqual(wrong.filter((w) => !/^400 for POST .*\/v1\/(users|webhooks)$|^404 for GET .*\/v1\/agents\/boss$|Failed to load resource/.test(w)), []);
  await context.close();
});

test("a log that was narrowed down reads on as the whole does", async () => {
  const { page, context } = await signIn(browser, server, { login: "ada", path: "/people" });
  const at = new Date().toISOString();
  const asked = [];
  await page.route(/\/v1\/audit\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor") ?? 0);
    asked.push(`${query.get("by") ?? ""} ${from}`);
    const one = (n) => ({ seq: 1000 - n, at, by: "ada", via: "session", action: "put-macro", object: `macro/m${n}`, outcome: "ok" });
    return route.fulfill({ json: { items: Array.from({ length: 100 }, (_, i) => one(from + i)), next: from < 300 ? String(from + 100) : "" } });
  });
  await page.goto(origin + "/people/audit");
  const log = page.getByRole("region", { name: "Who saw or changed what" }).last();
  const toEnd = async (n) => {
    await log.getByText(`macro/m${n - 99}`, { exact: true }).or(log.getByText("macro/m0", { exact: true })).first().waitFor();
    await log.evaluate((el) => { el.scrollTop = el.scrollHeight; });
    await log.getByText(`macro/m${n}`, { exact: true }).waitFor();
  };
  for (const n of [99, 199, 299]) await toEnd(n);
  await page.getByLabel("Person or token").fill("ada");
  await until("the narrowed list is read", () => asked.includes("ada 0"));
  for (const n of [99, 199]) await toEnd(n);
  await context.close();
});

test("a supervisor sees agents and macros, and no more", async () => {
  const { page, wrong, context } = await signIn(browser, server, { login: "sue", role: "supervisor", path: "/people" });
  await page.getByRole("link", { name: "Agents" }).waitFor();
  await page.getByRole("button", { name: /Ann Lee/ }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Tokens" }).count(), 0);
  await page.goto(origin + "/connections");
  await page.getByText("Orders (built in)").waitFor();
  assert.equal(await page.getByRole("link", { name: "Webhooks" }).count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});
