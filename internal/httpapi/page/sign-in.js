import { $, api, submit } from "/assets/person.js";

const form = $("form");
if (form) {
  submit(form, $("note"), async () => {
    const code = $("code").value.trim();
    try {
      const who = await api("POST", "/v1/session", { login: $("login").value, password: $("password").value, ...(code && { code }) });
      location.replace(who.restricted ? "/account" : form.dataset.next);
    } catch (err) {
      if (err.field !== "code") throw err;
      // The password was right: from here on it is about the code alone.
      const asked = !$("code-field").hidden;
      $("code-field").hidden = false;
      $("code").required = true;
      $("code").value = "";
      $("code").focus();
      if (asked) throw err;
    }
  });
}
