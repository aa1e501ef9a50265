import { $, api, say, submit, t } from "/assets/person.js";

// The secret stands behind the #, which browsers send to nobody. It leaves the
// address at once, so that it stays in no history and no screenshot.
let secret = "";

const told = {
  first: ["welcome", "linkFirst"],
  invite: ["welcome", "linkInvite"],
  reset: ["linkResetTitle", "linkReset"],
};

async function open() {
  if (location.hash.length > 1) secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  $("form").hidden = true;
  $("onward").hidden = true;
  if (!secret) {
    over(t("linkWholeTitle"), t("linkWhole"));
    return;
  }
  try {
    draw(await api("POST", "/v1/links/show", { secret }));
  } catch (err) {
    over(t("linkBad"), err.message);
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
  [$("title").textContent, $("about").textContent] = (told[link.purpose] || told.invite).map((name) => t(name));
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
  over(t("saved"), t("savedAbout"));
});

addEventListener("hashchange", () => { if (location.hash.length > 1) { say($("note"), ""); open(); } });
open();
