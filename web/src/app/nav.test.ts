import { expect, test } from "vitest";
import type { Permission, Session } from "@/api/session";
import app from "@/i18n/en/app.json";
import { permissionsOf } from "@/pages/people/rights";
import guide from "../../../docs/console.md?raw";
import { places } from "./nav";

const roles = ["agent", "supervisor", "auditor", "admin"] as const;
const many = { agent: "agents", supervisor: "supervisors", auditor: "auditors", admin: "administrators" };

function somebody(role: (typeof roles)[number]): Session {
  const can = (need: Permission) => permissionsOf[role].includes(need);
  return { id: "s1", login: "x", name: "X", role, allQueues: true, queues: [], restricted: false, agent: false, can };
}

test("the guide names each page with who finds it in the menu", () => {
  const told = guide
    .slice(guide.indexOf("| page | for whom |"))
    .split("\n\n")[0]!
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, 3)
        .map((cell) => cell.trim()),
    );
  const open = places.map((p) => {
    const who = roles.filter((r) => p.open(somebody(r)));
    return [app.nav[p.place], who.length === roles.length ? "everybody" : who.map((r) => many[r]).join(", ")];
  });
  expect(told).toEqual(open);
});

test("the menu's words are those of its pages, and nothing that was there once", () => {
  expect(Object.keys(app.nav).sort()).toEqual([...places.map((p) => p.place), "label", "open"].sort());
});
