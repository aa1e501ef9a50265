import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/api/client";
import { statusQuery as status } from "@/api/queries/status";
import type { ListSwitch, PlaybookView } from "@/api/schema";

export type Switch = NonNullable<ListSwitch["items"]>[number];

/** Nothing on the stream says that a playbook or a switch changed: these are asked for again. */
const lookAgainMs = 10_000;

export const versionsQuery = queryOptions({
  queryKey: ["playbooks", "list"],
  queryFn: async () => (await take(api.GET("/v1/playbooks"))).items ?? [],
  refetchInterval: lookAgainMs,
});

/** A version's text never changes; whether it decides does. */
export const versionQuery = (version: number) =>
  queryOptions({
    queryKey: ["playbooks", version],
    queryFn: () => take(api.GET("/v1/playbooks/{version}", { params: { path: { version } } })),
    enabled: version > 0,
  });

export const vocabularyQuery = queryOptions({
  queryKey: ["playbooks", "vocabulary"],
  queryFn: () => take(api.GET("/v1/playbooks/vocabulary")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const switchesQuery = queryOptions({
  queryKey: ["switches"],
  queryFn: async () => (await take(api.GET("/v1/switches"))).items ?? [],
  refetchInterval: lookAgainMs,
});

export const statusQuery = queryOptions({ ...status, refetchInterval: lookAgainMs });

export const activeOf = (versions: PlaybookView[]) => versions.find((v) => v.active);

/** The version that decided before the one that does. */
export function beforeOf(versions: PlaybookView[]): PlaybookView | undefined {
  const decided = versions.filter((v) => !v.active && v.activated_at);
  return decided.sort((a, b) => a.activated_at!.localeCompare(b.activated_at!)).at(-1);
}

/** What a playbook is called: the name that its text gives it, else where it came from. */
export const titleOf = (v: PlaybookView) => v.title || v.name;

/** The name that a text gives itself. */
export function nameIn(text: string): string | undefined {
  const value = /^playbook:[ \t]*(.*)$/m.exec(text)?.[1] ?? "";
  return /^"([^"]*)"|^'([^']*)'|^([^"'#\s].*?)(?:\s#.*)?$/.exec(value.trim())?.slice(1).find(Boolean)?.trim();
}
