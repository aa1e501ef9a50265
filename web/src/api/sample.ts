import type { WorkItemView } from "./schema";

/** A work item as the server tells of it, for tests. */
export const workItem = (id: string, more: Partial<WorkItemView> = {}): WorkItemView => ({
  id,
  customer_id: "c1",
  case_id: "c1-k1",
  kind: "callback",
  ends_as: "callback",
  state: "pending",
  queue: "care",
  priority: 50,
  due: "2026-03-02T12:00:00Z",
  post: { network: "sandbox", account: "", id: "1" },
  post_text: "",
  created_at: "2026-03-02T10:00:00Z",
  updated_at: "2026-03-02T10:00:00Z",
  version: 1,
  ...more,
});
