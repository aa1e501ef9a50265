import { useCallback } from "react";
import { useTranslation } from "react-i18next";

type Group = "intent" | "topic" | "what" | "component" | "outcome" | "kind" | "work.state" | "agents.activity";

/** A word of the API in the viewer's language; one that operators made up stays as it is. */
export function useWord(): (group: Group, value: string) => string {
  const { t } = useTranslation("live");
  return useCallback(
    (group, value) => t(`${group}.${value}` as never, { defaultValue: value.replaceAll("_", " ") }) as string,
    [t],
  );
}

export const priorities = { low: 20, normal: 50, high: 80, urgent: 100 } as const;
export type Priority = keyof typeof priorities;

/** The name of a priority; undefined for a number between names. */
export function priorityName(n: number): Priority | undefined {
  return (Object.keys(priorities) as Priority[]).find((name) => priorities[name] === n);
}

/** The next higher named priority; undefined for the highest. */
export function nextPriority(n: number): Priority | undefined {
  return (Object.keys(priorities) as Priority[]).find((name) => priorities[name] > n);
}

/** Who wrote, as far as their network's id can be read. */
export function writer(author: string): string | undefined {
  return /^(did:|https?:)|^\d+$/.test(author) ? undefined : `@${author.replace(/^@/, "")}`;
}
