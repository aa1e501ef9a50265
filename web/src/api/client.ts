import createClient from "openapi-fetch";
import { ApiError, type Problem } from "./problem";
import type { paths } from "./schema";

type Path = keyof paths;

/** The API, typed by its description. Answers go through `take`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  credentials: "same-origin",
});

/** Called when a call finds that nobody is signed in any more. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

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
    if (response.status === 401) onSignedOut();
    const after = Number(response.headers.get("Retry-After"));
    throw new ApiError(response.status, asProblem(error), after > 0 ? after : undefined);
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

export type { Path };
