import { createElement, type ReactNode, useCallback, useState } from "react";
import { ApiError } from "@/api/problem";
import { showError } from "./act";
import { Sentence, type Told, tellItem } from "./problem";

/**
 * A form's sending: what the server says of a field stands at the field, what
 * it says of the whole in a toast. `fields` are those that the form has.
 */
export function useSubmit(fields: readonly string[]) {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Record<string, ReactNode>>({});
  const submit = useCallback(
    async (work: () => Promise<unknown>): Promise<boolean> => {
      setBusy(true);
      setErrors({});
      try {
        await work();
        return true;
      } catch (error) {
        const found = error instanceof ApiError ? fieldErrors(error, fields) : {};
        const names = Object.entries(found);
        if (names.length > 0)
          setErrors(Object.fromEntries(names.map(([f, told]) => [f, createElement(Sentence, told)])));
        else showError(error);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [fields],
  );
  return { busy, errors, submit };
}

/** What an answer says of fields, by the name that the form has for them: "queues[1]" and "texts.en" belong to queues and texts. */
export function fieldErrors(error: ApiError, fields: readonly string[]): Record<string, Told> {
  const out: Record<string, Told> = {};
  for (const item of error.problem.errors ?? []) {
    const { field } = item;
    const name = fields.find((f) => field === f || field?.startsWith(`${f}.`) || field?.startsWith(`${f}[`));
    if (name && item.message) out[name] ??= tellItem(item);
  }
  return out;
}
