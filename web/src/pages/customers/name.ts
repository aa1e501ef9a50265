/** What a customer is called: their name, else how they write, else the id. */
export function nameOf(c: {
  id: string;
  name?: string;
  identities?: { handle?: string; author: string }[] | null;
}): string {
  const first = c.identities?.[0];
  return c.name || (first ? `@${first.handle || first.author}` : c.id);
}
