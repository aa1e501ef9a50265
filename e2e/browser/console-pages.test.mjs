// Every page of the console, with something on it: nothing on it is hard to
// read, in light and in dark; nothing personal is in its address or kept by the
// browser; in Spanish no English is left. A page that is new is to be added
// here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { desktop, inScheme, rest, signIn, until } from "./console.mjs";
import { startBrowser, startDemo } from "./demo.mjs";
import { sound } from "./look.mjs";
import { foreign, heard, shown, spoken } from "./texts.mjs";

let browser;
let server;
let boss;
let ids;
before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startDemo()]);
  boss = await signIn(browser, server, { login: "boss", name: "Bo Ostrom", path: "/people" });
  ids = await busy();
});
after(async () => { await browser?.close(); await server?.stop(); });

const api = async (method, path, data, headers) => {
  const answer = await boss.context.request.fetch(boss.origin + path, { method, data, headers });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
};
const items = async (path) => (await api("GET", path)).items ?? [];

/** busy fills the shop with what a day brings, and gives the ids of some of it. */
async function busy() {
  const write = (handle, text) => api("POST", "/v1/sandbox/posts", { handle, text });
  await api("PUT", "/v1/agents/boss", { name: "Bo Ostrom", queues: ["care"] });
  await api("PUT", "/v1/macros/sorry", { title: "Sorry for the delay", texts: { en: "We are sorry.", es: "Lo sentimos." } });
  await write("maria", "@acme where is my order A-10234? It should have been here two days ago and I am really annoyed");
  await write("henryw", "@acme can a real person please call me about A-10606?");
  const item = await until("somebody is to be called", async () => (await items("/v1/work-items")).find((w) => w.handle === "henryw"));
  const customer = await until("maria is known", async () => (await items("/v1/customers?q=sandbox/maria"))[0]?.id);
  const found = await until("maria has a case", async () => (await items(`/v1/customers/${customer}/cases`))[0]?.id);
  // What is answered on a network that cannot send becomes a dead letter, and a reply in approve mode waits.
  const token = server.run("token", "create", "--name", "elsewhere", "--role", "ingest");
  await api("POST", "/v1/posts", { network: "elsewhere.example", id: "1", author: { id: "k1", handle: "kim1" }, text: "I want to talk to a person please.", visibility: "private" },
    { Authorization: "Bearer " + token });
  await until("a message could not be sent", () => items("/v1/dead-letters"), (list) => list.length > 0);
  server.run("switch", "set", "network:sandbox", "approve");
  await write("lena", "@acme love the new kettle, thank you!");
  await until("a reply waits for a person", () => items("/v1/effects?state=held"), (list) => list.length > 0);
  return { item: item.id, customer, found };
}

// Each route of the console: where it is opened, and what stands on it in any language.
const routes = {
  "/": () => [{ path: "/" }],
  "/desk": () => [{ path: "/desk", shows: "a real person please call me" }],
  "/desk/$item": () => [{ path: `/desk/${ids.item}`, shows: "A-10606" }],
  "/cases/$case": () => [{ path: `/cases/${ids.found}`, shows: "A-10234" }],
  "/live": () => [{ path: "/live", shows: "love the new kettle" }],
  "/reports": () => [{ path: "/reports" }],
  "/customers": () => [{ path: "/customers", shows: "Maria Lopez" }],
  "/customers/$customer": () => [{ path: `/customers/${ids.customer}`, shows: "really annoyed" }],
  "/why/$id": () => [{ path: `/why/${ids.found}`, shows: "really annoyed" }],
  "/approvals": () => [{ path: "/approvals", shows: "love the new kettle" }],
  "/playbooks": () => [{ path: "/playbooks" }],
  "/playbooks/$version": () => [{ path: "/playbooks/1", shows: "late-and-upset" }],
  "/connections": () => [{ path: "/connections" }],
  "/connections/$tab": () => [{ path: "/connections/dead-letters", shows: "elsewhere.example" }, { path: "/connections/ignored" }, { path: "/connections/webhooks" }],
  "/people": () => [{ path: "/people", shows: "Bo Ostrom" }],
  "/people/$tab": () => [{ path: "/people/agents", shows: "Rosa Diaz" }, { path: "/people/macros", shows: "Sorry for the delay" },
    { path: "/people/tokens", shows: "elsewhere" }, { path: "/people/audit" }],
  "/sandbox": () => [{ path: "/sandbox", shows: "Maria Lopez" }],
  "/guide": () => [{ path: "/guide" }],
};
const pages = () => Object.values(routes).flatMap((of) => of());

