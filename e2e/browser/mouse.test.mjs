// The main story on the sandbox page, by mouse.
import assert from "node:assert/strict";
import { answers, count, everywhere, order, question, section, settled } from "./story.mjs";

everywhere("mouse", byMouse);

async function byMouse(page, check) {
  await page.getByRole("radio", { name: /Maria Lopez/ }).waitFor();
  assert.equal(await page.getByRole("radio", { name: /Maria Lopez/ }).getAttribute("aria-checked"), "true");
  await page.getByText("Nothing here yet").waitFor();
  await section(page, "link").getByText("live").waitFor();
  await check("start");

  await page.getByRole("textbox", { name: /Write to/ }).fill(question);
  await page.getByRole("button", { name: "Post", exact: true }).click();
  await count(page, 1);
  const first = answers(page).first();
  await first.getByText("private", { exact: true }).waitFor();
  assert.match(await first.innerText(), new RegExp(`${order} is running late`));
  await section(page, "orders").getByText(order).waitFor();
  await section(page, "subs").getByText("order.*").first().waitFor();
  await section(page, "history").getByText("Wrote").waitFor();
  await section(page, "history").getByText("Answer sent").waitFor();
  await section(page, "work").getByText("No call is asked for.").waitFor();
  await check("answered");

  await section(page, "orders").locator(".item", { hasText: order }).getByRole("button", { name: "Let it be late" }).click();
  await count(page, 2);
  assert.match(await answers(page).last().innerText(), /delayed.*call you/s);
  await section(page, "work").getByText("callback to +12025550101").waitFor();
  await section(page, "history").getByText("order delayed").first().waitFor();
  assert.match(await section(page, "zone").innerText(), /America\/New_York, the customer's/);
  const began = section(page, "history").locator("time").first();
  const there = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "America/New_York" });
  assert.equal(await began.innerText(), there.format(new Date(await began.getAttribute("datetime"))));
  await check("delayed");

  await section(page, "work").getByRole("combobox").selectOption("resolved");
  await section(page, "work").getByRole("button", { name: "Complete" }).click();
  await settled(page, "completed");
  await count(page, 3);
  await section(page, "decisions").locator("summary", { hasText: "rule" }).last().click();
  await check("completed");

  // A stranger, who names the same order.
  await page.getByRole("radio", { name: /stranger/ }).click();
  await page.getByText("Nothing here yet").waitFor();
  await page.getByRole("textbox", { name: /Write to/ }).fill(`@acme where is order ${order}?`);
  await page.getByRole("button", { name: "Post", exact: true }).click();
  await count(page, 1);
  const asked = await answers(page).first().innerText();
  assert.match(asked, /e-mail address or the postcode/);
  assert.doesNotMatch(asked, /late|Parcelway|Maria|expected/);
  await section(page, "orders").getByText("not proven").waitFor();
  await section(page, "orders").getByRole("button", { name: "Let it be late" }).click();
  await section(page, "history").getByText("about an order that is not proven").first().waitFor();
  await count(page, 1);
  await check("stranger");

  await answers(page).first().getByRole("button", { name: "Reply" }).click();
  await page.getByRole("textbox", { name: /Write to/ }).fill("it is maria.lopez@example.com");
  await page.getByRole("button", { name: "Reply", exact: true }).first().click();
  await count(page, 2);
  assert.match(await answers(page).last().innerText(), new RegExp(`${order}.*late`, "s"));
  await check("proven");
  await page.getByRole("tab", { name: "Public timeline" }).click();
  await page.getByText(question).waitFor();
  assert.equal(await answers(page).count(), 0); // nothing was said in public
}
