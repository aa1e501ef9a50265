import { ApiError } from "./problem";

/** Whether the page's person is still the one who is signed in; `name` is who is instead. */
export type Standing = { is: "theirs" } | { is: "out" } | { is: "another"; name: string };

const theirs: Standing = { is: "theirs" };

/**
 * Whose page this is: theirs who were signed in when it opened, for as long as
 * it is open. The cookie belongs to all windows of a browser, so that the
 * session may end, or become somebody else's, without this page's doing.
 */
export class Whose {
  private login = "";
  private now: Standing = theirs;
  private readonly watchers = new Set<() => void>();

  get standing(): Standing {
    return this.now;
  }

  /** For whom every request is meant: the server refuses it once somebody else is signed in. */
  get header(): Record<string, string> {
    return this.login ? { "Advocate-As": this.login } : {};
  }

  watch = (run: () => void): (() => void) => {
    this.watchers.add(run);
    return () => this.watchers.delete(run);
  };

  /** Hears who is signed in; anybody but the page's person is an error. */
  signedIn(login: string, name: string): void {
    this.login ||= login;
    if (login === this.login) this.become(theirs);
    else {
      this.become({ is: "another", name });
      throw new ApiError(409, { code: anotherCode });
    }
  }

  /** Hears that nobody is signed in, or, until their name is known, that it is somebody else. */
  ended(is: "out" | "another"): void {
    if (!this.login || this.now.is === is) return;
    this.become(is === "out" ? { is } : { is, name: "" });
  }

  private become(next: Standing): void {
    if (this.now.is === next.is && (next.is !== "another" || (this.now as { name?: string }).name === next.name))
      return;
    this.now = next;
    for (const run of this.watchers) run();
  }
}

/** The API's word for a request that was meant to come from somebody else. */
export const anotherCode = "another_session";

export const whose = new Whose();
