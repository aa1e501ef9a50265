import { createElement, type ReactNode, useCallback, useState } from "react";
import { ApiError, type Item } from "@/api/problem";
import { showError } from "./act";
import { Sentence, type Told, tellItem } from "./problem";

/**
 * A form's sending: what the server says of a field stands at the field, what
 * it says of the whole, or of what the form has no field for, in a toast.
 * `fields` are those that the form has.
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
        const found = error instanceof ApiError ? Object.entries(fieldErrors(error, fields)) : [];
        setErrors(Object.fromEntries(found.map(([f, told]) => [f, createElement(Sentence, told)])));
        if (found.length === 0) showError(error);
        else for (const other of beside(error as ApiError, fields)) showError(other);
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
    const name = fieldOf(item, fields);
    if (name && item.message) out[name] ??= tellItem(item);
  }
  return out;
}

/** What an answer says beside that of the form's fields, each as an error of its own. */
function beside({ status, problem }: ApiError, fields: readonly string[]): ApiError[] {
  return (problem.errors ?? [])
    .filter((item) => item.message && !fieldOf(item, fields))
    .map(
      (item) =>
        new ApiError(status, {
          code: problem.code,
          detail: [item.field, item.message].filter(Boolean).join(": "),
          errors: [item],
        }),
    );
}

function fieldOf({ field }: Item, fields: readonly string[]): string | undefined {
  return fields.find((f) => field === f || field?.startsWith(`${f}.`) || field?.startsWith(`${f}[`));
}
