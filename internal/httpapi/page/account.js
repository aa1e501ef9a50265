import { $, api, h, peek, say, submit } from "/assets/person.js";

let who = null; // the session
let me = null; // the account

const full = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

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
  const secret = attrs.type === "password" && h("button", { type: "button" }, "Show");
  const box = h("div", { class: "field" + (attrs.autocomplete === "one-time-code" ? " code" : "") },
    h("label", { for: id }, label), secret ? h("div", { class: "peek" }, input, secret) : input, about && h("small", { id: id + "-about" }, about));
  if (secret) peek(secret);
  return box;
}

/** proof asks again who it is, before what keeps the account safe is changed. */
const proof = (id) => [
  me.has_password && field(id + "-password", "Your password", { type: "password", autocomplete: "current-password", "data-field": "password" }),
  me.has_totp && field(id + "-code", "Code", { autocomplete: "one-time-code", "data-field": "code", about: "From your authenticator app, or a recovery code." }),
];
const value = (id) => ($(id) ? $(id).value : undefined);
const proven = (id) => ({ password: value(id + "-password"), code: value(id + "-code") });

function form(home, label, fields, work, leave) {
  const note = h("p", { class: "note bad", role: "alert", hidden: true });
  // Password managers want to see whose password it is.
  const whose = fields.flat().some((x) => x && x.querySelector && x.querySelector('[type="password"]')) && h("input", { type: "text", name: "username", autocomplete: "username", value: me.login, hidden: true, readonly: true, tabindex: "-1" });
  const f = h("form", { novalidate: true, class: leave ? "inset" : "" }, whose, ...fields, note,
    h("div", { class: "row" }, h("button", { class: "primary", type: "submit" }, label), leave && h("button", { class: "quiet", type: "button", onclick: leave }, "Cancel")));
  submit(f, note, work);
  home.replaceChildren(f);
  const first = leave && f.querySelector("input:not([hidden])");
  if (first) first.focus();
}

// ---- the second factor

function drawFactor() {
  const home = $("factor");
  $("factor-state").textContent = me.has_totp ? "on" : "off";
  $("factor-state").className = "tag " + (me.has_totp ? "good" : who.restricted ? "warn" : "");
  const place = h("div", { id: "factor-place" });
  const button = (id, label, kind, open) => h("button", { type: "button", id, class: kind, onclick: () => open(place, () => { place.replaceChildren(); $(id).focus(); }) }, label);
  if (!me.has_totp) {
    home.replaceChildren(
      h("p", { class: "dim" }, "With a second factor a stolen password alone opens nothing. You need an authenticator app on your phone."),
      h("div", { class: "row" }, button("factor-set", "Set up", "primary", begin)), place);
    return;
  }
  home.replaceChildren(
    h("p", { class: "dim" }, me.recovery_codes + (me.recovery_codes === 1 ? " recovery code is" : " recovery codes are") + " left, for when your phone is not at hand."),
    h("div", { class: "row" },
      button("factor-codes", "New recovery codes", "quiet slim", renew),
      button("factor-set", "Another phone", "quiet slim", begin),
      button("factor-off", "Remove", "danger slim", remove)), place);
}

function begin(place, leave) {
  const start = async () => scan(place, leave, await ask("POST", "/v1/account/totp", proven("set")));
  if (!me.has_password && !me.has_totp) {
    start().catch((err) => say($("note"), err.message));
    return;
  }
  form(place, "Go on", proof("set"), start, leave);
}

function scan(place, leave, made) {
  const picture = document.importNode(new DOMParser().parseFromString(made.qr, "image/svg+xml").documentElement, true);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", "QR code for your authenticator app; the key below says the same");
  const fields = [h("ol", { class: "steps" },
    h("li", {}, h("p", {}, "Scan this with your authenticator app, or type the key."), h("div", { class: "qr" }, picture), h("p", { class: "small" }, "Key: ", h("code", { id: "totp-key" }, made.secret))),
    h("li", {}, field("first-code", "Type the code that it shows", { autocomplete: "one-time-code", inputmode: "numeric", "data-field": "code" })))];
  form(place, "Turn on", fields, async () => {
    const on = await ask("POST", "/v1/account/totp/confirm", { code: $("first-code").value });
    await load();
    codes($("factor-place"), on.recovery_codes);
    done("The second factor is on. Keep the recovery codes below.");
  }, leave);
}

