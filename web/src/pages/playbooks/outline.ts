/** A rule or a message of a playbook, and where it stands. */
export interface Place {
  kind: "rule" | "template" | "section";
  name: string;
  /** From 1. */
  line: number;
}

const plainName = (raw: string) => raw.replace(/\s+#.*$/, "").replace(/^(["'])(.*)\1$/, "$2");

/**
 * The rules, messages and other sections of a playbook by their lines. It reads
 * indentation alone, so that a text which is broken somewhere still has one.
 */
export function outline(source: string): Place[] {
  const out: Place[] = [];
  let section = "";
  let indent = -1;
  source.split("\n").forEach((text, i) => {
    const line = i + 1;
    const top = /^([\w-]+):/.exec(text);
    if (top) {
      section = top[1] as string;
      indent = -1;
      if (section !== "rules" && section !== "templates" && section !== "playbook")
        out.push({ kind: "section", name: section, line });
      return;
    }
    if (section === "rules") {
      const rule = /^(\s*)-\s+name:\s*(.+?)\s*$/.exec(text);
      if (rule) {
        indent = indent < 0 ? rule[1]!.length : indent;
        if (rule[1]!.length === indent) out.push({ kind: "rule", name: plainName(rule[2]!), line });
      }
    } else if (section === "templates") {
      const template = /^(\s+)([\w.-]+):/.exec(text);
      if (template) {
        indent = indent < 0 ? template[1]!.length : indent;
        if (template[1]!.length === indent) out.push({ kind: "template", name: template[2]!, line });
      }
    }
  });
  return out;
}

/** The place in which a line stands. */
export function placeAt(places: Place[], line: number): Place | undefined {
  return places.findLast((p) => p.line <= line);
}
