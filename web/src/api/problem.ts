import type { Part } from "./schema";

/** One thing that is wrong with a request. */
export interface Item {
  field?: string;
  line?: number;
  index?: number;
  code?: string;
  message?: string;
  message_said?: Part[] | null;
}

/** A problem detail as the API answers it (RFC 9457). */
export interface Problem {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  detail_said?: Part[] | null;
  errors?: Item[] | null;
}

/** A failure whose message is in the viewer's language already. */
export class Plain extends Error {}

/**
 * Why a call failed. `status` 0 is a server that could not be reached. The
 * message is the server's own sentence and safe to show; ui/problem.tsx says it
 * in the viewer's language.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "";
    this.problem = problem;
  }

  /** Somebody else changed the thing meanwhile. */
  get stale(): boolean {
    return this.status === 412 || this.status === 428;
  }

  /** Nothing tells whether it was done: no answer came, or one that does not say. */
  get unknown(): boolean {
    return this.status === 0 || this.status === 408 || this.status >= 500 || this.code === "under_way";
  }

  /** The call itself was refused: trying it again changes nothing. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}
