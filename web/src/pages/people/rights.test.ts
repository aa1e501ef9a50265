import { expect, test } from "vitest";
import operating from "../../../../docs/operating.md?raw";
import { permissionsOf, tokenRoles } from "./rights";

// The server's own table stands in the docs, and a test of its holds it there.
const rows = operating
  .slice(operating.indexOf("| permission | allows to |"))
  .split("\n\n")[0]!
  .split("\n")
  .map((row) => row.split("|").map((cell) => cell.trim()));

test("roles consist of what the server says", () => {
  const [head, , ...body] = rows;
  expect([...tokenRoles].sort()).toEqual(head!.slice(3, -1).sort());
  for (const role of tokenRoles) {
    const column = head!.indexOf(role);
    const has = body.filter((cells) => cells[column] === "yes").map((cells) => cells[1]!.replaceAll("`", ""));
    expect(permissionsOf[role].toSorted(), role).toEqual(has.sort());
  }
});
