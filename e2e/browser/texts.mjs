// What the console says, by its catalogues, and what of it a page shows.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../web/src/i18n/", import.meta.url);

/** said gives what a language's catalogues say, as [name, text] pairs. */
function said(language) {
  const flat = (tree, at) => Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${at}.${key}`, value]] : flat(value, `${at}.${key}`));
  const of = new URL(language + "/", folder);
  return readdirSync(of).filter((f) => f.endsWith(".json"))
    .flatMap((f) => flat(JSON.parse(readFileSync(new URL(f, of), "utf8")), f.replace(".json", "")));
}

const tag = /<\/?\w+>/;
const hole = /\{\{[^}]*\}\}|\$t\([^)]*\)/;
const letters = (text) => (text.match(/\p{L}/gu) ?? []).length;
const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** pieces are the parts of a language's texts that stand on a page as one. */
const pieces = (language) => said(language).flatMap(([name, text]) => text.split(tag).map((piece) => [name, piece.trim()]));
const pattern = (fixed) => new RegExp(`^${fixed.map(quoted).join("[^]+")}$`);

/** matcher gives a function that names the piece that a text is, if it is one. */
function matcher(list) {
  const whole = new Map();
  const patterns = [];
  for (const [name, piece] of list) {
    const fixed = piece.split(hole);
    if (fixed.length === 1) whole.set(piece, name);
    else if (Math.max(...fixed.map(letters)) >= 4) patterns.push([name, pattern(fixed)]);
  }
  return (text) => whole.get(text) ?? patterns.find(([, of]) => of.test(text))?.[0];
}

/**
 * foreign gives a function that tells which texts of the one language stand
 * among those given, by their names in the catalogue. What both languages say
 * alike is of neither; a word by itself in small letters is left out too: it
 * cannot be told from what an operator calls a queue, a rule or a skill.
 */
export function foreign(language, here) {
  const ours = new Set(pieces(here).map(([, piece]) => piece));
  const known = matcher(pieces(here));
  const other = matcher(pieces(language).filter(([, piece]) => !ours.has(piece) && letters(piece) >= 3));
  return (texts) => texts.filter((text) => !/^[\p{Ll}\d_-]+$/u.test(text) && !known(text))
    .flatMap((text) => (other(text) ? [`${other(text)}: ${text}`] : []));
}

/** Fields of answers that hold what people wrote: customers, operators and colleagues, in whatever language. */
const own = new Set(["text", "texts", "quote", "post_text", "note", "close_note", "summary", "name", "title", "company", "description", "source", "handle", "customer_name",
  "subject", "query", "author", "data", "items_text", "display_name", "user_agent", "samples"]);

/**
 * spoken gives the sentences that the server itself says in an answer of the
 * API: those that it has codes for, and every other text of some words in a
 * field that is not people's own, or in a list.
 */
export function spoken(answer) {
  if (typeof answer === "string") return answer.trim().split(/\s+/).length < 3 ? [] : [answer];
  if (Array.isArray(answer)) return answer.flatMap((a) => spoken(a));
  if (answer === null || typeof answer !== "object") return [];
  return Object.entries(answer).flatMap(([key, value]) => {
    if (key.endsWith("_said")) return (value ?? []).flat().filter((part) => part.code).map((part) => part.text);
    if (own.has(key)) return Array.isArray(value) ? spoken(value.filter((v) => typeof v === "object")) : [];
    return answer[`${key}_said`] ? [] : spoken(value);
  });
}

/** heard tells which of the server's sentences stand on a page as the server words them. */
export function heard(sentences, texts) {
  const page = texts.map((text) => text.toLowerCase());
  return [...new Set(sentences)].filter((s) => letters(s) >= 8 && page.some((text) => text.includes(s.toLowerCase())));
}

/**
 * shown gives every text of a page, whether it is read or heard. What is marked
 * as being in a language of its own and what somebody wrote in an editor are
 * not the page's words.
 */
export function shown(page) {
  return page.evaluate(() => {
    const apart = "script, style, noscript, textarea, .cm-content, pre, code, [lang]:not(html)";
    const out = new Set([document.title.split(" · ")[0]]);
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) if (!words.currentNode.parentElement.closest(apart)) out.add(words.currentNode.data.trim());
    for (const name of ["aria-label", "aria-description", "placeholder", "title", "alt"]) {
      for (const el of document.querySelectorAll(`[${name}]`)) if (!el.closest(apart)) out.add(el.getAttribute(name).trim());
    }
    return [...out].filter(Boolean);
  });
}
