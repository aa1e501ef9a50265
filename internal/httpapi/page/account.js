import { $, api, h, peek, say, submit, t, when } from "/assets/person.js";

let who = null; // the session
let me = null; // the account

/** ask is api for somebody who should be signed in. */
async function ask(...args) {
  try {
    return await api(...args);
  } catch (err) {
    if (err.status === 401 && !err.field && !(await there())) location.replace("/sign-in?next=/account");
    throw err;
  }
}

/** there reports whether the session still stands: a wrong password is a 401
 * as well. */
const there = () => api("GET", "/v1/session").then(() => true, (err) => err.status !== 401);

function done(text) {
  say($("note"), text, "good");
  $("note").focus();
}

// ---- forms

function field(id, label, { about, ...attrs } = {}) {
  const input = h("input", { id, maxlength: "1024", ...(about && { "aria-describedby": id + "-about" }), ...attrs });
  const secret = attrs.type === "password" && h("button", { type: "button" }, t("show"));
  const box = h("div", { class: "field" + (attrs.autocomplete === "one-time-code" ? " code" : "") },
    h("label", { for: id }, label), secret ? h("div", { class: "peek" }, input, secret) : input, about && h("small", { id: id + "-about" }, about));
  if (secret) peek(secret);
  return box;
}

/** proof asks again who it is, before what keeps the account safe is changed. */
const proof = (id) => [
  me.has_password && field(id + "-password", t("yourPassword"), { type: "password", autocomplete: "current-password", "data-field": "password" }),
  me.has_totp && field(id + "-code", t("code"), { autocomplete: "one-time-code", "data-field": "code", about: t("proofCode") }),
];
const value = (id) => ($(id) ? $(id).value : undefined);
const proven = (id) => ({ password: value(id + "-password"), code: value(id + "-code") });

function form(home, label, fields, work, leave) {
  const note = h("p", { class: "note bad", role: "alert", hidden: true });
  // Password managers want to see whose password it is.
  const whose = fields.flat().some((x) => x && x.querySelector && x.querySelector('[type="password"]')) && h("input", { type: "text", name: "username", autocomplete: "username", value: me.login, hidden: true, readonly: true, tabindex: "-1" });
  const f = h("form", { novalidate: true, class: leave ? "inset" : "" }, whose, ...fields, note,
    h("div", { class: "row" }, h("button", { class: "primary", type: "submit" }, label), leave && h("button", { class: "quiet", type: "button", onclick: leave }, t("cancel"))));
  submit(f, note, work);
  home.replaceChildren(f);
  const first = leave && f.querySelector("input:not([hidden])");
  if (first) first.focus();
}

// ---- the second factor

function drawFactor() {
  const home = $("factor");
  $("factor-state").textContent = me.has_totp ? t("on") : t("off");
  $("factor-state").className = "tag " + (me.has_totp ? "good" : who.restricted ? "warn" : "");
  const place = h("div", { id: "factor-place" });
  const button = (id, label, kind, open) => h("button", { type: "button", id, class: kind, onclick: () => open(place, () => { place.replaceChildren(); $(id).focus(); }) }, label);
  if (!me.has_totp) {
    home.replaceChildren(
      h("p", { class: "dim" }, t("factorAbout")),
      h("div", { class: "row" }, button("factor-set", t("setUp"), "primary", begin)), place);
    return;
  }
  home.replaceChildren(
    h("p", { class: "dim" }, me.recovery_codes === 1 ? t("codesLeftOne") : t("codesLeft", { count: me.recovery_codes })),
    h("div", { class: "row" },
      button("factor-codes", t("newCodes"), "quiet slim", renew),
      button("factor-set", t("anotherPhone"), "quiet slim", begin),
      button("factor-off", t("remove"), "danger slim", remove)), place);
}

function begin(place, leave) {
  const start = async () => scan(place, leave, await ask("POST", "/v1/account/totp", proven("set")));
  if (!me.has_password && !me.has_totp) {
    start().catch((err) => say($("note"), err.message));
    return;
  }
  form(place, t("goOn"), proof("set"), start, leave);
}

function scan(place, leave, made) {
  const picture = document.importNode(new DOMParser().parseFromString(made.qr, "image/svg+xml").documentElement, true);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", t("qr"));
  const fields = [h("ol", { class: "steps" },
    h("li", {}, h("p", {}, t("scan")), h("div", { class: "qr" }, picture), h("p", { class: "small" }, t("key"), " ", h("code", { id: "totp-key" }, made.secret))),
    h("li", {}, field("first-code", t("typeCode"), { autocomplete: "one-time-code", inputmode: "numeric", "data-field": "code" })))];
  form(place, t("turnOn"), fields, async () => {
    const on = await ask("POST", "/v1/account/totp/confirm", { code: $("first-code").value });
    await load();
    codes($("factor-place"), on.recovery_codes);
    done(t("factorOn"));
  }, leave);
}

