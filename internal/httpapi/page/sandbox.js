"use strict";
// The sandbox page. It keeps the posts it has seen, asks for what changed and
// draws what it knows. Everything that people wrote is set as text, never as
// markup.

const $ = (id) => document.getElementById(id);
const state = { info: null, as: "", posts: new Map(), after: 0, replyTo: null, tab: "mine", seen: new Set(), run: 0, editing: null };

/** h makes an element: h("p", {class: "x"}, "text", child). */
function h(tag, attrs = {}, ...children) {
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

/** redraw draws and gives the focus back to what had it, by its data-key. If
 * that is gone, the focus goes to the section it was in: somebody who uses the
 * keyboard must not be thrown back to the page's begin. */
function redraw(draw) {
  const had = document.activeElement;
  const key = had && had.dataset ? had.dataset.key : "";
  const home = had && had.closest ? had.closest("section, .posts") : null;
  draw();
  if (!key || had.isConnected) return;
  const again = document.querySelector('[data-key="' + CSS.escape(key) + '"]') || home;
  if (again) again.focus({ preventScroll: true });
}

async function api(method, path, body) {
  const res = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const data = res.status === 204 ? null : await res.json().catch(() => null);
  if (!res.ok) throw new Error((data && data.detail) || "The server answered " + res.status + ".");
  return data;
}

// Every time on the page is in one zone, which the page names: the customer's,
// where the advocate knows it, for messages are written in that one; else the
// reader's.
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
let zone = ownZone;
let formats = {};
/** format writes a time in the page's zone; name is of one of the shapes. */
function format(name, t) {
  const shapes = {
    clock: { hour: "2-digit", minute: "2-digit" },
    zoned: { hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
    day: { weekday: "short", day: "numeric", month: "short" },
    date: { day: "numeric", month: "short" },
    full: { dateStyle: "medium", timeStyle: "long" },
    whole: { year: "numeric", month: "numeric", day: "numeric" },
  };
  formats[name] ||= new Intl.DateTimeFormat(undefined, { ...shapes[name], timeZone: zone });
  return formats[name].format(t);
}
/** setZone changes the page's zone and reports whether it is another now. */
function setZone(wanted) {
  let next = wanted || ownZone;
  try { new Intl.DateTimeFormat(undefined, { timeZone: next }); } catch { next = ownZone; } // one that this browser does not know
  const changed = next !== zone;
  [zone, formats] = [next, {}];
  const short = format("zoned", new Date()).replace(format("clock", new Date()), "").trim();
  $("zone").textContent = "Times are " + (short && short !== zone ? short + ", " : "") + zone + (wanted && next === wanted ? ", the customer's." : ", yours.");
  return changed;
}
const today = (t) => format("whole", t) === format("whole", new Date());
/** due is a time as the customer was told it, with its zone. */
const due = (iso) => format("day", new Date(iso)) + " " + format("zoned", new Date(iso));
const when = (iso) => (today(new Date(iso)) ? "" : format("day", new Date(iso)) + " ") + format("clock", new Date(iso));
const stamp = (iso, text) => h("time", { datetime: iso, title: format("full", new Date(iso)) }, text);
const brief = (iso) => stamp(iso, format(today(new Date(iso)) ? "clock" : "date", new Date(iso)));
const time = (iso) => stamp(iso, when(iso));
const words = (s) => String(s || "").replaceAll("_", " ").replaceAll(".", " ");

function face(handle, us) {
  let n = 0;
  for (const c of handle) n = (n * 31 + c.codePointAt(0)) % 6;
  return h("span", { class: "face " + (us ? "us" : "c" + n), "aria-hidden": "true" }, us ? "✓" : handle.slice(0, 2).toUpperCase());
}

// ---- who you are

function people() {
  const known = [...state.info.customers];
  if (!known.some((c) => !c.known)) known.push({ handle: "stranger", name: "A stranger", about: "Nobody the company knows by this handle." });
  if (!known.some((c) => c.handle === state.as)) known.push({ handle: state.as, name: "@" + state.as, about: "A handle of your own." });
  return known;
}

function nameOf(handle) {
  const c = state.info.customers.find((x) => x.handle === handle);
  return (c && c.name) || handle;
}

function drawPeople() {
  const list = people();
  redraw(() => $("people").replaceChildren(...list.map((c) => h("button", {
    class: "person", "data-key": "p" + c.handle, type: "button", role: "radio", "aria-checked": String(c.handle === state.as),
    tabindex: c.handle === state.as ? "0" : "-1", onclick: () => become(c.handle),
  }, face(c.handle), h("span", {}, h("b", {}, c.name || c.handle), h("small", {}, "@" + c.handle)), c.known ? h("span", { class: "tag good" }, "known") : ""))));
  const me = list.find((c) => c.handle === state.as);
  const orders = (me.orders || []).map((o) => h("p", {}, h("code", {}, o.id), " ", o.about || ""));
  $("about").replaceChildren(...(me.about ? [h("p", {}, me.about)] : []), ...orders);
  const all = state.info.customers.flatMap((c) => (c.orders || []).map((o) => o.id));
  const samples = me.samples && me.samples.length ? me.samples : all.length
    ? ["Where is my order " + all[0] + "?", "This is the third time I ask. Nobody answers!", "Thank you, great service"] : ["My parcel is late. Where is it?"];
  $("samples").replaceChildren(...samples.map((s) => h("button", { type: "button", title: s, onclick: () => sample(s) }, s)));
}

/** sample takes a prepared text. One that is nothing but an e-mail or a phone
 * number is for the company's eyes only, and answers its last private question. */
function sample(s) {
  $("text").value = s;
  const secret = /^\S+@\S+\.\S+$|^\+?[\d ().-]{6,}$/.test(s.trim());
  if (secret && !state.editing) {
    const asked = [...state.posts.values()].filter((p) => p.company && p.to === state.as && p.visibility === "private" && !p.deleted)
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
    if (asked) setReply(asked);
    $("v-private").checked = true;
  } else if (!state.editing && !state.replyTo) {
    $("v-public").checked = true;
  }
  $("text").focus();
}

$("people").addEventListener("keydown", (e) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
  if (!step) return;
  e.preventDefault();
  const list = people();
  const i = list.findIndex((c) => c.handle === state.as);
  become(list[(i + step + list.length) % list.length].handle);
  $("people").querySelector('[aria-checked="true"]').focus();
});

$("other").addEventListener("submit", (e) => {
  e.preventDefault();
  const handle = $("other-handle").value.trim().replace(/^@/, "").toLowerCase();
  if (handle) become(handle);
  $("other-handle").value = "";
});

function become(handle) {
  if (handle === state.as) return;
  Object.assign(state, { as: handle, posts: new Map(), after: 0, seen: new Set(), editing: null });
  try { sessionStorage.setItem("as", handle); } catch { /* private windows may refuse */ }
  setReply(null);
  $("decisions").replaceChildren(); // which ones are open is remembered by number
  drawPeople();
  drawPosts();
  follow();
  look();
}

// ---- posts

/** follow asks for changes for as long as its run is the newest. */
async function follow() {
  const run = ++state.run;
  let pause = 500;
  while (run === state.run) {
    try {
      const wait = state.after ? "&wait=25" : "";
      const page = await api("GET", "/v1/sandbox/timeline?as=" + encodeURIComponent(state.as) + "&after=" + state.after + wait);
      if (run !== state.run) return;
      const first = state.after === 0;
      state.after = Number(page.next);
      for (const p of page.items) state.posts.set(p.id, p);
      if (first) for (const p of page.items) state.seen.add(p.id);
      linked(true);
      pause = 500;
      if (page.items.length || first) {
        drawPosts();
        if (!first) announce(page.items);
        look();
      }
    } catch {
      linked(false);
      await new Promise((r) => setTimeout(r, pause));
      pause = Math.min(pause * 2, 8000);
    }
  }
}

function linked(on) {
  $("link").classList.toggle("on", on);
  const text = on ? "live" : "reconnecting";
  if ($("link-text").textContent !== text) $("link-text").textContent = text;
}

function announce(items) {
  const answer = items.find((p) => p.company && p.to === state.as && !p.deleted);
  if (answer) $("news").textContent = "New " + answer.visibility + " message: " + answer.text;
}

function mine(thread) {
  return thread.some((p) => p.handle === state.as || p.to === state.as);
}

function drawPosts() {
  const threads = new Map();
  for (const p of state.posts.values()) {
    if (state.tab === "all" && p.visibility === "private") continue;
    if (!threads.has(p.thread)) threads.set(p.thread, []);
    threads.get(p.thread).push(p);
  }
  let list = [...threads.values()];
  if (state.tab === "mine") list = list.filter(mine);
  // As times, not as text: "…:00Z" would sort after "…:00.5Z".
  const at = (p) => Date.parse(p.at);
  for (const t of list) t.sort((a, b) => at(a) - at(b) || Number(a.company || false) - Number(b.company || false) || a.change - b.change);
  list.sort((a, b) => at(b.at(-1)) - at(a.at(-1)));
  $("posts").setAttribute("aria-labelledby", "tab-" + state.tab);
  if (!list.length) {
    const text = state.tab === "mine"
      ? [h("b", {}, "Nothing here yet"), "Write the first post as @" + state.as + ". What comes back is shown here, private messages too."]
      : [h("b", {}, "The timeline is empty"), "Public posts of everybody are shown here."];
    $("posts").replaceChildren(h("div", { class: "card empty" }, ...text));
    return;
  }
  redraw(() => $("posts").replaceChildren(...list.map((t) => h("article", { class: "card thread", "aria-label": "Conversation" }, ...t.map(drawPost)))));
}

function drawPost(p) {
  const fresh = !state.seen.has(p.id);
  state.seen.add(p.id);
  const own = !p.company && p.handle === state.as;
  const name = p.company ? state.info.company : p.name || nameOf(p.handle);
  const tags = [];
  if (p.visibility === "private") tags.push(h("span", { class: "tag private" }, "private"));
  if (p.company) tags.push(h("span", { class: "tag" }, p.to === state.as ? "to you" : "to @" + p.to));
  if (p.edited_at && !p.deleted) tags.push(h("span", { class: "tag" }, "edited"));
  if (own && p.delivery === "pending") tags.push(h("span", { class: "tag warn", title: p.reason || "" }, "not delivered yet"));
  if (own && p.delivery === "refused") tags.push(h("span", { class: "tag bad", title: p.reason || "" }, "refused: " + (p.reason || "")));
  const acts = [];
  if (!p.deleted) {
    acts.push(h("button", { type: "button", "data-key": "r" + p.id, onclick: () => setReply(p) }, "Reply"));
    if (own) {
      acts.push(h("button", { type: "button", "data-key": "e" + p.id, onclick: () => setEdit(p) }, "Edit"));
      acts.push(h("button", { type: "button", "data-key": "d" + p.id, onclick: () => remove(p) }, "Delete"));
    }
  }
  return h("div", { class: "post " + p.visibility + (p.deleted ? " gone" : "") + (fresh ? " new" : ""), id: p.id },
    face(p.handle, p.company),
    h("div", { class: "body" },
      h("div", { class: "meta" }, h("b", {}, name), h("span", {}, "@" + p.handle), time(p.at), ...tags),
      h("p", { class: "text", dir: "auto" }, p.deleted ? "This post was deleted." : p.text),
      h("div", { class: "acts" }, ...acts)));
}

function setReply(p) {
  state.replyTo = p;
  state.editing = null;
  $("send").textContent = p ? "Reply" : "Post";
  const chip = $("reply-to");
  chip.hidden = !p;
  if (p) {
    chip.textContent = "Answering " + (p.company ? state.info.company : "@" + p.handle) + "  ✕";
    chip.setAttribute("aria-label", "Answering " + p.handle + ", press to begin a new conversation instead");
    $("v-" + p.visibility).checked = true;
    $("text").focus();
  }
}

function setEdit(p) {
  setReply(p);
  state.replyTo = null;
  state.editing = p;
  $("reply-to").textContent = "Editing your post  ✕";
  $("send").textContent = "Save";
  $("text").value = p.text;
}

$("reply-to").addEventListener("click", () => { if (state.editing) $("text").value = ""; setReply(null); $("text").focus(); });

function note(text, bad) {
  $("note").hidden = !text;
  $("note").textContent = text || "";
  $("note").classList.toggle("bad", Boolean(bad));
}

$("compose").addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("send").disabled = true;
  note("");
  try {
    const me = people().find((c) => c.handle === state.as);
    const p = state.editing
      ? await api("PUT", "/v1/sandbox/posts/" + encodeURIComponent(state.editing.id), { handle: state.as, text })
      : await api("POST", "/v1/sandbox/posts", {
        handle: state.as, name: me.known ? me.name : undefined, text,
        visibility: document.querySelector('input[name="visibility"]:checked').value,
        in_reply_to: state.replyTo ? state.replyTo.id : undefined,
      });
    $("text").value = "";
    setReply(null);
    state.posts.set(p.id, p);
    drawPosts();
    look();
    if (p.delivery === "pending") note("Posted. The advocate does not have it yet: " + (p.reason || "it will be delivered soon") + ".");
    if (p.delivery === "refused") note("Posted, and refused by the advocate's side: " + p.reason, true);
  } catch (err) {
    note(err.message, true);
  } finally {
    $("send").disabled = false;
  }
});

