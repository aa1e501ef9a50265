// The main story on the sandbox page, by keyboard alone.
import assert from "node:assert/strict";
import { tabTo } from "./console.mjs";
import { answers, column, count, everywhere, order, question, section, settled, text } from "./story.mjs";

everywhere("keyboard", byKeyboard);

const focused = (locator) => locator.evaluate((el) => el === document.activeElement);

async function byKeyboard(page, check, phone) {
  await column(page, "maria").getByText("Nothing here yet").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // the skip link leads past the frame
  assert.ok(await focused(page.getByRole("main")), "the skip link does not lead to the content");
  await tabTo(page, text(page, "maria"));
  await page.keyboard.type(question);
  await tabTo(page, column(page, "maria").getByRole("button", { name: "Post", exact: true }));
  await page.keyboard.press("Enter");
  await count(page, "maria", 1);

  const late = section(page, "orders").locator("div", { has: page.getByText(order, { exact: true }) }).getByRole("button", { name: "Let it be late" }).first();
  await late.waitFor();
  await section(page, "history").getByText("Message sent").waitFor();
  if (!phone) { // on the way lies the stranger's column, and what is told follows
    const whose = page.getByRole("combobox", { name: "Whose advocate" });
    await tabTo(page, whose);
    assert.equal(await whose.inputValue(), "stranger");
    await page.keyboard.type("Maria");
    assert.equal(await whose.inputValue(), "maria");
  }
  await tabTo(page, late);
  await check("focus");
  await page.keyboard.press("Space");
  await count(page, "maria", 2);
  await section(page, "history").getByText("Message sent").nth(1).waitFor();
  assert.ok(await focused(late), "the focus is lost when the panel is drawn again");

  const ending = section(page, "work").getByRole("combobox");
  await tabTo(page, ending, "Shift+Tab");
  await page.keyboard.type("resolved");
  assert.equal(await ending.inputValue(), "resolved");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await settled(page, "completed");
  await count(page, "maria", 3);

  if (phone) { // the tabs are one stop; arrows choose
    await tabTo(page, page.getByRole("tab", { name: "Maria Lopez" }), "Shift+Tab");
    await page.keyboard.press("ArrowRight");
    const tab = page.getByRole("tab", { name: "Somebody" });
    assert.equal(await tab.getAttribute("aria-selected"), "true");
    assert.ok(await focused(tab));
    await tabTo(page, text(page, "stranger"));
  } else {
    await tabTo(page, text(page, "stranger"), "Shift+Tab");
  }
  await page.keyboard.type(`@acme where is order ${order}?`);
  await page.keyboard.press("Control+Enter");
  await count(page, "stranger", 1);
  const reply = answers(page, "stranger").first().getByRole("button", { name: "Reply" });
  await tabTo(page, reply);
  await page.keyboard.press("Enter");
  assert.ok(await focused(text(page, "stranger")), "Reply does not lead to the text");
  await page.keyboard.type("the postcode is 30303");
  await page.keyboard.press("Control+Enter");
  await count(page, "stranger", 2);
  assert.match(await answers(page, "stranger").last().innerText(), new RegExp(`${order}.*late`, "s"));
  const all = column(page, "stranger").getByRole("tab", { name: "Public timeline" });
  await tabTo(page, column(page, "stranger").getByRole("tab", { name: "Conversations" }));
  await page.keyboard.press("ArrowRight");
  assert.equal(await all.getAttribute("aria-selected"), "true");
  await check("end");
}
