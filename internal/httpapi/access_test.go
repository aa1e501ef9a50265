package httpapi

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/store"
)

// fill puts something into a path's placeholders.
func fill(path string) string {
	return strings.NewReplacer("{id}", "x", "{version}", "1", "{source}", "x", "{login}", "x", "{name}", "x").Replace(path)
}

// TestEveryRouteAsksForItsPermission walks all calls with every kind of caller.
func TestEveryRouteAsksForItsPermission(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withSandbox(t))
	short, err := auth.Create(t.Context(), f.store, auth.CreateParams{Name: "old", Role: auth.RoleAdmin, Now: testNow.Add(-time.Hour), TTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	free := map[string]bool{"open": true, "sandbox": true, "signed": true}
	needs := map[string]int{}
	for _, r := range f.api.Routes() {
		if r.Path == "/v1/stream" {
			continue // stays open: TestStream
		}
		needs[r.Access]++
		try := func(header string) int {
			headers := []string{}
			if header != "" {
				headers = append(headers, header)
			}
			return f.call(r.Method, fill(r.Path), "", headers...).status
		}
		if free[r.Access] {
			if got := try(""); got == 403 || got == 401 && r.Access != "signed" { // nobody has signed
				t.Errorf("%s %s without a token: %d; it asks for none", r.Method, r.Path, got)
			}
			continue
		}
		if r.Access == "inside" {
			if got := try(f.as(auth.RoleAdmin)); got != 404 {
				t.Errorf("%s %s answers %d though the inside view is off", r.Method, r.Path, got)
			}
			continue
		}
		for what, header := range map[string]string{
			"no token": "", "a bad token": "Authorization: Bearer adv_" + strings.Repeat("A", 43), "an expired token": "Authorization: Bearer " + short,
			"another scheme": "Authorization: Basic " + f.tokens[auth.RoleAdmin], "an empty token": "Authorization: Bearer ",
		} {
			if got := try(header); got != 401 {
				t.Errorf("%s %s with %s: %d, want 401", r.Method, r.Path, what, got)
			}
		}
		for _, role := range auth.Roles {
			got := try(f.as(role))
			may := access(r.Access).allowedBy(role) || r.Access == "anyone"
			if may == (got == 403) || got == 401 {
				t.Errorf("%s %s as %s: %d; it asks for %s", r.Method, r.Path, role, got, r.Access)
			}
		}
	}
	for _, a := range []string{"open", "sandbox", "inside", "signed", "read", "read_customers", "read_work", "read_setup", "work", "supervise", "reports", "configure", "ingest",
		"people", "audit", "anyone", "account"} {
		if needs[a] == 0 {
			t.Errorf("no route asks for %q", a)
		}
	}
	if len(f.engine.posts)+len(f.engine.events) > 0 {
		t.Error("an empty request changed something")
	}
}

func TestWithoutTokenOnlyThese(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil) // the sandbox is off
	var answered []string
	for _, r := range f.api.Routes() {
		if r.Path == "/v1/stream" || strings.HasPrefix(r.Path, "/assets/") {
			continue
		}
		if got := f.call(r.Method, fill(r.Path), ""); got.status < 300 {
			answered = append(answered, r.Path)
		}
	}
	if want := []string{"/", "/account", "/docs", "/healthz", "/link", "/openapi.json", "/readyz", "/sign-in", "/v1/session"}; !slices.Equal(answered, want) {
		t.Errorf("without a token %v answer, want %v", answered, want)
	}
}

func TestRevokedTokenStopsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.want(f.call("GET", "/v1/customers", "", f.as(auth.RoleRead)), 200)
	if err := auth.Revoke(t.Context(), f.store, "t-read"); err != nil {
		t.Fatal(err)
	}
	a := f.want(f.call("GET", "/v1/customers", "", f.as(auth.RoleRead)), 401)
	if a.header.Get("WWW-Authenticate") == "" || a.header.Get("Content-Type") != "application/problem+json" || a.json(t)["code"] != "unauthorized" {
		t.Errorf("a 401 without its header or problem: %v %s", a.header, a.body)
	}
}

func TestForThisMachineOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { withSandbox(t)(o); o.DemoInside, o.SandboxHere = true, true })
	for _, path := range []string{"/v1/sandbox/inside?handle=ana", "/v1/sandbox", "/v1/sandbox/timeline?as=ana"} {
		f.want(f.call("GET", path, "", "Remote: 127.0.0.1:5", "Host: localhost:8080"), 200)
		f.want(f.call("GET", path, "", "Remote: [::1]:5", "Host: [::1]:8080"), 200)
		for what, headers := range map[string][]string{
			"another machine":  {"Remote: 192.0.2.7:5", "Host: localhost:8080"},
			"a rebound name":   {"Remote: 127.0.0.1:5", "Host: evil.example:8080"},
			"behind a proxy":   {"Remote: 127.0.0.1:5", "Host: localhost", "X-Forwarded-For: 192.0.2.7"},
			"a name like ours": {"Remote: 127.0.0.1:5", "Host: localhost.evil.example"},
			"an admin's token": {"Remote: 192.0.2.7:5", "Host: localhost:8080", f.as(auth.RoleAdmin)},
		} {
			if got := f.call("GET", path, "", headers...); got.status != 404 {
				t.Errorf("%s, %s: %d, want 404", path, what, got.status)
			}
		}
	}
	body := `{"handle":"ana","text":"@advocate where is A-1?"}`
	f.want(f.call("POST", "/v1/sandbox/posts", body), 404)
	f.want(f.call("POST", "/v1/sandbox/posts", body, "Remote: 127.0.0.1:5", "Host: 127.0.0.1:8080"), 202)
	// a proxy that says nothing of itself
	r := httptest.NewRequest("GET", "http://127.0.0.1:8080/v1/sandbox", nil)
	r.RemoteAddr = "127.0.0.1:5"
	if !local(r) {
		t.Error("HTTP/1.1 from here is not from here")
	}
	if r.Proto, r.ProtoMinor = "HTTP/1.0", 0; local(r) {
		t.Error("HTTP/1.0 is from here")
	}
}

func TestCrossOriginAndHeaders(t *testing.T) {
	t.Parallel()
	f := newFixture(t, withSandbox(t))
	body := `{"handle":"ana","text":"hello"}`
	f.want(f.call("POST", "/v1/sandbox/posts", body, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"), 403)
	f.want(f.call("POST", "/v1/sandbox/posts", body, "Sec-Fetch-Site: same-origin"), 202)
	for _, path := range []string{"/", "/healthz", "/docs", "/nothing/here", "/v1/customers"} {
		a := f.call("GET", path, "")
		csp := a.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, a.header)
		}
	}
}

func TestVerifierAnswersStoreTrouble(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *Options) { o.Store = busyStore{o.Store} })
	a := f.want(f.call("GET", "/v1/customers", "", f.as(auth.RoleRead)), 503)
	if a.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

type busyStore struct{ store.Store }

func (busyStore) View(context.Context, func(store.Reader) error) error { return store.ErrBusy }