$("text").addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) $("compose").requestSubmit();
});

async function remove(p) {
  try {
    const gone = await api("DELETE", "/v1/sandbox/posts/" + encodeURIComponent(p.id) + "?handle=" + encodeURIComponent(state.as));
    state.posts.set(gone.id, gone);
    drawPosts();
  } catch (err) {
    note(err.message, true);
  }
}

function selectTab(tab) {
  state.tab = tab;
  for (const t of ["mine", "all"]) {
    $("tab-" + t).setAttribute("aria-selected", String(t === tab));
    $("tab-" + t).tabIndex = t === tab ? 0 : -1;
  }
  drawPosts();
}
for (const t of ["mine", "all"]) {
  $("tab-" + t).addEventListener("click", () => selectTab(t));
  $("tab-" + t).addEventListener("keydown", (e) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    const other = t === "mine" ? "all" : "mine";
    selectTab(other);
    $("tab-" + other).focus();
  });
}

// ---- inside the advocate (demo only)

let looking = false;
let lookAgain = false;
let shown = "";
async function look() {
  if (!state.info || !state.info.inside) return;
  if (looking) { lookAgain = true; return; }
  looking = true;
  const as = state.as;
  try {
    const view = await api("GET", "/v1/sandbox/inside?as=" + encodeURIComponent(as));
    const key = as + JSON.stringify(view);
    if (as === state.as && key !== shown && !$("inside").querySelector("select:focus")) { shown = key; redraw(() => drawInside(view)); }
  } catch (err) {
    $("inside-lead").textContent = err.message;
  }
  looking = false;
  if (lookAgain) { lookAgain = false; look(); }
}

