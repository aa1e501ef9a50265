import type { DemoCustomer, SandboxPost } from "@/api/schema";

/** What a column shows: the conversations of its customer, or what all can read. */
export type View = "mine" | "all";

const maxHandle = 40;
/** As many as one timeline can be read as. */
export const maxPeople = 8;

/** A handle as the network keeps it, or undefined where it would refuse it. */
export function foldHandle(typed: string): string | undefined {
  const handle = typed.trim().replace(/^@/, "").toLowerCase();
  return handle.length <= maxHandle && /^[a-z0-9._-]+$/.test(handle) ? handle : undefined;
}

/** Whether a handle may read a post. */
export function visibleTo(post: SandboxPost, handle: string): boolean {
  return post.visibility === "public" || concerns(post, handle);
}

const concerns = (post: SandboxPost, handle: string) => (post.company ? post.to === handle : post.handle === handle);

/** The conversations of a column: the one that moved last first, each from its beginning. */
export function threadsOf(posts: Iterable<SandboxPost>, handle: string, view: View): SandboxPost[][] {
  const threads = new Map<string, SandboxPost[]>();
  for (const post of posts) {
    if (view === "all" ? post.visibility !== "public" : !visibleTo(post, handle)) continue;
    const thread = threads.get(post.thread);
    if (thread) thread.push(post);
    else threads.set(post.thread, [post]);
  }
  const list = [...threads.values()].filter((t) => view === "all" || t.some((p) => concerns(p, handle)));
  for (const thread of list) thread.sort(older);
  return list.sort((a, b) => at(b.at(-1)) - at(a.at(-1)));
}

// As times, not as text: "…:00Z" would sort after "…:00.5Z".
const at = (post: SandboxPost | undefined) => (post ? Date.parse(post.at) : 0);
const older = (a: SandboxPost, b: SandboxPost) =>
  at(a) - at(b) || Number(a.company ?? false) - Number(b.company ?? false) || a.change - b.change;

/** The company's latest private message to a customer, which a secret answers. */
export function lastQuestion(posts: Iterable<SandboxPost>, handle: string): SandboxPost | undefined {
  return [...posts]
    .filter((p) => p.company && p.to === handle && p.visibility === "private" && !p.deleted)
    .sort(older)
    .at(-1);
}

/** A text that is nothing but an e-mail address or a phone number is for the company alone. */
export function isSecret(text: string): boolean {
  return /^\S+@\S+\.\S+$|^\+?[\d ().-]{6,}$/.test(text.trim());
}

/** Who is shown first: somebody the company knows, and somebody it does not. */
export function firstPeople(all: DemoCustomer[]): string[] {
  const known = all.find((c) => c.known)?.handle;
  const stranger = all.find((c) => !c.known)?.handle ?? "stranger";
  return known ? [known, stranger] : [stranger];
}

/** A zone that this browser knows, or undefined. */
export function knownZone(zone: string | undefined): string | undefined {
  if (!zone) return undefined;
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}
