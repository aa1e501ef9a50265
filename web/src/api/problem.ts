/** A problem detail as the API answers it (RFC 9457). */
export interface Problem {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  errors?: { field?: string; line?: number; index?: number; code?: string; message?: string }[] | null;
}

/**
 * Why a call failed. `status` 0 is a server that could not be reached. The
 * message is the server's own sentence and safe to show.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;
  /** Seconds after which to try again, where the server said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem, retryAfter?: number) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** What is wrong with one field of the request, by its last name. */
  field(name: string): string | undefined {
    return this.problem.errors?.find((e) => e.field?.split(".").at(-1) === name)?.message;
  }

  /** Somebody else changed the thing meanwhile. */
  get stale(): boolean {
    return this.status === 412 || this.status === 428;
  }

  /** The call itself was refused: trying it again changes nothing. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}

/** The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
