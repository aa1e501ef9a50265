// The whole story in four windows, on each store: a customer posts, a supervisor
// sees it, an agent is offered the call, reads, calls and completes it, and the
// customer is told how it ended. Once by mouse, once by keyboard alone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { desktop, signIn, tabTo, telephone } from "./console.mjs";
import { openPage, startBrowser, startServer } from "./demo.mjs";
import { shots } from "./look.mjs";
import { database, missing } from "./postgres.mjs";
import { unexpected } from "./story.mjs";

// Nobody waits for office hours, and messages leave at night too.
const config = `policy:
  company: Example Shop
  quiet_from: 0
  quiet_to: 0
  queues:
    care: {offer_for: 2m}
    urgent: {}
  default_queue: care
networks: {sandbox: {handle: shop}}
`;
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const people = {
  maria: { order: "A-1001", name: "Maria Lopez", phone: "+12025550101" },
  nora: { order: "A-1002", name: "Nora Quinn", phone: "+12025550102" },
};
const customers = "ref,name,phone,email,lang,time_zone,identities,calls\n" + Object.entries(people)
  .map(([h, p]) => `K-${h},${p.name},${p.phone},${h}@example.com,en,America/New_York,sandbox/${h},granted\n`).join("");
const orders = "id,customer_ref,status,promised,eta,carrier,items,email,postcode\n" + Object.entries(people)
  .map(([h, p]) => `${p.order},K-${h},delayed,${day(-3)},${day(3)},Parcelway,"2x Garden chair (CHR-3)",${h}@example.com,30303\n`).join("");

let browser;
before(async () => { browser = await startBrowser(); });
after(async () => { await browser?.close(); });

test("the story on SQLite", (t) => stories(t));
test("the story on PostgreSQL", { skip: missing() }, async (t) => {
  const db = await database();
  try { await stories(t, db.url); } finally { await db.stop(); }
});

async function stories(t, store) {
  const server = await startServer({ config, store });
  try {
    for (const [name, text] of [["customers", customers], ["orders", orders]]) {
      const file = join(server.dir, name + ".csv");
      writeFileSync(file, text);
      server.run("import", name, file);
    }
    const sue = await signIn(browser, server, { login: "sue", name: "Sue Ortega", role: "supervisor", path: "/live" });
    const ann = await signIn(browser, server, { login: "ann", name: "Ann Lee", role: "agent", path: "/desk", args: ["--queues", "care"] });
    server.run("agent", "set", "ann", "--queues", "care", "--skills", "orders:3", "--langs", "en", "--capacity", "1");
    await ann.page.addInitScript(telephone);
    await ann.page.reload();
    const shop = await openPage(browser, sue.origin + "/sandbox", desktop);
    const windows = { sue, ann, shop };
    const kind = store ? "postgres" : "sqlite";
    await t.test("by mouse", () => told(windows, kind, byMouse));
    await t.test("by keyboard", () => told(windows, kind, byKeyboard));
    for (const { page, context } of Object.values(windows)) {
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
      assert.doesNotMatch(kept, /maria|nora|lopez|quinn|2025550|example\.com|A-100|Garden/i, "something personal is kept or in the address");
      await context.close();
    }
  } finally {
    await server.stop();
  }
}

/** told runs a story, and keeps a picture of each window where it fails. */
async function told({ sue, ann, shop }, kind, story) {
  try {
    await story(shop.page, sue.page, ann.page);
    for (const [name, { wrong }] of Object.entries({ sue, ann, shop })) assert.deepEqual(unexpected(wrong), [], name);
  } catch (err) {
    for (const [name, { page, wrong }] of Object.entries({ sue, ann, shop })) {
      if (unexpected(wrong).length) console.error(name, unexpected(wrong));
      await page.screenshot({ path: join(shots, `failed-story-${kind}-${story.name}-${name}.png`) }).catch(() => {});
    }
    throw err;
  }
}

