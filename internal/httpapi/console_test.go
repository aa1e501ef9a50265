package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/console"
)

const (
	testScript     = "console/index-Bx1_z-9Q.js"
	browserAccepts = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
)

var scriptText = strings.Repeat("export const answer = 42; ", 100) + "end"

// testConsole is a console as Vite leaves one, but for its size.
func testConsole(t *testing.T) *console.Console {
	t.Helper()
	c, err := console.New(fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><title>Contact Advocate</title><meta property="csp-nonce" nonce="__CSP_NONCE__">` +
			`<script type="module" nonce="__CSP_NONCE__" src="/` + testScript + `"></script><div id="root"></div>`)},
		testScript: {Data: []byte(scriptText)},
		"logo.svg": {Data: []byte("<svg/>")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConsolePageHasANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	inPolicy := regexp.MustCompile(`style-src 'self' 'nonce-([A-Za-z0-9+/]{22}==)';`)
	seen := map[string]bool{}
	for _, path := range []string{"/", "/", "/desk", "/desk"} {
		a := f.want(f.call("GET", path, "", "Accept: "+browserAccepts), 200)
		h := a.header
		policy := h.Get("Content-Security-Policy")
		found := inPolicy.FindStringSubmatch(policy)
		if found == nil {
			t.Fatalf("%s: policy %q", path, policy)
		}
		if seen[found[1]] || strings.Count(a.body, `nonce="`+found[1]+`"`) != 2 || strings.Contains(a.body, "__CSP_NONCE__") {
			t.Errorf("%s: nonce %s in %s", path, found[1], a.body)
		}
		seen[found[1]] = true
		for _, want := range []string{"default-src 'none';", "script-src 'self';", "connect-src 'self';", "base-uri 'none';", "form-action 'none';", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("the policy lacks %s: %s", want, policy)
			}
		}
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s: %q", path, name, h.Get(name))
			}
		}
		if p := h.Get("Permissions-Policy"); !strings.Contains(p, "microphone=(self)") || strings.Count(p, "self") != 1 || strings.Contains(p, "*") {
			t.Errorf("%s: permissions %q", path, p)
		}
	}
}

// TestConsoleAndTheRest: a path of the console's is given to who wants a page,
// and all that is the API's keeps its own answers.
func TestConsoleAndTheRest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	page := func(a answer) bool { return strings.Contains(a.body, `id="root"`) }
	for _, path := range []string{"/", "/desk", "/work-items/c38g2e6hyvbbk2-w1", "/customers/sofia.r", "/playbooks/retail.yaml", "/cases", "/live/", "/v1beta", "/accounts", "/desk?as=x"} {
		if a := f.want(f.call("GET", path, "", "Accept: "+browserAccepts), 200); !page(a) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	for _, path := range []string{
		"/v1", "/v1/", "/v1/none", "/v1/customers/x/none", "/hooks", "/hooks/shop/none", "/healthz/x", "/readyz/x", "/metrics/x", "/openapi.json/x", "/docs/x",
		"/console/", "/console/index-gone1234.js", "/console/desk", "/assets/none.js", "/assets/", "/sign-in/none", "/link/x", "/account/x", "/c/token", "/c",
		"/favicon.ico", "/none.js", "/desk/none.css", "/robots.txt", "/index.html", "/.keep.json",
	} {
		a := f.want(f.call("GET", path, "", "Accept: "+browserAccepts), 404)
		if page(a) || a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Cache-Control") != "no-store" || a.json(t)["code"] != "not_found" {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
	}
	// A program that asks for what is not there is told so.
	for _, accept := range []string{"", "*/*", "application/json", "text/html;q=0", "image/*"} {
		a := f.want(f.call("GET", "/desk", "", "Accept: "+accept), 404)
		if page(a) {
			t.Errorf("Accept %q has the page", accept)
		}
	}
	// The sandbox's address is printed at the start, so who has no browser meets it.
	if a := f.want(f.call("GET", "/sandbox", "", "Accept: */*"), 200); !page(a) {
		t.Errorf("the sandbox: %v", a.header)
	}
	f.want(f.call("GET", "/sandbox/x", "", "Accept: */*"), 404)
	f.want(f.call("GET", "/sandbox", "", "Accept: application/json"), 404)
	f.want(f.call("POST", "/desk", "{}", "Accept: "+browserAccepts), 404)
	f.want(f.call("POST", "/", "{}", "Accept: "+browserAccepts), 405)
	f.want(f.call("GET", "/v1/links/show", "", "Accept: "+browserAccepts), 405)
	if a := f.call("GET", "/desk//x", "", "Accept: "+browserAccepts); a.status != 301 && a.status != 307 || a.header.Get("Location") != "/desk/x" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := f.want(f.call("HEAD", "/desk", "", "Accept: "+browserAccepts), 200); a.header.Get("Content-Type") != htmlType {
		t.Errorf("HEAD: %v", a.header)
	}
}

func TestConsoleFiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	plain := f.want(f.call("GET", "/"+testScript, ""), 200)
	h := plain.header
	if plain.body != scriptText || h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Content-Type") != "text/javascript; charset=utf-8" ||
		h.Get("Vary") != "Accept-Encoding" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" {
		t.Errorf("%v", h)
	}
	a := f.want(f.call("GET", "/"+testScript, "", "Accept-Encoding: gzip, deflate, br"), 200)
	z, err := gzip.NewReader(bytes.NewBufferString(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != scriptText || a.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v %v", a.header, err)
	}
	f.want(f.call("GET", "/"+testScript, "", "If-None-Match: "+h.Get("ETag")), 304)
	f.want(f.call("HEAD", "/"+testScript, ""), 200)
	f.want(f.call("POST", "/"+testScript, "{}"), 405)
	if logo := f.want(f.call("GET", "/logo.svg", "", "Accept: image/*"), 200); logo.header.Get("Cache-Control") != "no-cache" || logo.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%v", logo.header)
	}
	for _, path := range []string{"/console/%2e%2e/index.html", "/console/..%2findex.html", "/console/%2e%2e%2f%2e%2e%2fconsole.go", "/console/index-Bx1_z-9Q.js%00", `/console/..\index.html`} {
		if a := f.call("GET", path, "", "Accept: "+browserAccepts); a.status != 404 && a.status/100 != 3 || strings.Contains(a.body, "root") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if got := f.want(f.call("GET", "/console/index-gone1234.js", ""), 404); !strings.Contains(got.body, "load the page again") {
		t.Errorf("%s", got.body)
	}
}

// TestConsoleIsOneRouteToTheMetrics: a path may name somebody.
func TestConsoleIsOneRouteToTheMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.want(f.call("GET", "/customers/sofia.r", "", "Accept: text/html"), 200)
	a := f.want(f.call("GET", "/metrics", "", f.as(auth.RoleRead)), 200)
	if !strings.Contains(a.body, `route="/{path...}"`) || strings.Contains(a.body, "sofia") {
		t.Error("the console's pages are not counted as one route")
	}
}

// TestConsoleNotBuilt: everything else works, and / says what is missing.
func TestConsoleNotBuilt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) {
		withSandbox(t)(o)
		o.Console = nil
	})
	for _, path := range []string{"/", "/desk", "/sandbox"} {
		a := f.want(f.call("GET", path, "", "Accept: "+browserAccepts), 503)
		if !strings.Contains(a.body, "make build") || a.header.Get("Content-Type") != htmlType ||
			a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Security-Policy") != pagePolicy {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
	}
	f.want(f.call("GET", "/desk", ""), 404)
	f.want(f.call("GET", "/"+testScript, ""), 404)
	if a := f.want(f.call("GET", "/link", ""), 200); !strings.Contains(a.body, `data-home="/account"`) {
		t.Errorf("%s", a.body)
	}
	if a := f.want(f.call("GET", "/account", ""), 200); strings.Contains(a.body, `href="/">Console`) {
		t.Error("the account's page leads to a console that is not there")
	}
	for asked, want := range map[string]string{"": "/account", "/": "/account", "//evil.example": "/account", "/sandbox": "/sandbox", "/desk": "/desk"} {
		if got := f.api.nextOf(asked); got != want {
			t.Errorf("next %q: %q, want %q", asked, got, want)
		}
	}
	with := newFixture(t, nil)
	if a := with.want(with.call("GET", "/link", ""), 200); !strings.Contains(a.body, `data-home="/"`) {
		t.Errorf("%s", a.body)
	}
	if a := with.want(with.call("GET", "/account", ""), 200); !strings.Contains(a.body, `href="/">Console`) {
		t.Errorf("%s", a.body)
	}
}
