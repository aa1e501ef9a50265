import { useEffect, useState } from "react";
import { api, take } from "@/api/client";
import { sentence } from "@/ui/problem";
import type { Problem } from "./spot";

export interface Checked {
  /** The text that this is about; another one is being checked. */
  text: string;
  ok: boolean;
  problems: Problem[];
  /** Why it could not be checked. */
  error?: string;
}

/** How long nobody types before the text is checked. */
const pauseMs = 350;

/** Has the server check the text whenever it was changed; undefined until it has. */
export function useCheck(name: string, text: string, on: boolean): Checked | undefined {
  const [checked, setChecked] = useState<Checked>();
  useEffect(() => {
    if (!on) return;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const got = await check(name, text, abort.signal);
      if (got && !abort.signal.aborted) setChecked(got);
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [name, text, on]);
  return checked;
}

async function check(name: string, source: string, signal: AbortSignal): Promise<Checked | undefined> {
  if (source.trim() === "") return { text: source, ok: false, problems: [], error: "" };
  try {
    const got = await take(api.POST("/v1/playbooks/check", { body: { name, source }, signal }));
    return { text: source, ok: got.ok, problems: got.problems ?? [] };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    return { text: source, ok: false, problems: [], error: sentence(error) };
  }
}
