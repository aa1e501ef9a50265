import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { VocabularyView } from "@/api/schema";
import { completion } from "./complete";
import { editorLook } from "./editorlook";
import { mistake } from "./mistake";
import { type Problem, spotOf } from "./spot";

/** What others ask of the editor. */
export interface EditorHandle {
  /** Puts the cursor there, in view, and the focus into the text. */
  goTo: (line: number) => void;
  /** Replaces what a problem is about by what was meant. */
  mend: (p: Problem) => void;
  showProblem: (p: Problem) => void;
  /** The problem after the cursor; after the last comes the first. */
  nextProblem: () => void;
  find: () => void;
}

interface EditorProps {
  /** The text at first; a new key brings another. */
  text: string;
  readOnly: boolean;
  label: string;
  problems: Problem[];
  /** Marked, and in view at first. */
  line?: number;
  words?: VocabularyView;
  onChange: (text: string) => void;
  onLine?: (line: number) => void;
  handle?: Ref<EditorHandle>;
}

const markLine = StateEffect.define<number>();
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(was, tr) {
    let set = tr.docChanged ? Decoration.none : was;
    for (const e of tr.effects)
      if (e.is(markLine)) set = Decoration.set([Decoration.line({ class: "cm-marked" }).range(e.value)]);
    return set;
  },
  provide: (f) => EditorView.decorations.from(f),
});

const base: Extension[] = [
  lineNumbers(),
  foldGutter(),
  codeFolding(),
  lintGutter(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  bracketMatching(),
  search({ top: true }),
  indentUnit.of("  "),
  yaml(),
  marked,
  EditorView.lineWrapping,
  EditorState.tabSize.of(2),
  editorLook,
];

const nonce = () => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/** A playbook as text, with its mistakes marked. Escape and then Tab leaves it. */
export default function Editor(props: EditorProps) {
  const { t } = useTranslation("playbooks");
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  const phrases = useRef(new Compartment());
  const said = phrasesOf(t);
  const firstSaid = useRef(said);

  useEffect(() => {
    const { text, readOnly, label, line } = latest.current;
    const made = new EditorView({
      parent: host.current as HTMLElement,
      doc: text,
      extensions: [
        base,
        EditorView.cspNonce.of(nonce()),
        phrases.current.of(EditorState.phrases.of(firstSaid.current)),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        autocompletion({ override: [completion(() => latest.current.words)], icons: false }),
        keymap.of([
          ...completionKeymap,
          ...foldKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.updateListener.of((u) => {
          if (u.docChanged) latest.current.onChange(u.state.doc.toString());
          if (u.selectionSet || u.docChanged)
            latest.current.onLine?.(u.state.doc.lineAt(u.state.selection.main.head).number);
        }),
      ],
    });
    view.current = made;
    if (line) show(made, line, true);
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);

  useEffect(() => {
    if (view.current && props.line) show(view.current, props.line, true);
  }, [props.line]);

  const problems = props.problems;
  const mendText = t("problems.mend");
  useEffect(() => {
    const v = view.current;
    if (v) v.dispatch(setDiagnostics(v.state, diagnosticsOf(v.state.doc.toString(), problems, mendText)));
  }, [problems, mendText]);

  // With other phrases the editor is drawn anew, and would forget what was in view.
  const saidKey = JSON.stringify(said);
  const shownKey = useRef(saidKey);
  useEffect(() => {
    const v = view.current;
    if (!v || shownKey.current === saidKey) return;
    shownKey.current = saidKey;
    v.dispatch({ effects: phrases.current.reconfigure(EditorState.phrases.of(JSON.parse(saidKey))) });
    v.dispatch({ effects: EditorView.scrollIntoView(v.state.selection.main, { y: "center" }) });
  }, [saidKey]);

  useImperativeHandle(props.handle, () => handleOf(view, () => latest.current.problems), []);
  return <div ref={host} style={{ height: "100%", minHeight: 0 }} />;
}

function handleOf(view: { current: EditorView | null }, problems: () => Problem[]): EditorHandle {
  const select = (p: Problem) => {
    const v = view.current;
    if (!v) return;
    const { from, to } = spotOf(v.state.doc.toString(), p);
    v.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    v.focus();
  };
  return {
    goTo: (line) => {
      if (!view.current) return;
      show(view.current, line, false);
      view.current.focus();
    },
    mend: (p) => {
      const v = view.current;
      if (!v || v.state.readOnly) return;
      const { from, to, fix } = spotOf(v.state.doc.toString(), p);
      if (fix !== undefined)
        v.dispatch({ changes: { from, to, insert: fix }, selection: { anchor: from + fix.length } });
      v.focus();
    },
    showProblem: select,
    nextProblem: () => {
      const v = view.current;
      if (!v) return;
      const text = v.state.doc.toString();
      const at = v.state.selection.main.from;
      const places = problems()
        .map((p) => ({ p, from: spotOf(text, p).from }))
        .sort((x, y) => x.from - y.from);
      const next = places.find((x) => x.from > at) ?? places[0];
      if (next) select(next.p);
    },
    find: () => {
      if (view.current) openSearchPanel(view.current);
    },
  };
}

function show(v: EditorView, line: number, mark: boolean): void {
  const { from } = v.state.doc.line(Math.min(Math.max(line, 1), v.state.doc.lines));
  const into = EditorView.scrollIntoView(from, { y: mark ? "center" : "start", yMargin: 40 });
  v.dispatch({ selection: { anchor: from }, effects: mark ? [into, markLine.of(from)] : [into] });
}

function diagnosticsOf(text: string, problems: Problem[], mend: string): Diagnostic[] {
  return problems
    .map((p): Diagnostic => {
      const { from, to, fix } = spotOf(text, p);
      const { text: told, expected } = mistake(p);
      return {
        from,
        to,
        severity: "error",
        message: expected ? `${told}\n${expected}` : told,
        actions:
          fix === undefined
            ? []
            : [
                {
                  name: `${mend}: ${p.did_you_mean}`,
                  apply: (v, a, b) => v.dispatch({ changes: { from: a, to: b, insert: fix } }),
                },
              ],
      };
    })
    .sort((x, y) => x.from - y.from);
}

/** What the editor's own parts say, in the viewer's language. */
function phrasesOf(t: ReturnType<typeof useTranslation<"playbooks">>["t"]): Record<string, string> {
  return {
    Find: t("find.find"),
    Replace: t("find.replace"),
    next: t("find.next"),
    previous: t("find.previous"),
    all: t("find.all"),
    "match case": t("find.case"),
    regexp: t("find.regexp"),
    "by word": t("find.word"),
    replace: t("find.replaceOne"),
    "replace all": t("find.replaceAll"),
    close: t("find.close"),
    "No diagnostics": t("problems.none"),
    "Fold line": t("find.fold"),
    "Unfold line": t("find.unfold"),
    Completions: t("find.completions"),
  };
}
