// What holds for every page that is looked at.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

export const shots = process.env.ADVOCATE_SHOTS || mkdtempSync(join(tmpdir(), "advocate-shots-"));

/** sound: nothing serious for axe, nothing wider than the window. */
export async function sound(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary).join(" | ")}`);
  assert.deepEqual(grave, [], name);
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `${name}: the page is ${content} px wide in a window of ${window}`);
}
