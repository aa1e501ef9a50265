import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";

/** What somebody has taken is in one of these states: nothing gets there without. */
const takenStates = ["assigned", "wrapping", "completed"] as const;

/** Whether any work item was taken yet; what once was is not looked for again. */
export const takenQuery = queryOptions({
  queryKey: ["live", "taken"], // read anew with what events say of work
  enabled: ({ state }) => !state.data,
  queryFn: async () => {
    for (const state of takenStates) {
      const { items } = await take(api.GET("/v1/work-items", { params: { query: { state, limit: 1 } } }));
      if (items?.length) return true;
    }
    return false;
  },
});

/** The work that waits for somebody, as many as can be told in a word. */
export const waitingQuery = queryOptions({
  queryKey: ["live", "waiting"],
  queryFn: async () => {
    const states = ["pending", "reserved"] as const;
    const lists = await Promise.all(
      states.map((state) => take(api.GET("/v1/work-items", { params: { query: { state, limit: 50 } } }))),
    );
    return lists.reduce((n, l) => n + (l.items?.length ?? 0), 0);
  },
});
