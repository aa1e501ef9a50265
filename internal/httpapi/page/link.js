import { $, api, say, submit } from "/assets/person.js";

// The secret stands behind the #, which browsers send to nobody. It leaves the
// address at once, so that it stays in no history and no screenshot.
let secret = "";

const told = {
  first: ["Welcome", "Nobody has an account here yet. Choose your login and a password: you will be the first administrator."],
  invite: ["Welcome", "Choose a password. You sign in with it from now on."],
  reset: ["A new password", "Choose another password. You are signed out everywhere else."],
};

async function open() {
  if (location.hash.length > 1) secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  $("form").hidden = true;
  $("onward").hidden = true;
  if (!secret) {
    over("This page needs the whole link", "Open the link again as it was given to you. It works once.");
    return;
  }
  try {
    draw(await api("POST", "/v1/links/show", { secret }));
  } catch (err) {
    over("This link does not work", err.message);
  }
}

function over(title, text) {
  $("title").textContent = title;
  $("about").textContent = text;
  $("form").hidden = true;
  $("onward").hidden = false;
}

function draw(link) {
  const first = link.purpose === "first";
  [$("title").textContent, $("about").textContent] = told[link.purpose] || told.invite;
  $("whose").textContent = link.name || link.login || "";
  for (const el of document.querySelectorAll(".first")) el.hidden = !first;
  $("login-about").hidden = !first;
  $("login").value = link.login || "";
  $("login").readOnly = !first; // there so that password managers know whose it is
  $("form").hidden = false;
  $(first ? "login" : "password").focus();
}

submit($("form"), $("note"), async () => {
  const first = !$("login").readOnly;
  const who = first ? { login: $("login").value, name: $("name").value, email: $("email").value } : {};
  const done = await api("POST", "/v1/links/use", { secret, password: $("password").value, ...who });
  secret = "";
  if (done.session) {
    location.replace(done.session.restricted ? "/account" : $("form").dataset.home);
    return;
  }
  $("form").reset();
  over("The password is saved", "Sign in with it and a code of your authenticator app.");
});

addEventListener("hashchange", () => { if (location.hash.length > 1) { say($("note"), ""); open(); } });
open();