const entryWords = {
  post: "Wrote", reply: "Answer decided", sent: "Answer sent", not_sent: "Not sent", staff: "Staff wrote", event: "Event", lookup: "Asked",
  answer: "Answer from", case: "Case", work_item: "Work item", promise: "Promise", subscription: "Events", identity: "Identity",
  consent: "Consent", set_aside: "Set aside", alarm: "Alarm",
};
const dispositions = ["reached", "resolved", "no_answer", "busy", "voicemail", "wrong_number", "refused"];

/** told is an entry's text, with times as people read them. */
const told = (text) => text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, due);
function entryWhat(e) {
  const what = e.kind === "sent" || e.kind === "post" ? "" : words(e.what);
  return what === words(e.kind) ? "" : what;
}

function fill(id, nodes, none) {
  $(id).replaceChildren(...(nodes.length ? nodes : [h("p", { class: "none" }, none)]));
}

function drawInside(v) {
  if (setZone(v.customer && v.customer.time_zone)) drawPosts();
  const open = v.cases.filter((c) => c.state !== "resolved");
  $("inside-state").textContent = v.known ? (open.length ? words(open[0].state) : "at rest") : "not awake";
  $("inside-state").className = "tag" + (open.length ? " good" : "");
  $("inside-lead").textContent = v.known
    ? (v.customer.name || "@" + state.as) + (v.customer.ref ? ", customer " + v.customer.ref : ", not linked to a customer record") + ". " + v.customer.version + " decisions so far."
    : "Nobody of this handle has written yet. The first post wakes an advocate.";
  fill("work", v.work_items.map(drawWork), "No call is asked for.");
  fill("orders", v.orders.map(drawOrder), "No order is known.");
  fill("subs", v.subscriptions.map((s) => h("div", { class: "item" },
    h("div", {}, h("code", {}, s.to), " where ", h("code", {}, s.anchor.attr + "=" + s.anchor.value)),
    h("small", {}, (s.reason ? s.reason + " · " : "") + "until " + when(s.expires)))), "It waits for no event.");
  fill("history", v.history.map((e) => h("li", {}, brief(e.at), h("div", {},
    h("b", {}, entryWords[e.kind] || words(e.kind)), " ", entryWhat(e), " ", e.visibility === "private" ? h("span", { class: "tag private" }, "private") : "",
    e.text && e.kind !== "sent" ? h("div", { class: "text", dir: "auto" }, told(e.text)) : ""))), "Nothing has happened.");
  const open1 = new Set([...$("decisions").querySelectorAll("details[open]")].map((d) => d.dataset.version));
  fill("decisions", v.decisions.map((d) => drawDecision(d, open1)), "Nothing was decided.");
}

