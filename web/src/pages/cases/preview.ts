import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import type { Objection } from "@/api/schema";

/** Asked this long after the last key. */
const restMs = 300;

const ask = (id: string, text: string, visibility: "private" | "public") =>
  take(api.POST("/v1/cases/{id}/reply/preview", { params: { path: { id } }, body: { text, visibility } }));

/** Sending takes the case, so that it is not taken yet stands against nothing. */
const weighed = (all: Objection[] | null | undefined) =>
  (all ?? []).filter((o) => o.code !== "not_taken" && o.code !== "empty");

/** What stands against a reply at the moment it is to be sent. */
export async function objectionsNow(id: string, text: string, visibility: "private" | "public"): Promise<Objection[]> {
  return weighed((await ask(id, text, visibility)).objections);
}

/** What stands against a reply while it is written; a little behind the typing. */
export function useObjections(id: string, text: string, visibility: "private" | "public" | undefined): Objection[] {
  const [settled] = useDebouncedValue(text, restMs);
  const asked = Boolean(visibility) && settled.trim() !== "" && text.trim() !== "" && text.length <= maxReply;
  const { data } = useQuery({
    queryKey: ["cases", id, "preview", visibility, settled],
    queryFn: () => objectionsNow(id, settled, visibility as "private" | "public"),
    enabled: asked,
    placeholderData: (was) => was,
    // What was written is kept no longer than it is looked at.
    gcTime: 0,
    staleTime: 0,
  });
  return asked ? (data ?? []) : [];
}

export const maxReply = 4000;
