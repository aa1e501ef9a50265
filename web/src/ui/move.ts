import i18next, { type TFunction } from "i18next";
import { api, onceKey, take } from "@/api/client";
import { ApiError, Plain } from "@/api/problem";
import { personName } from "@/api/queries/person";
import type { WorkItemView } from "@/api/schema";
import { said, saidLines } from "@/i18n/said";
import { word } from "./word";
import { sameToPeople, type Told } from "./workitem";

export type Verb = "assign" | "wrap" | "transfer" | "snooze" | "raise" | "expert" | "complete" | "cancel";

/** Somebody else has done something with the item since it was looked at; the message says what. */
export class Changed extends Plain {
  readonly item: WorkItemView;
  constructor(was: WorkItemView, is: WorkItemView) {
    super(i18next.t("desk:changed.title", { what: whatChanged(was, is, i18next.getFixedT(null, "desk")) }));
    this.item = is;
  }
}

interface How {
  /** For a page that goes away. */
  keepalive?: boolean;
  /** What must be as it was seen; all that people are told of, where nothing else is said. */
  same?: readonly Told[];
}

/**
 * Moves a work item that was seen. The version that was looked at goes with it:
 * where only its advocate has written it since, what was meant is done; where a
 * person was faster it is refused.
 */
export async function moveItem(
  seen: WorkItemView,
  verb: Verb,
  body?: object,
  { keepalive = false, same }: How = {},
): Promise<WorkItemView> {
  const params = {
    path: { id: seen.id },
    // A page that goes away cannot read anew and send again: what was meant is done as things stand.
    header: { "Idempotency-Key": onceKey(), ...(!keepalive && { "If-Match": `"${seen.version}"` }) },
  };
  // Eight calls of one shape: their bodies are checked where they are made.
  const path = `/v1/work-items/{id}/${verb}` as "/v1/work-items/{id}/complete";
  try {
    return await take(api.POST(path, { params, body: body as never, keepalive }));
  } catch (error) {
    if (!(error instanceof ApiError && error.stale)) throw error;
    const is = await take(api.GET("/v1/work-items/{id}", { params: { path: { id: seen.id } } }));
    if (!sameToPeople(seen, is, same) || is.version === seen.version) throw new Changed(seen, is);
    return await moveItem(is, verb, body, { same });
  }
}

/** What somebody else did with an item since it was looked at. */
function whatChanged(was: WorkItemView, is: WorkItemView, t: TFunction<"desk">): string {
  switch (is.state) {
    case "completed":
      return t("changed.completed", { who: personName(is.agent ?? ""), how: word("outcome", is.disposition) });
    case "canceled":
      return t("changed.canceled", { why: said(is.reason ?? "", is.reason_said) });
  }
  if (is.agent && is.agent !== was.agent) return t("changed.holder", { who: personName(is.agent) });
  if (is.queue !== was.queue) return t("changed.queue", { queue: is.queue });
  if (is.state !== was.state) return t("changed.state", { state: word("work_state", is.state) });
  if (is.priority !== was.priority || is.due !== was.due) return t("changed.raised");
  if (is.note !== was.note) return t("changed.note", { note: saidLines(is.note ?? "", is.note_said).split("\n")[0] });
  return t("changed.other");
}
