// The main story on the sandbox page, by mouse.
import assert from "node:assert/strict";
import { answers, column, count, everywhere, order, question, section, settled, text } from "./story.mjs";

everywhere("mouse", byMouse);

async function byMouse(page, check, phone) {
  const maria = column(page, "maria");
  const stranger = column(page, "stranger");
  const turnTo = async (name) => {
    if (phone) await page.getByRole("tab", { name, exact: true }).click();
  };
  await maria.getByRole("heading", { name: "Maria Lopez" }).waitFor();
  await maria.getByText("Nothing here yet").waitFor();
  assert.equal(await stranger.isVisible(), !phone);
  await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
  await check("start");

  await text(page, "maria").fill(question);
  await maria.getByRole("button", { name: "Post", exact: true }).click();
  await count(page, "maria", 1);
  const first = answers(page, "maria").first();
  await first.getByText("private", { exact: true }).waitFor();
  assert.match(await first.innerText(), new RegExp(`${order} is running late`));
  await section(page, "orders").getByText(order).waitFor();
  await section(page, "subscriptions").getByText("order.*").first().waitFor();
  await section(page, "history").getByText("Post", { exact: true }).first().waitFor();
  await section(page, "history").getByText("Message sent").waitFor();
  await section(page, "work").getByText("No call is asked for.").waitFor();
  assert.equal(await answers(page, "stranger").count(), 0, "a stranger sees a private message");
  await check("answered");

  await section(page, "orders").locator("div", { has: page.getByText(order, { exact: true }) }).getByRole("button", { name: "Let it be late" }).first().click();
  await count(page, "maria", 2);
  assert.match(await answers(page, "maria").last().innerText(), /delayed.*call you/s);
  await section(page, "work").getByText("callback to +12025550101").waitFor();
  await section(page, "history").getByText("order delayed").first().waitFor();
  await maria.getByText(/America\/New_York, the customer’s/).waitFor();
  const began = section(page, "history").locator("time").first();
  const there = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", timeZone: "America/New_York" });
  assert.equal(await began.innerText(), there.format(new Date(await began.getAttribute("datetime"))));
  await check("delayed");

  await section(page, "work").getByRole("combobox").selectOption("resolved");
  await section(page, "work").getByRole("button", { name: "Complete" }).click();
  await settled(page, "completed");
  await count(page, "maria", 3);
  await section(page, "decisions").locator("summary", { hasText: "rule" }).last().click();
  await check("completed");

  // A stranger, who names the same order.
  await turnTo("Somebody");
  await text(page, "stranger").fill(`@acme where is order ${order}?`);
  await stranger.getByRole("button", { name: "Post", exact: true }).click();
  await count(page, "stranger", 1);
  const asked = await answers(page, "stranger").first().innerText();
  assert.match(asked, /e-mail address or the postcode/);
  assert.doesNotMatch(asked, /late|Parcelway|Maria|expected/);
  await section(page, "orders").getByText("not proven").waitFor();
  await section(page, "orders").getByRole("button", { name: "Let it be late" }).click();
  await section(page, "history").getByText("about an order that is not proven").first().waitFor();
  await count(page, "stranger", 1);
  await check("stranger");

  // The suggested secret answers the private question, and is private itself.
  await text(page, "stranger").click();
  await stranger.getByRole("button", { name: "maria.lopez@example.com" }).click();
  assert.ok(await stranger.getByRole("radio", { name: "Private" }).isChecked());
  await stranger.getByRole("button", { name: "Reply", exact: true }).first().click();
  await count(page, "stranger", 2);
  assert.match(await answers(page, "stranger").last().innerText(), new RegExp(`${order}.*late`, "s"));
  await check("proven");
  await stranger.getByRole("tab", { name: "Public timeline" }).click();
  await stranger.getByText(question).waitFor();
  assert.equal(await answers(page, "stranger").count(), 0); // nothing was said in public
  await check("public");
}
