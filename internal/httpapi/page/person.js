// What the pages about signing in share. Nothing that came from the server or
// from people is ever set as markup.

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
  constructor(status, problem, after) {
    const item = problem && problem.errors && problem.errors[0];
    super(sentence(status, problem, item, after));
    this.status = status;
    this.field = (item && item.field) || "";
  }
}

function sentence(status, problem, item, after) {
  let text = (problem && problem.detail) || "The server answered " + status + ".";
  const about = item && item.field ? item.field + ": " : "";
  if (about && text.startsWith(about)) {
    text = text.slice(about.length);
    if (/^(is|has|lies|names|belongs) /.test(text)) text = "the " + item.field.replaceAll("_", " ") + " " + text;
  }
  text = text[0].toUpperCase() + text.slice(1);
  if (!/[.!?]$/.test(text)) text += ".";
  if (after > 0) text += " Try again in " + (after < 90 ? after + (after === 1 ? " second." : " seconds.") : Math.ceil(after / 60) + " minutes.");
  return text;
}

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
    throw new Error("The server cannot be reached. Try again in a moment.");
  }
  const data = res.status === 204 ? null : await res.json().catch(() => null);
  if (!res.ok) throw new Refused(res.status, data, Number(res.headers.get("Retry-After")) || 0);
  return data;
}

/** say shows a message in an element that screen readers are told of. */
export function say(el, text, kind = "bad") {
  el.hidden = !text;
  el.textContent = text || "";
  el.classList.remove("bad", "good", "warn");
  if (kind) el.classList.add(kind);
}

/** submit runs work when a form is sent, one at a time; what goes wrong is
 * shown in note, and the field that it is about gets the focus. */
export function submit(form, note, work) {
  let busy = false;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (busy) return;
    busy = true;
    const send = form.querySelector('[type="submit"]');
    send.disabled = true;
    say(note, "");
    for (const el of form.querySelectorAll("[aria-invalid]")) el.removeAttribute("aria-invalid");
    try {
      await work();
    } catch (err) {
      say(note, err.message);
      const about = err.field && form.querySelector('[data-field="' + CSS.escape(err.field) + '"], #' + CSS.escape(err.field));
      if (about && !about.closest("[hidden]")) { about.setAttribute("aria-invalid", "true"); about.focus(); }
    }
    send.disabled = false;
    busy = false;
  });
}

/** peek lets a password be read. */
export function peek(button) {
  const input = button.parentElement.querySelector("input");
  button.setAttribute("aria-label", "Show the password");
  button.addEventListener("click", () => {
    const hide = input.type === "text";
    input.type = hide ? "password" : "text";
    button.textContent = hide ? "Show" : "Hide";
    button.setAttribute("aria-label", hide ? "Show the password" : "Hide the password");
  });
}
for (const b of document.querySelectorAll("[data-peek]")) peek(b);
