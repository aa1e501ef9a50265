// A case on one screen: what was said, what is known, and what a person can do
// about it, by keyboard where it matters.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { looks, pressTwo, signIn, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { shots, sound } from "./look.mjs";

let browser;
let server;
let origin;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startDemo()]);
  origin = new URL(server.url).origin;
});
after(async () => { await browser?.close(); await server?.stop(); });

async function post(handle, text, more = {}) {
  const answer = await fetch(`${origin}/v1/sandbox/posts`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ handle, text, ...more }),
  });
  assert.ok(answer.ok, `a post: ${answer.status}`);
}

/** What the company wrote that a handle can read. */
async function received(handle) {
  const { items } = await (await fetch(`${origin}/v1/sandbox/timeline?as=${handle}&limit=200`)).json();
  return items.filter((p) => p.company).map((p) => `${p.visibility}: ${p.text}`);
}

/** An API call of who is signed in. */
async function call(who, method, path, data) {
  const answer = await who.context.request.fetch(origin + path, { method, data });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
}

const caseOf = (who, author) => until(`${author} has a case`, async () => {
  const { items } = await call(who, "GET", "/v1/cases");
  return items.find((c) => c.identity.author === author && c.posts.length > 1);
});

/** A picture and axe's word on a passing state, at one size. */
async function shot(page, name) {
  await page.screenshot({ path: join(shots, `console-cases-${name}.png`) });
  await sound(page, name);
}

const composer = (page, name) => page.getByRole("textbox", { name });

test("a person takes a case over, by keyboard alone", async () => {
  const kim = await signIn(browser, server, { login: "kim", name: "Kim Alder", role: "supervisor", path: "/customers" });
  const { page } = kim;
  await call(kim, "PUT", "/v1/macros/sorry", {
    title: "Sorry for the delay", texts: { en: "Hello {first_name}, I am sorry about {order}. {agent}", es: "Lo siento" },
  });
  await post("maria", "@acme My order A-10234 is still not here, this is the third time I ask. Really annoyed!");
  const found = await caseOf(kim, "maria");
  await page.goto(`${origin}/cases/${found.id}`);
  await page.getByRole("heading", { level: 2, name: /Maria Lopez wants to know where an order is \(A-10234\), and is upset/ }).waitFor();
  const talk = page.getByRole("region", { name: "Conversation" });
  await talk.getByText("third time I ask").waitFor();
  await talk.getByText("A colleague will call you").waitFor();
  await page.getByRole("region", { name: "Promises" }).getByText("A call", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Orders" }).getByText("late", { exact: true }).waitFor();
  await looks(page, "cases-advocate", () => talk.getByText("third time I ask").waitFor());

  // What is new comes by itself and is read out.
  await post("maria", "@acme hello? A-10234!");
  await talk.getByText("hello? A-10234!").waitFor();
  await page.getByRole("status").filter({ hasText: "New message from" }).waitFor({ state: "attached" });

  // Corrected with one key, and it becomes a label.
  await page.keyboard.press("i");
  await page.getByRole("combobox", { name: "What is it about?" }).fill("compl");
  await page.getByRole("option", { name: /Complaint about service/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "About: Complaint about service. Correct it" }).waitFor();

  await page.keyboard.press("o");
  await page.getByRole("button", { name: "Hand back" }).waitFor();
  await page.getByText("You have it; the advocate says nothing meanwhile.").waitFor();

  // In public the guard speaks before anything is sent.
  await page.keyboard.press("Shift+R");
  await composer(page, "Public reply").waitFor();
  await page.keyboard.type("Your chair A-10234 comes tomorrow, we call +1 202 555 0101");
  await page.getByText("This would not leave.").first().waitFor();
  assert.ok(await page.getByRole("button", { name: "Send in public" }).isDisabled());
  await looks(page, "cases-public", () => page.getByText("This would not leave.").first().waitFor());
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Escape");

  // A macro, filled, called off, and the words are back.
  const before = await received("maria");
  await page.keyboard.press("r");
  await composer(page, "Private reply").waitFor();
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Macros" }).fill("sorry");
  await page.getByRole("option", { name: /Sorry for the delay/ }).waitFor();
  await shot(page, "macro");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.value === "Hello Maria, I am sorry about A-10234. Kim Alder");
  await page.keyboard.press("Control+Enter");
  await talk.getByText("leaves in a moment").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("z");
  await page.waitForFunction(() => document.querySelector("textarea")?.value.startsWith("Hello Maria"));
  assert.equal(await talk.getByText("leaves in a moment").count(), 0);

  // A draft stays while one looks at something else, and nowhere but in memory.
  await pressTwo(page, "g", "c", page.getByRole("heading", { level: 1, name: "Customers" }));
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage])), /Maria|sorry/);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.startsWith("Hello Maria"));

  // Sent for good it reaches the customer, privately, and nobody else.
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.press("Control+Enter");
  const reply = "Hello Maria, I am sorry about A-10234. Kim Alder";
  await until("the reply arrives", () => received("maria"), (list) => list.includes(`private: ${reply}`));
  assert.equal((await received("maria")).length, before.length + 1);
  assert.ok(!(await received("priya")).some((p) => p.includes("I am sorry about")));
  await talk.getByText("Kim Alder", { exact: true }).first().waitFor();

  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await composer(page, "Note").waitFor();
  await page.keyboard.type("She is patient, but not for long.");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.querySelector("textarea")?.value === "");
  await page.keyboard.press("Escape");
  await page.keyboard.press("h");
  const past = page.getByRole("region", { name: "History, newest first" });
  const note = past.getByText("She is patient, but not for long.");
  await note.waitFor();
  await past.getByText("from order status to complaint about service").waitFor();
  await looks(page, "cases-history", () => note.waitFor());
  await page.keyboard.press("2");
  await note.waitFor({ state: "detached" });
  await past.getByText(reply).first().waitFor();
  await page.keyboard.press("1");

  await page.keyboard.press("o");
  await page.getByRole("button", { name: "Take over" }).waitFor();
  assert.equal((await call(kim, "GET", `/v1/cases/${found.id}`)).owner, undefined);
  await page.keyboard.press("w");
  await page.waitForURL(new RegExp(`/why/${found.id}$`));
  assert.deepEqual(kim.wrong, []);
  await kim.context.close();

  const root = await signIn(browser, server, { login: "root", name: "Ada Root", path: "/customers" });
  const labels = await call(root, "GET", "/v1/labels");
  assert.deepEqual(labels.items.map((l) => [l.was, l.intent, l.by]), [["order_status", "service_complaint", "kim"]]);
  await root.context.close();
});