function codes(place, list) {
  const copied = h("span", { class: "small dim", role: "status" });
  place.replaceChildren(h("form", { class: "inset", onsubmit: (e) => { e.preventDefault(); place.replaceChildren(); $("factor-set").focus(); } },
    h("p", {}, t("codesAbout")),
    h("ul", { class: "codes", "aria-label": t("codes") }, ...list.map((c) => h("li", {}, c))),
    h("div", { class: "row" },
      h("button", { class: "primary", type: "submit" }, t("kept")),
      navigator.clipboard && h("button", { class: "quiet", type: "button", onclick: async () => {
        await navigator.clipboard.writeText(list.join("\n")).then(() => (copied.textContent = t("copied")), () => (copied.textContent = t("copyByHand")));
      } }, t("copy")), copied)));
}

function renew(place, leave) {
  form(place, t("makeCodes"), [h("p", { class: "dim" }, t("makeCodesAbout")), ...proof("renew")], async () => {
    const made = await ask("POST", "/v1/account/recovery-codes", proven("renew"));
    await load();
    codes($("factor-place"), made.recovery_codes);
    done(t("codesMade"));
  }, leave);
}

function remove(place, leave) {
  form(place, t("removeFactor"), proof("remove"), async () => {
    await ask("POST", "/v1/account/totp/remove", proven("remove"));
    await load();
    done(t("factorOff"));
  }, leave);
}

// ---- name, password, sessions

function drawYou() {
  const facts = [[t("login"), me.login], [t("role"), me.role.split(" ").map((r) => t("role." + r) || r).join(", ")], [t("mail"), me.email], [t("queues"), me.queues.join(", ")], [t("provider"), me.oidc_issuer]];
  $("facts").replaceChildren(...facts.filter(([, v]) => v).flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
  form($("you"), t("save"), [field("name", t("yourName"), { autocomplete: "name", maxlength: "200", value: me.name || "" })], async () => {
    await ask("PUT", "/v1/account", { name: $("name").value });
    await load();
    done(t("nameSaved"));
  });
}

function drawPassword() {
  if (!me.has_password) {
    $("password").replaceChildren(h("p", { class: "dim" }, t("noPassword")));
    return;
  }
  const fields = [...proof("change"), field("new-password", t("newPassword"), { type: "password", autocomplete: "new-password", "data-field": "new_password", about: t("changePasswordAbout") })];
  form($("password"), t("changePassword"), fields, async () => {
    await ask("PUT", "/v1/account/password", { ...proven("change"), new_password: $("new-password").value });
    await load();
    done(t("passwordChanged"));
  });
}

/** browser is what a browser calls itself, in short. */
function browser(agent) {
  const name = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "";
  const on = /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return name ? (on ? t("browserOn", { browser: name, system: on }) : name) : agent || t("browserUnknown");
}

function drawSessions(list) {
  $("end-others").hidden = list.length < 2;
  $("sessions").replaceChildren(...list.map((x) => h("li", {},
    h("div", {}, h("b", {}, browser(x.agent || "")), " ", x.own && h("span", { class: "tag good" }, t("thisOne")),
      h("div", { class: "dim small" }, [x.from, t("lastUsed", { at: when(x.seen_at) }), t("since", { at: when(x.at) })].filter(Boolean).join(" · "))),
    !x.own && h("button", { class: "quiet slim", type: "button", "aria-label": t(x.from ? "endSessionFrom" : "endSession", { browser: browser(x.agent || ""), from: x.from }), onclick: () => end("/" + x.id, t("ended")) }, t("end")))));
}

async function end(path, text) {
  try {
    await ask("DELETE", "/v1/account/sessions" + path);
    drawSessions((await ask("GET", "/v1/account/sessions")).items);
    done(text);
  } catch (err) {
    say($("note"), err.message);
  }
}
$("end-others").addEventListener("click", () => end("", t("othersEnded")));

$("out").addEventListener("click", async () => {
  try {
    const out = await api("DELETE", "/v1/session");
    location.replace(out.provider_url || "/sign-in");
  } catch (err) {
    say($("note"), err.message);
  }
});

// ---- start

async function load() {
  let list;
  [who, me, list] = await Promise.all([ask("GET", "/v1/session"), ask("GET", "/v1/account"), ask("GET", "/v1/account/sessions")]);
  $("whose").textContent = me.name ? me.name + " (" + me.login + ")" : me.login;
  $("restricted").hidden = !who.restricted;
  drawFactor();
  drawYou();
  drawPassword();
  drawSessions(list.items);
  $("main").removeAttribute("aria-busy");
}
load().catch((err) => say($("note"), err.message));
