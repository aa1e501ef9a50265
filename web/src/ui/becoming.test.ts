import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { becomeAgent } from "./becoming";

interface Init {
  params: { path: { id: string }; header?: Record<string, string> };
  body?: unknown;
}

const server = vi.hoisted(() => ({
  get: (): Promise<unknown> => Promise.resolve(),
  puts: [] as Init[],
}));
vi.mock("@/api/client", () => ({
  api: { GET: () => server.get(), PUT: async (_path: string, init: Init) => server.puts.push(init) },
  take: (answer: unknown) => answer,
  onceKey: () => "once",
}));
beforeEach(() => {
  server.puts = [];
});

const kim = { login: "kim", name: "Kim Alder" };

test("who is an agent without queues stays as they are beside, disabled as well", async () => {
  const beside = { name: "Kim", skills: { billing: 3 }, langs: ["es"], capacity: 2, disabled: true };
  server.get = async () => ({ id: "kim", version: 4, ...beside });
  await becomeAgent(kim, ["care"]);
  expect(server.puts).toEqual([
    {
      params: { path: { id: "kim" }, header: { "Idempotency-Key": "once", "If-Match": '"4"' } },
      body: { ...beside, queues: ["care"] },
    },
  ]);
});

test("who is none becomes one under the name of their account", async () => {
  server.get = async () => {
    throw new ApiError(404, { code: "not_found" });
  };
  await becomeAgent(kim, ["care"]);
  expect(server.puts).toEqual([
    {
      params: { path: { id: "kim" }, header: { "Idempotency-Key": "once" } },
      body: { name: "Kim Alder", queues: ["care"], capacity: 1 },
    },
  ]);
});

test("where it cannot be read whether they are one, nothing is written", async () => {
  const away = new ApiError(0, { code: "unreachable" });
  server.get = async () => {
    throw away;
  };
  await expect(becomeAgent(kim, ["care"])).rejects.toBe(away);
  expect(server.puts).toEqual([]);
});