function codes(place, list) {
  const copied = h("span", { class: "small dim", role: "status" });
  place.replaceChildren(h("form", { class: "inset", onsubmit: (e) => { e.preventDefault(); place.replaceChildren(); $("factor-set").focus(); } },
    h("p", {}, "Your recovery codes. Each opens your account once without your phone. They are shown this once: print them, or keep them in a password manager."),
    h("ul", { class: "codes", "aria-label": "Recovery codes" }, ...list.map((c) => h("li", {}, c))),
    h("div", { class: "row" },
      h("button", { class: "primary", type: "submit" }, "I have kept them"),
      navigator.clipboard && h("button", { class: "quiet", type: "button", onclick: async () => {
        await navigator.clipboard.writeText(list.join("\n")).then(() => (copied.textContent = "Copied."), () => (copied.textContent = "Copy them by hand."));
      } }, "Copy"), copied)));
}

function renew(place, leave) {
  form(place, "Make new codes", [h("p", { class: "dim" }, "Those that you have now are worth nothing afterwards."), ...proof("renew")], async () => {
    const made = await ask("POST", "/v1/account/recovery-codes", proven("renew"));
    await load();
    codes($("factor-place"), made.recovery_codes);
    done("These are your new recovery codes.");
  }, leave);
}

function remove(place, leave) {
  form(place, "Remove the second factor", proof("remove"), async () => {
    await ask("POST", "/v1/account/totp/remove", proven("remove"));
    await load();
    done("The second factor is off, and you are signed out everywhere else.");
  }, leave);
}

// ---- name, password, sessions

function drawYou() {
  const facts = [["Login", me.login], ["Role", me.role], ["E-mail", me.email], ["Queues", me.queues.join(", ")], ["Provider", me.oidc_issuer]];
  $("facts").replaceChildren(...facts.filter(([, v]) => v).flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
  form($("you"), "Save", [field("name", "Your name", { autocomplete: "name", maxlength: "200", value: me.name || "" })], async () => {
    await ask("PUT", "/v1/account", { name: $("name").value });
    await load();
    done("Your name is saved.");
  });
}

function drawPassword() {
  if (!me.has_password) {
    $("password").replaceChildren(h("p", { class: "dim" }, "You have none: you sign in through your company's account."));
    return;
  }
  const fields = [...proof("change"), field("new-password", "New password", { type: "password", autocomplete: "new-password", "data-field": "new_password", about: "At least 12 characters. You are signed out everywhere else." })];
  form($("password"), "Change password", fields, async () => {
    await ask("PUT", "/v1/account/password", { ...proven("change"), new_password: $("new-password").value });
    await load();
    done("Your password is changed, and you are signed out everywhere else.");
  });
}

/** browser is what a browser calls itself, in short. */
function browser(agent) {
  const name = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "";
  const on = /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return name ? name + (on ? " on " + on : "") : agent || "Unknown browser";
}

function drawSessions(list) {
  $("end-others").hidden = list.length < 2;
  $("sessions").replaceChildren(...list.map((x) => h("li", {},
    h("div", {}, h("b", {}, browser(x.agent || "")), " ", x.own && h("span", { class: "tag good" }, "this one"),
      h("div", { class: "dim small" }, [x.from, "last used " + full(x.seen_at), "since " + full(x.at)].filter(Boolean).join(" · "))),
    !x.own && h("button", { class: "quiet slim", type: "button", "aria-label": "End the session in " + browser(x.agent || "") + (x.from ? " from " + x.from : ""), onclick: () => end("/" + x.id, "The session is ended.") }, "End"))));
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
$("end-others").addEventListener("click", () => end("", "All other sessions are ended."));

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
