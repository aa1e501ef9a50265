package httpapi

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
)

// Pages that people sign in by.
const (
	signInPath  = "/sign-in"
	linkPage    = "/link" // auth.LinkPath without its #
	accountPath = "/account"
)

var signInTemplate = template.Must(template.ParseFS(pageFiles, "page/sign-in.html")).Option("missingkey=error")

func (a *API) registerSignIn() {
	const js = "text/javascript; charset=utf-8"
	a.page(signInPath, open, http.HandlerFunc(a.signInPage))
	a.page(auth.OIDCCallback, open, http.HandlerFunc(a.provider))
	link, account := map[string]http.Handler{}, map[string]http.Handler{}
	for _, lang := range pageLanguages {
		data := map[string]any{"Home": a.home(), "Console": a.console.Built(), "Lang": lang, "T": pageTexts[lang]}
		link[lang] = unchanging(render("page/link.html", data), htmlType)
		account[lang] = unchanging(render("page/account.html", data), htmlType)
	}
	a.page(linkPage, open, localized(link))
	a.page(accountPath, open, localized(account))
	a.page("/assets/texts.js", open, textsModule())
	a.page("/assets/person.css", open, a.file("page/person.css", "text/css; charset=utf-8"))
	for _, name := range []string{"person.js", "sign-in.js", "link.js", "account.js"} {
		a.page("/assets/"+name, open, a.file("page/"+name, js))
	}
}

// home is where people work who are signed in: the console or, where it was
// not built, the page about their account.
func (a *API) home() string {
	if a.console.Built() {
		return consolePath
	}
	return accountPath
}

// nextOf is where to go after signing in: a path of this server.
func (a *API) nextOf(asked string) string {
	if p := auth.LocalPath(asked); p != "/" {
		return p
	}
	return a.home()
}

func (a *API) signInPage(w http.ResponseWriter, r *http.Request) {
	a.showSignIn(w, r, r.URL.Query().Get("next"), nil)
}

// showSignIn answers with the page, and with what went wrong, if anything did.
func (a *API) showSignIn(w http.ResponseWriter, r *http.Request, next string, failed *Problem) {
	lang := languageOf(r)
	data := struct {
		Company, Next, Failed, Lang string
		People, OIDC                bool
		T                           map[string]string
	}{Lang: lang, T: pageTexts[lang], Company: a.o.Company, Next: a.nextOf(next), People: a.o.People != nil, OIDC: a.o.OIDC != nil}
	if data.Company == domain.DefaultCompany {
		data.Company = "" // nobody has named it
	}
	status := http.StatusOK
	if failed != nil {
		status, data.Failed = failed.Status, failed.Detail
		if text := data.T["problem."+string(failed.Code)+".oidc"]; text != "" {
			data.Failed = text
		}
	}
	var b bytes.Buffer
	if err := signInTemplate.Execute(&b, data); err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", htmlType)
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// provider sends a browser to the OpenID provider, and takes it back from
// there: the provider's answer has a state, or else an error.
func (a *API) provider(w http.ResponseWriter, r *http.Request) {
	if a.o.OIDC == nil {
		a.refuse(w, r, domain.Errorf(domain.CodeNotFound, "no OpenID provider is configured; sign in at %s", signInPath))
		return
	}
	v, q := a.visit(r), r.URL.Query()
	if !q.Has("state") && !q.Has("error") && !q.Has("code") {
		flow, err := a.o.OIDC.Begin(r.Context(), a.nextOf(q.Get("next")), v.secure)
		if err != nil {
			a.failSignIn(w, r, err)
			return
		}
		http.SetCookie(w, flow.Cookie)
		leave(w, flow.URL)
		return
	}
	token, over := auth.FlowToken(r, v.secure)
	http.SetCookie(w, over)
	in, back, err := a.o.OIDC.Finish(r.Context(), auth.Return{Query: q, Cookie: token, Old: v.token, From: v.from, Agent: v.agent})
	if err != nil {
		a.failSignIn(w, r, err)
		return
	}
	http.SetCookie(w, auth.Cookie(in.Token, in.Session.Until, v.secure))
	leave(w, a.nextOf(back))
}

// leave sends a browser on, without the text that http.Redirect would add.
func leave(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// failSignIn shows the page with why the provider's way did not lead in. The
// log has what the browser is not told.
func (a *API) failSignIn(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	a.logCause(r.Context(), p)
	if p.cause != nil && p.Status != http.StatusInternalServerError {
		a.log.WarnContext(r.Context(), "signing in by the OpenID provider failed", "error", p.cause)
	}
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	a.showSignIn(w, r, "", p)
}
