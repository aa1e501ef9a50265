// The main story on the sandbox page, by keyboard alone.
import assert from "node:assert/strict";
import { answers, count, everywhere, order, question, section, settled } from "./story.mjs";

everywhere("keyboard", byKeyboard);

/** tabTo presses Tab until what is looked for has the focus. */
async function tabTo(page, locator, key = "Tab") {
  for (let i = 0; i < 150; i++) {
    if (await locator.evaluate((el) => el === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  assert.fail("the focus does not reach " + locator);
}

async function byKeyboard(page, check) {
  await page.getByText("Nothing here yet").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // the skip link leads to the text
  const text = page.getByRole("textbox", { name: /Write to/ });
  assert.ok(await text.evaluate((el) => el === document.activeElement), "the skip link does not lead to the text");
  await page.keyboard.type(question);
  await tabTo(page, page.getByRole("button", { name: "Post", exact: true }));
  await page.keyboard.press("Enter");
  await count(page, 1);

  const late = section(page, "orders").locator(".item", { hasText: order }).getByRole("button", { name: "Let it be late" });
  await late.waitFor();
  await section(page, "history").getByText("Answer sent").waitFor();
  await tabTo(page, late);
  await check("focus");
  await page.keyboard.press("Space");
  await count(page, 2);
  await section(page, "history").getByText("Answer sent").nth(1).waitFor();
  assert.ok(await late.evaluate((el) => el === document.activeElement), "the focus is lost when the panel is drawn again");

  const ending = section(page, "work").getByRole("combobox");
  await tabTo(page, ending, "Shift+Tab");
  await page.keyboard.type("resolved");
  assert.equal(await ending.inputValue(), "resolved");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await settled(page, "completed");
  await count(page, 3);

  // The radio group is one stop; arrows choose within it.
  const maria = page.getByRole("radio", { name: /Maria Lopez/ });
  await tabTo(page, maria, "Shift+Tab");
  await page.keyboard.press("ArrowUp");
  const stranger = page.getByRole("radio", { name: /stranger/ });
  assert.equal(await stranger.getAttribute("aria-checked"), "true");
  assert.ok(await stranger.evaluate((el) => el === document.activeElement));
  await tabTo(page, text);
  await page.keyboard.type(`@acme where is order ${order}?`);
  await page.keyboard.press("Control+Enter");
  await count(page, 1);
  const reply = answers(page).first().getByRole("button", { name: "Reply" });
  await tabTo(page, reply);
  await page.keyboard.press("Enter");
  assert.ok(await text.evaluate((el) => el === document.activeElement), "Reply does not lead to the text");
  await page.keyboard.type("the postcode is 30303");
  await page.keyboard.press("Control+Enter");
  await count(page, 2);
  assert.match(await answers(page).last().innerText(), new RegExp(`${order}.*late`, "s"));
  const all = page.getByRole("tab", { name: "Public timeline" });
  await tabTo(page, page.getByRole("tab", { name: "Your conversations" }));
  await page.keyboard.press("ArrowRight");
  assert.equal(await all.getAttribute("aria-selected"), "true");
  await check("end");
}