test("two people see each other at a case, and one has it", async () => {
  await post("priya", "@acme the kettle from A-10270 arrived broken");
  const lee = await signIn(browser, server, { login: "lee", name: "Lee Park", role: "supervisor", path: "/customers" });
  const found = await caseOf(lee, "priya");
  await call(lee, "POST", `/v1/cases/${found.id}/take`);
  await call(lee, "PUT", "/v1/agents/sam", { queues: ["care"] });
  await lee.page.goto(`${origin}/cases/${found.id}`);
  await lee.page.getByRole("button", { name: "Hand back" }).waitFor();
  const sam = await signIn(browser, server, { login: "sam", name: "Sam Ode", role: "agent", path: `/cases/${found.id}` });
  await sam.page.getByText(/has this case and answers in it/).waitFor();
  assert.equal(await sam.page.getByRole("button", { name: "Take over" }).count(), 0);
  await sam.page.getByRole("status").filter({ hasText: /is looking/ }).waitFor();
  await lee.page.getByRole("status").filter({ hasText: /is looking/ }).waitFor();
  await lee.page.keyboard.press("r");
  await sam.page.getByRole("status").filter({ hasText: /is writing/ }).waitFor();
  await looks(sam.page, "cases-theirs", () => sam.page.getByText(/has this case and answers in it/).waitFor());
  await sam.context.close();
  await lee.page.getByRole("status").filter({ hasText: /is looking/ }).waitFor({ state: "detached" });

  // A supervisor takes it from a colleague; the colleague sees who.
  const kit = await signIn(browser, server, { login: "kit", name: "Kit Wren", role: "supervisor", path: `/cases/${found.id}` });
  await kit.page.getByText(/Take it over to answer yourself/).waitFor();
  await kit.page.keyboard.press("o");
  await kit.page.getByRole("button", { name: "Hand back" }).waitFor();
  await lee.page.getByText(/has this case. Take it over/).waitFor();
  await kit.page.keyboard.press("e");
  await kit.page.getByRole("dialog", { name: "Close the case" }).waitFor();
  await shot(kit.page, "close");
  await kit.page.getByRole("dialog").getByRole("button", { name: "Close the case" }).click();
  await kit.page.getByText(/^The case is closed\. A new post/).waitFor();
  await lee.page.getByText(/^The case is closed\. A new post/).waitFor();
  await shot(kit.page, "ended");
  assert.deepEqual([...lee.wrong, ...sam.wrong, ...kit.wrong], []);
  await lee.context.close();
  await kit.context.close();
});
