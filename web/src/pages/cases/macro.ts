import type { CaseView, CustomerDetail, MacroView } from "@/api/schema";

/** A macro's text in the customer's language, else in ours, else in what there is. */
export function macroText(macro: MacroView, ...wanted: (string | undefined)[]): { lang: string; text: string } {
  const all = Object.entries(macro.texts);
  const base = (lang: string) => lang.toLowerCase().split("-")[0];
  for (const want of [...wanted, "en"]) {
    if (!want) continue;
    const found =
      all.find(([l]) => l.toLowerCase() === want.toLowerCase()) ?? all.find(([l]) => base(l) === base(want));
    if (found) return { lang: found[0], text: found[1] };
  }
  const [lang, text] = all[0] ?? ["", ""];
  return { lang, text };
}

/** What stands in braces in a macro, and what it comes to in this case. */
export function holes(c: CaseView, who: CustomerDetail | undefined, agent: string): Record<string, string> {
  const handle = who?.identities?.find(
    (i) => i.network === c.identity.network && i.author === c.identity.author,
  )?.handle;
  const name = who?.name ?? "";
  return {
    name,
    first_name: name.split(/\s+/)[0] ?? "",
    handle: handle ? `@${handle}` : "",
    order: c.order_refs?.[0] ?? "",
    agent,
  };
}

/**
 * Fills {name}, {first_name}, {handle}, {order} and {agent}. What nothing is
 * known for stays in its braces, and is given as the first place to type at.
 */
export function fill(text: string, values: Record<string, string>): { text: string; hole?: [number, number] } {
  const out = text.replace(/\{(\w+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? values[key] || whole : whole,
  );
  const open = /\{\w+\}/.exec(out);
  return open ? { text: out, hole: [open.index, open.index + open[0].length] } : { text: out };
}
