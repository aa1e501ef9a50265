import { describe, expect, test } from "vitest";
import en from "./en";
import es from "./es";

// The words that the API and the engine can say, read from where they are declared, each with a name
// in every language. A new value fails here until it has one, or until it is written that no page shows it.

type Tree = { [key: string]: string | Tree };

function raw(files: Record<string, string>): string {
  return Object.values(files).join("\n");
}

const openapi: unknown = JSON.parse(
  raw(import.meta.glob("../../../internal/httpapi/openapi.json", { query: "?raw", import: "default", eager: true })),
);
const go = raw(
  import.meta.glob(["../../../internal/{domain,auth}/*.go", "!../../../internal/**/*_test.go"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);

function textsAt(of: object, place: string): Record<string, unknown> {
  const [area = "", path = ""] = place.split(":");
  let at: unknown = (of as Record<string, Tree>)[area];
  for (const step of path.split(".").filter(Boolean)) at = (at as Tree | undefined)?.[step];
  return (at ?? {}) as Record<string, unknown>;
}

/** Values that are among the texts at a place ("words:case_state", "connections:state") in no language. */
function nameless(values: string[], place: string): string[] {
  return values.filter((v) => [en, es].some((of) => !Object.hasOwn(textsAt(of, place), v)));
}

/** Where the API's enums have their texts, by schema and property. */
const enums: Record<string, string> = {
  "AgentView.activity": "words:activity",
  "AgentView.doing": "words:activity",
  "ActivityBody.activity": "words:activity",
  "BrowserView.via": "people:sessions.via",
  "CallView.number_from": "desk:call.from",
  "CasePromise.heard": "desk:item.heard",
  "CaseView.reply_not_sent": "live:step.notSent",
  "ConnectionView.kind": "connections:kind",
  "ConnectionView.mode": "connections:mode",
  "ConnectionView.state": "connections:state",
  "CreateTokenInputBody.role": "words:role",
  "CreateUserInputBody.role": "words:role",
  "DeliveryView.state": "connections:log.state",
  "EffectView.state": "words:effect_state",
  "InsideEventInputBody.type": "words:event",
  "MessageView.from": "words:speaker",
  "MessageView.state": "words:effect_state",
  "ProblemView.kind": "playbooks:problems.kinds",
  "SessionView.role": "words:role",
  "SetUserInputBody.role": "words:role",
  "SwitchInputBody.mode": "words:mode",
  "TokenView.role": "words:role",
  "UserView.role": "words:role",
  "WebhookView.why": "connections:hook.why",
  "GET /v1/cases state": "words:case_state",
  "GET /v1/customers/{id}/history kind": "words:entry",
  "GET /v1/effects state": "words:effect_state",
  "GET /v1/webhooks/{id}/deliveries state": "connections:log.state",
  "GET /v1/work-items state": "words:work_state",
};

/** Enums that no page puts into words: they choose what is done, or a whole sentence that the page has. */
const unsaid = [
  "CauseView.kind",
  "ConnectionView.circuit",
  "ConnectionView.remedy",
  "GET /v1/reports by",
  "GET /v1/reports format",
  "HealthOutputBody.status",
  "LinkOutputBody.purpose",
  "Objection.code",
  "OwnSession.via",
  "Point.kind",
  "PostInput.visibility",
  "PreviewInputBody.visibility",
  "ReplyInputBody.visibility",
  "SandboxPost.delivery",
  "SandboxPost.visibility",
  "SandboxPostInputBody.visibility",
  "SandboxStaffInputBody.visibility",
  "SessionView.kind",
  "ShowLinkOutputBody.purpose",
  "Spike.kind",
];

interface Schema {
  enum?: string[];
  items?: Schema;
}
interface Api {
  components: { schemas: Record<string, { properties?: Record<string, Schema> }> };
  paths: Record<string, Record<string, { parameters?: { name: string; schema: Schema }[] }>>;
}

function enumsOf(api: Api): [string, string[]][] {
  const valuesOf = (s: Schema) => s.enum ?? s.items?.enum;
  const properties = Object.entries(api.components.schemas).flatMap(([name, s]) =>
    Object.entries(s.properties ?? {}).map(([field, p]) => [`${name}.${field}`, valuesOf(p)] as const),
  );
  const parameters = Object.entries(api.paths).flatMap(([path, calls]) =>
    Object.entries(calls).flatMap(([method, call]) =>
      (call.parameters ?? []).map((p) => [`${method.toUpperCase()} ${path} ${p.name}`, valuesOf(p.schema)] as const),
    ),
  );
  return [...properties, ...parameters].flatMap(([name, values]) =>
    values ? [[name, values] as [string, string[]]] : [],
  );
}

describe("every value of the API's enums has a name", () => {
  const found = enumsOf(openapi as Api);
  test.each(found)("%s", (name, values) => {
    if (unsaid.includes(name)) return;
    const place = enums[name];
    expect(place, `${name} is new: where are its texts?`).toBeDefined();
    expect(nameless(values, place ?? "")).toEqual([]);
  });

  test("and no enum is listed that is gone", () => {
    const names = found.map(([name]) => name);
    expect([...Object.keys(enums), ...unsaid].filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** Constants of a Go type: `IntentPraise Intent = "praise"`. */
function constants(type: string): string[] {
  return [...go.matchAll(new RegExp(`^\\s+\\w+\\s+${type}\\s+=\\s+"([^"]+)"`, "gm"))].map((m) => m[1] ?? "");
}

describe("every value that the engine declares has a name", () => {
  test.each([
    ["Intent", "words:intent"],
    ["Intent", "words:intent_hint"],
    ["Intent", "cases:about"],
    ["Topic", "words:topic"],
    ["Sentiment", "words:sentiment"],
    ["Urgency", "words:urgency"],
    ["EntityKind", "words:entity"],
    ["CaseState", "words:case_state"],
    ["PromiseState", "words:promise_state"],
    ["WorkItemKind", "words:work_kind"],
    ["WorkItemState", "words:work_state"],
    ["Activity", "words:activity"],
    ["OrderStatus", "words:order_status"],
    ["EffectKind", "words:effect"],
    ["EffectState", "words:effect_state"],
    ["OutcomeState", "words:effect_state"],
    ["InputKind", "words:input"],
    ["CommandKind", "words:command"],
    ["EntryKind", "words:entry"],
    ["EvidenceKind", "words:evidence"],
    ["Answer", "words:consent"],
    ["Role", "words:role"],
    ["Permission", "words:permission"],
    ["Visibility", "ui:visibility"],
  ])("%s: %s", (type, place) => {
    const values = constants(type);
    expect(values, `no constants of type ${type} are found`).not.toEqual([]);
    expect(nameless(values, place)).toEqual([]);
  });
});