/** visit opens a page and waits until all that it reads has come. */
async function visit(page, { path, shows }) {
  await page.goto(boss.origin + path);
  await rest(page);
  if (!shows) return;
  const there = page.getByRole("main").getByText(shows).filter({ visible: true }).first();
  await there.waitFor().catch(() => assert.fail(`${path} does not show ${shows}`));
}

test("no page is left out", async () => {
  const router = readFileSync(new URL("../../web/src/app/router.tsx", import.meta.url), "utf8");
  const parents = new Map([...router.matchAll(/const (\w+) = createRoute\(\{ \.\.\.at\("([^"]+)"\)/g)].map(([, name, path]) => [name, path]));
  const known = [
    ...[...router.matchAll(/\bat\("(\/[^"]*)"/g)].map(([, path]) => path),
    ...[...router.matchAll(/getParentRoute: \(\) => (\w+), path: "(\/[^"]*)"/g)].map(([, parent, path]) => (parents.get(parent) + path).replace(/(?<=.)\/$/, "")),
  ];
  assert.ok(known.includes("/desk"), "the routes are no longer written as they are looked for here");
  assert.deepEqual([...new Set(known)].sort(), Object.keys(routes).sort());

  for (const area of ["people", "connections"]) {
    await visit(boss.page, { path: "/" + area });
    const tabs = await boss.page.getByRole("main").locator(`nav a[href^="/${area}"]`).evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.ok(tabs.length > 1, `${area} has no tabs`);
    assert.deepEqual(tabs.sort(), pages().map((p) => p.path).filter((p) => p.startsWith("/" + area)).sort());
  }
});

test("every page can be read, keeps nothing personal and asks nobody else", async () => {
  const { page, wrong } = boss;
  const personal = /maria|lopez|henry|boss|ostrom|2025550|example\.com|A-10\d\d\d|kettle/i;
  for (const at of pages()) {
    await visit(page, at);
    for (const scheme of ["light", "dark"]) {
      await inScheme(page, scheme);
      await sound(page, `${at.path}, ${scheme}`);
    }
    const kept = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), location.href, document.cookie]));
    assert.doesNotMatch(kept, personal, `${at.path}: something personal is kept or in the address`);
  }

  // Searching is part of it: what is looked for is in no address.
  await page.goto(boss.origin + "/customers");
  await page.getByRole("combobox", { name: "Find a customer" }).fill("lopez");
  await page.getByText("Maria Lopez").first().waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
  assert.doesNotMatch(kept, personal);
  assert.deepEqual(wrong, []); // requests to other hosts are among them
});

/** listen gathers what the API answers to a page. */
function listen(page) {
  const said = [];
  page.on("response", (r) => {
    if (!new URL(r.url()).pathname.startsWith("/v1/") || !(r.headers()["content-type"] ?? "").includes("json")) return;
    said.push(r.json().then((answer) => spoken(answer), () => [])); // a page that was left takes its answers along
  });
  return async () => (await Promise.all(said.splice(0))).flat();
}

test("in Spanish neither the console nor the server says anything in English", async () => {
  const english = foreign("en", "es");
  const ofBoss = listen(boss.page);
  const spoke = [];
  for (const at of [{ path: "/desk", shows: "a real person please call me" }, { path: `/why/${ids.found}`, shows: "really annoyed" }]) {
    await visit(boss.page, at);
    spoke.push(...heard(await ofBoss(), await shown(boss.page)));
  }
  await visit(boss.page, { path: "/desk", shows: "a real person please call me" });
  assert.ok(english(await shown(boss.page)).length > 10, "English is not found where all is English");
  assert.ok(spoke.length > 1, "the server's words are not found where all is English");

  const { page, wrong } = await signIn(browser, server, { login: "ines", name: "Inés Pardo", path: "/people", size: { ...desktop, locale: "es-ES" } });
  // One may be called "You", and another "Somebody".
  const people = new Set([...await items("/v1/agents"), ...(await api("GET", "/v1/sandbox")).customers].map((a) => a.name));
  const left = {};
  const answers = listen(page);
  for (const at of pages()) {
    await visit(page, at);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "es", at.path);
    const texts = await shown(page);
    const found = english(texts).filter((text) => !people.has(text.split(": ").at(-1)));
    found.push(...heard(await answers(), texts).map((text) => `the server: ${text}`));
    if (found.length) left[at.path] = found;
  }
  assert.deepEqual(left, {});
  assert.deepEqual(wrong, []);
});