const angry = (who) => `@shop where is my order ${people[who].order}? This is ridiculous!`;
const answers = (page, who) => page.locator(`#as-${who} article[data-from=company]`);
const result = (page) => page.getByRole("group", { name: "How it ended" });

/** What the three see once the customer has posted. */
async function posted(shop, sue, ann, who) {
  await answers(shop, who).first().waitFor();
  assert.match(await answers(shop, who).first().innerText(), new RegExp(`private[^]*${people[who].order}`));
  await sue.getByRole("region", { name: "Posts" }).getByText(angry(who)).waitFor();
  const offer = ann.getByRole("region", { name: `Offer: Callback, ${people[who].name}` });
  await offer.waitFor();
  await ann.waitForFunction(() => /Offer/.test(document.title)); // it blinks
  return offer;
}

/** What the agent reads before calling. */
async function reads(ann, who) {
  await ann.waitForURL(/\/desk\/[\w-]+$/);
  await ann.getByText(angry(who)).first().waitFor();
  await ann.getByText(people[who].phone).first().waitFor();
  await ann.getByText(people[who].order).first().waitFor();
}

async function called(ann, who) {
  await ann.getByText(/The call is in the history/).waitFor();
  assert.equal((await ann.evaluate(() => window.dialed)).at(-1), "tel:" + people[who].phone);
}

/** The end of it for all three. */
async function ended(shop, sue, ann, who) {
  const last = answers(shop, who).filter({ hasText: /talking it through/ });
  await last.waitFor({ timeout: 30_000 });
  assert.equal(await answers(shop, who).count(), 2, "the customer is told once what was found, and once how it ended");
  await ann.getByText("You are ready").waitFor();
  await sue.getByRole("region", { name: "Posts" }).getByText(angry(who)).waitFor();
  assert.equal(await ann.getByRole("region", { name: /^Offer: / }).count(), 0);
}

async function byMouse(shop, sue, ann) {
  await ann.getByRole("button", { name: "Become available" }).click();
  await ann.getByText("You are ready").waitFor();
  await shop.getByRole("button", { name: "Add a customer" }).click();
  await shop.getByRole("textbox", { name: "Somebody else" }).fill("maria");
  await shop.getByRole("button", { name: "Be them" }).click();
  const column = shop.locator("#as-maria");
  await column.getByRole("textbox").fill(angry("maria"));
  await column.getByRole("button", { name: "Post", exact: true }).click();

  const offer = await posted(shop, sue, ann, "maria");
  await offer.getByRole("button", { name: "Accept" }).click();
  await reads(ann, "maria");
  await ann.getByRole("button", { name: /^Call/ }).first().click();
  await called(ann, "maria");
  await ann.getByRole("textbox", { name: "Note" }).first().fill("A new parcel is on its way.");
  await result(ann).getByRole("button", { name: "Resolved" }).click();
  await ended(shop, sue, ann, "maria");
}

async function byKeyboard(shop, sue, ann) {
  await tabTo(shop, shop.getByRole("button", { name: "Add a customer" }), "Shift+Tab");
  await shop.keyboard.press("Enter");
  await tabTo(shop, shop.getByRole("textbox", { name: "Somebody else" }));
  await shop.keyboard.type("nora");
  await shop.keyboard.press("Enter");
  await tabTo(shop, shop.locator("#as-nora").getByRole("textbox"));
  await shop.keyboard.type(angry("nora"));
  await shop.keyboard.press("Control+Enter");

  await posted(shop, sue, ann, "nora");
  await ann.keyboard.press("Shift+Y");
  await reads(ann, "nora");
  await ann.keyboard.press("c");
  await called(ann, "nora");
  await ann.keyboard.press("d");
  await tabTo(ann, result(ann).getByRole("button", { name: "Resolved" }));
  await ann.keyboard.press("Enter");
  await ended(shop, sue, ann, "nora");
}
