// What the pages about signing in share. Nothing that came from the server or
// from people is ever set as markup.

import texts from "/assets/texts.js";

/** The language that somebody chose in the console, else the page's as the
 * browser asked for it. */
const lang = [chosen(), document.documentElement.lang, "en"].find((l) => l in texts);

function chosen() {
  try {
    return localStorage.getItem("advocate.language") || "";
  } catch {
    return ""; // a browser that keeps nothing
  }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** t is a text in that language. */
export const t = (name, values = {}) => fill(texts[lang][name] || texts.en[name] || "", values);

/** when is a time as that language writes it. */
export const when = (iso) => new Date(iso).toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });

if (document.documentElement.lang !== lang) {
  document.documentElement.lang = lang;
  for (const el of document.querySelectorAll("[data-t]")) {
    el.textContent = t(el.dataset.t) + (el.tagName === "TITLE" ? " · Contact Advocate" : "");
  }
}

export const $ = (id) => document.getElementById(id);

/** h makes an element: h("p", {class: "x"}, "text", child). */
export function h(tag, attrs = {}, ...children) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs)) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith("on")) el.addEventListener(k.slice(2), v);
    else if (k === "value") el.value = v;
    else el.setAttribute(k, v === true ? "" : v);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

/** Refused is an answer that is no success: its status and field are for
 * programs, its message for people. */
export class Refused extends Error {
  constructor(status, problem, after, path) {
    const item = problem && problem.errors && problem.errors[0];
    super(sentence(status, problem, item, after, path));
    this.status = status;
    this.field = (item && item.field) || "";
  }
}

/** ours is what a problem comes to in a language that the server does not
 * write: by its code and the field or the part of the API that it is about. */
function ours(problem, item, path) {
  const code = "problem." + ((item && item.code) || problem.code);
  const all = [item && item.field && code + "." + item.field, code + "." + path.split("/")[2], code];
  const name = all.find((x) => x && texts[lang][x]);
  return name && texts[lang][name];
}

function sentence(status, problem, item, after, path) {
  let text = (problem && (ours(problem, item, path) || problem.detail)) || t("answered", { status });
  const about = item && item.field ? item.field + ": " : "";
  if (about && text.startsWith(about)) {
    text = text.slice(about.length);
    if (/^(is|has|lies|names|belongs) /.test(text)) text = "the " + item.field.replaceAll("_", " ") + " " + text;
  }
  text = text[0].toUpperCase() + text.slice(1);
  if (!/[.!?]$/.test(text)) text += ".";
  if (after > 0) text += " " + t("again", { time: after < 90 ? unit(after, "second") : unit(Math.ceil(after / 60), "minute") });
  return text;
}

const unit = (n, name) => new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay: "long" }).format(n);

/** api asks the server; it throws Refused, or an Error when there is no answer. */
export async function api(method, path, body, headers = {}) {
  let res;
  try {
    res = await fetch(path, {
      method, credentials: "same-origin", cache: "no-store",
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error(t("unreachable"));
  }
  const data = res.status === 204 ? null : await res.json().catch(() => null);
  if (!res.ok) throw new Refused(res.status, data, Number(res.headers.get("Retry-After")) || 0, path);
  return data;
}

/** say shows a message in an element that screen readers are told of. */
export function say(el, text, kind = "bad") {
  el.hidden = !text;
  el.textContent = text || "";
  el.classList.remove("bad", "good", "warn");
  if (kind) el.classList.add(kind);
}

/** submit runs work when a form is sent, one at a time. What goes wrong is said
 * at the field that it is about, which gets the focus, else in note. */
export function submit(form, note, work) {
  let busy = false;
  form.addEventListener("input", (e) => allow(e.target));
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (busy) return;
    busy = true;
    const send = form.querySelector('[type="submit"]');
    send.disabled = true;
    say(note, "");
    for (const el of form.querySelectorAll("[aria-invalid]")) allow(el);
    try {
      await work();
    } catch (err) {
      const about = err.field && form.querySelector('[data-field="' + CSS.escape(err.field) + '"], #' + CSS.escape(err.field));
      if (about && !about.closest("[hidden]")) refuse(about, err.message);
      else say(note, err.message);
    }
    send.disabled = false;
    busy = false;
  });
}

/** refuse says under a field what is wrong with it. It is an alert as well:
 * who sent the form from that field has the focus there already. */
function refuse(input, text) {
  const id = input.id + "-wrong";
  (input.closest(".field") || input.parentElement).append(h("p", { class: "wrong", id, role: "alert" }, text));
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [id, input.getAttribute("aria-describedby")].filter(Boolean).join(" "));
  input.focus();
}

/** allow takes back what refuse said. */
function allow(input) {
  const said = input.id && $(input.id + "-wrong");
  if (!said) return;
  said.remove();
  input.removeAttribute("aria-invalid");
  const rest = input.getAttribute("aria-describedby").split(" ").filter((id) => id !== said.id).join(" ");
  if (rest) input.setAttribute("aria-describedby", rest);
  else input.removeAttribute("aria-describedby");
}

/** peek lets a password be read. */
export function peek(button) {
  const input = button.parentElement.querySelector("input");
  button.setAttribute("aria-label", t("showPassword"));
  button.addEventListener("click", () => {
    const hide = input.type === "text";
    input.type = hide ? "password" : "text";
    button.textContent = hide ? t("show") : t("hide");
    button.setAttribute("aria-label", hide ? t("showPassword") : t("hidePassword"));
  });
}
for (const b of document.querySelectorAll("[data-peek]")) peek(b);