function drawWork(w) {
  const final = w.state === "completed" || w.state === "canceled";
  const select = h("select", { "aria-label": "How it ended", "data-key": "w" + w.id }, ...dispositions.map((d) => h("option", { value: d }, words(d))));
  const form = h("form", { onsubmit: async (e) => {
    e.preventDefault();
    await act(() => api("POST", "/v1/sandbox/inside/complete", { work_item: w.id, disposition: select.value, note: "Completed on the sandbox page." }));
  } }, select, h("button", { class: "call", "data-key": "c" + w.id }, "Complete"));
  return h("div", { class: "item" },
    h("div", { class: "row between" }, h("b", {}, words(w.kind) + (w.number ? " to " + w.number : "")), h("span", { class: "tag " + (final ? "" : "warn") }, words(w.state))),
    h("small", {}, "queue " + w.queue + " · due " + due(w.due) + " · priority " + w.priority + (w.number ? "" : " · no proven number")),
    w.summary ? h("div", { class: "dim" }, w.summary) : "",
    w.disposition ? h("small", {}, "ended: " + words(w.disposition)) : "",
    final ? "" : form);
}

function drawOrder(o) {
  const send = (type, label) => h("button", { class: "small", type: "button", "data-key": type + o.id, onclick: () => act(() => api("POST", "/v1/sandbox/inside/event", { type, order: o.id })) }, label);
  const d = o.order;
  return h("div", { class: "item" },
    h("div", { class: "row between" }, h("code", {}, o.id), h("span", { class: "tag " + (o.open ? "good" : "warn") }, o.open ? "open to this customer" : "not proven")),
    d ? h("small", {}, [words(d.status), d.eta ? "expected " + due(d.eta) : "", d.carrier, d.reason].filter(Boolean).join(" · "))
      : h("small", {}, "Nothing about it is told until it is proven."),
    d && ["delivered", "canceled", "refunded"].includes(d.status) ? "" // nothing more is to come
      : h("div", { class: "do" }, send("order.delayed", "Let it be late"), send("order.delivered", "Let it arrive")));
}

