import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { VocabularyView } from "@/api/schema";
import { outline } from "./outline";

/** What the completion asks for when it is needed: the words come later than the editor. */
export type Words = () => VocabularyView | undefined;

/** Offers what may stand at the cursor: a trigger, a step, a message's name, a field or a word of one. */
export function completion(words: Words): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const known = words();
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!known || /(^|\s)#/.test(before)) return null;
    const value = /(==|!=|\bin)\s*\[?[^\]]*?"([\w-]*)$/.exec(before);
    if (value) return wordsOf(known, before.slice(0, value.index), context.pos - value[2]!.length);
    const word = /[\w.-]*$/.exec(before)![0];
    const from = context.pos - word.length;
    if (!word && !context.explicit) return null;
    const lead = before.slice(0, before.length - word.length);
    if (/\btemplate:\s*$/.test(lead)) return { from, options: templates(context.state.doc.toString()) };
    if (/\bon:\s*\[?[^\]]*$/.test(lead))
      return { from, options: known.triggers!.map((label) => ({ label, type: "enum" })) };
    if (/^\s+(do:\s*\[)?-?\s*$/.test(lead) && /-\s*$|\[\s*$/.test(lead)) return { from, options: steps(known) };
    const inside = /(?:-|\[)\s*([a-z_]+):\s*\{[^}]*?(?:\{|,)?\s*$/.exec(lead);
    const step = inside && known.functions!.find((f) => f.name === inside[1]);
    if (step && /[{,]\s*$/.test(lead))
      return { from, options: step.arguments!.map((a) => ({ label: a, apply: `${a}: `, type: "property" })) };
    return /^\s*[\w-]*$/.test(before) && !/^\s{4,}/.test(before)
      ? null
      : { from, options: expression(known), validFor: /^[\w.]*$/ };
  };
}

function wordsOf(known: VocabularyView, before: string, from: number): CompletionResult | null {
  const name = /([\w]+\.[\w]+)\s*$/.exec(before)?.[1];
  const field = known.fields!.find((f) => f.name === name);
  return field?.words?.length ? { from, options: field.words.map((label) => ({ label, type: "enum" })) } : null;
}

function steps(known: VocabularyView): Completion[] {
  return known.functions!.map((f) => ({
    label: f.name,
    apply: `${f.name}: {`,
    detail: f.arguments!.join(", "),
    type: "function",
  }));
}

function templates(source: string): Completion[] {
  return outline(source)
    .filter((p) => p.kind === "template")
    .map((p) => ({ label: p.name, type: "constant" }));
}

function expression(known: VocabularyView): Completion[] {
  return [
    ...known.fields!.map((f) => ({ label: f.name, detail: f.type, type: "variable" })),
    ...known.calls!.map((label) => ({ label, type: "function" })),
  ];
}
