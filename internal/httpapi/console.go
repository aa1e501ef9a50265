package httpapi

import (
	"net/http"
	"strings"

	"github.com/contact-advocate/advocate/internal/console"
	"github.com/contact-advocate/advocate/internal/domain"
)

// The console is one page for many paths: which of its views a path means is
// decided in the browser.
const (
	consolePath  = "/"
	consoleFiles = "/console/{file...}"
	// consoleRest stands for every path that is nobody else's. It is no pattern
	// of the mux: there it would take the paths of other methods as well, and
	// turn the 405 of a call into a page.
	consoleRest = "/{path...}"
)

// notConsole are the first parts of paths that are not the console's, whatever
// stands behind them: a program that asks for a call that does not exist is
// told so, and is not given a page.
var notConsole = map[string]bool{
	"v1": true, "hooks": true, "healthz": true, "readyz": true, "metrics": true, "openapi.json": true, "docs": true,
	"console": true, "assets": true, "sign-in": true, "link": true, "account": true, "c": true,
}

func (a *API) registerConsole() {
	a.unbuilt = render("page/unbuilt.html", nil)
	a.page(consolePath, open, http.HandlerFunc(a.consolePage))
	a.page(consoleFiles, open, http.HandlerFunc(a.consoleFile))
	a.routes = append(a.routes, Route{http.MethodGet, consoleRest, string(open)})
}

// consolePage answers with the console. It holds nothing of anybody's: who is
// not signed in gets it as well, and is led to where people sign in.
func (a *API) consolePage(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", htmlType)
	if !a.console.Built() {
		h.Set("Content-Security-Policy", pagePolicy)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write(a.unbuilt)
		return
	}
	nonce := console.Nonce()
	h.Set("Content-Security-Policy", console.Policy(nonce))
	h.Set("Permissions-Policy", console.Permissions)
	_, _ = w.Write(a.console.Index(nonce)) // no-store, as it comes: the nonce is for once
}

func (a *API) consoleFile(w http.ResponseWriter, r *http.Request) {
	if a.console.ServeAsset(w, r, strings.TrimPrefix(r.URL.Path, "/")) {
		return
	}
	writeProblem(w, problem(domain.CodeNotFound, "there is no file %.200q; where another version of the console is served by now, load the page again", r.URL.Path))
}

// serveConsole answers a path that no pattern matches if it is the console's:
// a file of its own beside the page or, for who wants HTML, the page.
func (a *API) serveConsole(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	path := strings.TrimPrefix(r.URL.Path, "/")
	first, _, _ := strings.Cut(path, "/")
	switch accept := r.Header.Get("Accept"); {
	case notConsole[first]:
		return false
	case a.console.ServeAsset(w, r, path):
	case console.IsFile(path):
		return false
	case weight(accept, "text/html") > 0 || weight(accept, "application/xhtml+xml") > 0,
		path == "sandbox" && weight(accept, "*/*") > 0: // the start prints it, and people try it with curl
		a.consolePage(w, r)
	default:
		return false
	}
	return true
}