async function act(fn) {
  try { note(""); await fn(); } catch (err) { note(err.message, true); }
  shown = "";
  look();
}

function inputWords(i) {
  switch (i.kind) {
    case "post": return "post";
    case "event": return i.event ? i.event.type : "event";
    case "answer": return "answer of " + (i.answer ? i.answer.component : "?");
    case "outcome": return "outcome: " + (i.outcome ? words(i.outcome.kind) + " " + i.outcome.state : "?");
    case "command": return "command: " + (i.command ? words(i.command.kind) : "?");
    default: return words(i.kind);
  }
}

function drawDecision(d, open) {
  const rules = (d.rules || []).filter((r) => r.outcome === "fired" || r.outcome === "error");
  const quiet = (d.rules || []).length - rules.length + (d.skipped || []).reduce((n, s) => n + (s.false || []).length + (s.once || []).length, 0);
  const list = rules.map((r) => h("div", { class: "rule " + r.outcome },
    h("b", {}, r.rule), r.line ? h("small", {}, " line " + r.line) : "",
    r.when ? h("div", {}, h("code", {}, r.when)) : "",
    ...(r.values || []).map((x) => h("div", {}, h("code", {}, x.expr + " = " + x.value))),
    r.error ? h("div", {}, r.error) : "",
    ...(r.did || []).map((x) => h("div", {}, "→ " + x))));
  const effects = (d.effects || []).filter((e) => e.suppressed).map((e) => h("div", { class: "skips" }, words(e.kind) + " " + (e.what || "") + " suppressed: " + e.suppressed));
  return h("details", { class: "why", "data-version": String(d.version), open: open.has(String(d.version)) },
    h("summary", { "data-key": "s" + d.version }, h("b", {}, "#" + d.version), " ", time(d.at), " ", (d.inputs || []).map(inputWords).join(", "),
      rules.length ? h("span", { class: "tag good" }, rules.length + (rules.length === 1 ? " rule fired" : " rules fired")) : ""),
    ...list, ...effects,
    h("div", { class: "skips" }, quiet + " other rules were considered and did not fire."));
}

// ---- start

(async function start() {
  for (;;) {
    try {
      state.info = await api("GET", "/v1/sandbox");
      break;
    } catch (err) {
      linked(false);
      note(err.message, true);
      await new Promise((r) => setTimeout(r, 2000));
    }
  }
  note("");
  setZone("");
  $("company-name").textContent = state.info.company;
  document.title = state.info.company + " sandbox · Contact Advocate";
  let as = "";
  try { as = sessionStorage.getItem("as") || ""; } catch { /* see become */ }
  const first = state.info.customers[0];
  if (state.info.inside) {
    $("inside").hidden = false;
    $("layout").classList.add("demo");
    setInterval(() => { if (!document.hidden) look(); }, 2500);
  }
  become(as || (first ? first.handle : "stranger"));
})();
