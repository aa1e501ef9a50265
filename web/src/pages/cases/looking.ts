import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, take } from "@/api/client";
import { lookingQuery } from "@/api/queries/case";
import type { LookerView } from "@/api/schema";
import { useSession } from "@/api/session";

/** It holds for 45 seconds at the server. */
const sayEveryMs = 20_000;

/**
 * Says that one looks at a case, and writes in it, while the page is seen, and
 * gives who else does.
 */
export function useLooking(id: string, writing: boolean): LookerView[] {
  const me = useSession();
  const queries = useQueryClient();
  const may = me.can("work");
  const now = useRef(writing);
  now.current = writing;
  const say = useRef<(looking: boolean, keepalive?: boolean) => void>(() => {});
  say.current = (looking, keepalive) => {
    const body = { looking, writing: looking && now.current };
    void take(api.PUT("/v1/cases/{id}/looking", { params: { path: { id } }, body, keepalive }))
      .then((others) => looking && queries.setQueryData(lookingQuery(id).queryKey, others.items ?? []))
      .catch(() => {}); // the next time may reach it; until then one is not seen
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another case is told as another
  useEffect(() => {
    if (!may) return;
    const tell = say.current;
    const seen = () => document.visibilityState === "visible";
    const change = () => say.current(seen());
    const leave = () => tell(false, true);
    if (seen()) tell(true);
    const timer = setInterval(() => seen() && say.current(true), sayEveryMs);
    document.addEventListener("visibilitychange", change);
    addEventListener("pagehide", leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", change);
      removeEventListener("pagehide", leave);
      tell(false, true);
    };
  }, [id, may]);

  const told = useRef(writing);
  useEffect(() => {
    if (!may || told.current === writing) return;
    told.current = writing;
    say.current(true);
  }, [may, writing]);

  const { data } = useQuery({
    ...lookingQuery(id),
    refetchInterval: 30_000,
  });
  return (data ?? []).filter((v) => v.who !== me.login);
}
