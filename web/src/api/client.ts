import createClient from "openapi-fetch";
import { attended } from "./attended";
import { skew } from "./clock";
import { ApiError, type Problem } from "./problem";
import type { paths } from "./schema";
import { anotherCode, whose } from "./whose";

/** The API, typed by its description. Answers go through `take`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  credentials: "same-origin",
});

const asked = new Map<string, number>();
api.use({
  onRequest: ({ id, request, schemaPath }) => {
    asked.set(id, Date.now());
    for (const [name, value] of Object.entries(attended.header(Date.now()))) request.headers.set(name, value);
    // Who is signed in is asked by anybody; all else is asked for whom the page shows.
    if (schemaPath === "/v1/session" && request.method === "GET") return;
    for (const [name, value] of Object.entries(whose.header)) request.headers.set(name, value);
  },
  onResponse: ({ id, response }) => {
    skew.heard(response.headers.get("Date"), asked.get(id) ?? Number.NEGATIVE_INFINITY, Date.now());
    asked.delete(id);
  },
  onError: ({ id }) => void asked.delete(id),
});

interface Answer<D> {
  data?: D;
  error?: unknown;
  response: Response;
}

/** The body of an answer; an ApiError is thrown for any other than 2xx. */
export async function take<D>(answer: Promise<Answer<D>>): Promise<NonNullable<D>> {
  return (await takeWhole(answer)).body;
}

/** An answer with the version to send as If-Match when changing what it shows. */
export interface Versioned<D> {
  body: D;
  etag: string;
}

export async function takeWhole<D>(answer: Promise<Answer<D>>): Promise<Versioned<NonNullable<D>>> {
  let got: Answer<D>;
  try {
    got = await answer;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, { code: "unreachable", detail: "" });
  }
  const { data, error, response } = got;
  if (!response.ok) {
    const problem = asProblem(error);
    if (response.status === 401) whose.ended("out");
    else if (problem.code === anotherCode) whose.ended("another");
    throw new ApiError(response.status, problem);
  }
  return { body: data as NonNullable<D>, etag: response.headers.get("ETag") ?? "" };
}

function asProblem(error: unknown): Problem {
  return error && typeof error === "object" ? (error as Problem) : {};
}

/** A key that makes a write happen once, however often it is sent. */
export function onceKey(): string {
  return crypto.randomUUID();
}
