import type { CreateTokenInputBody } from "@/api/schema";

type Role = CreateTokenInputBody["role"];

/** From the least to the most. */
export const tokenRoles: Role[] = ["ingest", "read", "agent", "supervisor", "auditor", "admin"];

const reads = ["read_customers", "read_work", "read_setup"] as const;
const all = [...reads, "work", "supervise", "reports", "configure", "people", "audit", "ingest", "erase"] as const;

/** What a person can be, from who does most of the work to who only looks. */
export const roles = ["agent", "supervisor", "admin", "auditor"] as const;

/** What roles consist of, to leave a part of one. The server judges; this only offers. */
export const permissionsOf: Record<Role, readonly (typeof all)[number][]> = {
  ingest: ["ingest"],
  read: reads,
  agent: [...reads, "work"],
  supervisor: [...reads, "work", "supervise", "reports"],
  auditor: [...reads, "reports", "audit"],
  admin: all,
};
