package rest

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/componenttest"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func newTest(t *testing.T, c Config) *Component {
	t.Helper()
	if c.Name == "" {
		c.Name = "crm"
	}
	if c.Map == "" {
		c.Map = `{data: {got: .}}`
	}
	if c.Backoff == 0 {
		c.Backoff = time.Millisecond
	}
	out, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Close)
	return out
}

func ask(t *testing.T, c *Component, q domain.Lookup, ref string) (domain.ComponentAnswer, *component.Error) {
	t.Helper()
	ans, err := c.Ask(t.Context(), q, component.Asker{Ref: ref})
	var e *component.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	return ans, e
}

func TestConformance(t *testing.T) {
	t.Parallel()
	componenttest.Run(t, func(t *testing.T) componenttest.Case {
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/v1/orders/") || strings.Contains(r.URL.Path, "/..") {
				t.Errorf("asked for %q", r.URL.Path)
			}
			if r.URL.Query().Get("id") == "A-1" {
				fmt.Fprint(w, `{"order":{"id":"a-1","status":"shipped","email":"x@example.com"}}`)
				return
			}
			w.WriteHeader(404)
		})
		return componenttest.Case{
			Component: newTest(t, Config{URL: u + "/v1/orders/{id}?id={id}&q={query}&l={lang}", Map: `{orders: [.order]}`, AllowPrivate: true}),
			Known:     domain.Lookup{ID: "A-1"}, HasKnown: true,
		}
	})
}

func TestAskEscapes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r.RequestURI)
		mu.Unlock()
		fmt.Fprint(w, `{}`)
	})
	path := newTest(t, Config{URL: u + "/o/{id}/x?lang={lang}", AllowPrivate: true})
	query := newTest(t, Config{URL: u + "/s?q={query}&id={id}", AllowPrivate: true})
	mine := newTest(t, Config{URL: u + "/c?ref={ref}&q={query}", AllowPrivate: true})
	for _, c := range []struct {
		c    *Component
		q    domain.Lookup
		ref  string
		want string // "" for not asked
	}{
		{path, domain.Lookup{ID: "a b/c?d#e&f=g%", Lang: "de"}, "", "/o/a%20b%2Fc%3Fd%23e&f=g%25/x?lang=de"},
		{path, domain.Lookup{ID: "🛵"}, "", "/o/%F0%9F%9B%B5/x?lang="},
		{path, domain.Lookup{ID: ".."}, "", ""},
		{path, domain.Lookup{ID: "../../admin"}, "", ""},
		{path, domain.Lookup{ID: `..\admin`}, "", ""},
		{path, domain.Lookup{ID: "a;/../b"}, "", ""},
		{path, domain.Lookup{ID: "%2e%2e%2f"}, "", ""},
		{path, domain.Lookup{ID: "a\r\nHost: evil"}, "", ""},
		{path, domain.Lookup{ID: ""}, "", ""},
		{path, domain.Lookup{ID: strings.Repeat("x", 3000)}, "", ""},
		{query, domain.Lookup{Query: "where & when + {id}", ID: "../x"}, "", "/s?q=where+%26+when+%2B+%7Bid%7D&id=..%2Fx"},
		{query, domain.Lookup{}, "C-1", ""},
		{mine, domain.Lookup{Query: "x"}, "C 1", "/c?ref=C+1&q=x"},
		{mine, domain.Lookup{Query: "x"}, "", ""},
	} {
		got = nil
		ans, err := ask(t, c.c, c.q, c.ref)
		if err != nil || ans.Found != (c.want != "") || strings.Join(got, " ") != c.want {
			t.Errorf("%q: asked %q, %v; want %q", c.q, got, err, c.want)
		}
	}
}

func TestAskMaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		program, body string
		found         bool
		want, err     string
	}{
		{`{data: {n: .a}}`, `{"a":1}`, true, `{"n":1}`, ``},
		{`{found: false, data: {n: 1}}`, `{}`, false, ``, ``},
		{`{found: true}`, `{}`, true, ``, ``},
		{`{data: null, orders: []}`, `{}`, false, ``, ``},
		{`empty`, `{}`, false, ``, ``},
		{`if . == null then null else {data: {}} end`, ``, false, ``, ``},
		{`{data: {s: $status, id: $ask.id}}`, `{}`, true, `{"id":"A-1","s":200}`, ``},
		{`{data: {n: .n}}`, `{"n":12345678901234567890}`, true, `{"n":12345678901234567890}`, ``},
		{`{data: .}`, "\ufeff{\"a\":\"\xff\"}", true, `{"a":"` + "\ufffd" + `"}`, ``},
		{`.`, `<html>`, false, ``, `crm: the answer is not JSON`},
		{`.a.b`, `{"a":"x"}`, false, ``, `crm: the answer could not be mapped`},
		{`1, 2`, `{}`, false, ``, `crm: the answer could not be mapped`},
		{`{data: [1]}`, `{}`, false, ``, `crm: the answer could not be mapped`},
		{`{dta: {}}`, `{}`, false, ``, `crm: the answer could not be mapped`},
		{`{orders: [{status: "paid"}]}`, `{}`, false, ``, `crm: the answer could not be mapped`},
		{`{orders: [{id: .id}]}`, "{\"id\":\"A-\xff\"}", false, ``, `crm: the answer could not be mapped`},
		{`{orders: [{id: "A-1", customer_ref: .of}]}`, `{"of":"C\u0000"}`, false, ``, `crm: the answer could not be mapped`},
		{`{profile: {ref: .ref}}`, `{"ref":"\ud800"}`, false, ``, `crm: the answer could not be mapped`},
		{`{data: {x: ("x" * 17000)}}`, `{}`, false, ``, `crm: the answer could not be mapped`},
		{`def f: f; f`, `{}`, false, ``, `crm: the answer could not be mapped`},
	} {
		u := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) })
		ans, err := ask(t, newTest(t, Config{URL: u + "/{id}", Map: c.program, AllowPrivate: true}), domain.Lookup{ID: "A-1"}, "")
		got := ""
		if err != nil {
			got = err.Safe
		}
		if ans.Found != c.found || string(ans.Data) != c.want || got != c.err {
			t.Errorf("%s: %v %s, %v; want %v %s, %s", c.program, ans.Found, ans.Data, err, c.found, c.want, c.err)
		}
	}
}

func TestAskPost(t *testing.T) {
	t.Parallel()
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		_, _ = w.Write(b)
	})
	c := newTest(t, Config{URL: u + "/search", Method: "POST", Body: `{text: .query, who: .ref}`, Map: `{data: .}`, AllowPrivate: true})
	ans, err := ask(t, c, domain.Lookup{Query: `a "b"`}, "C-1")
	if err != nil || string(ans.Data) != `{"text":"a \"b\"","who":"C-1"}` {
		t.Errorf("%s, %v", ans.Data, err)
	}
	if ans, err := ask(t, c, domain.Lookup{}, ""); err != nil || ans.Found {
		t.Errorf("nothing was asked: %s, %v", ans.Data, err)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		config  Config
		status  []int // of the attempts
		asked   int32
		found   bool
		retry   bool
		message string
	}{
		{"second time lucky", Config{}, []int{500, 200}, 2, true, false, ""},
		{"too many", Config{}, []int{500, 502, 503, 200}, 3, false, true, "crm: asks us to come back later (status 503)"},
		{"none", Config{Retries: new(int)}, []int{500, 200}, 1, false, true, "crm: failed (status 500)"},
		{"post", Config{Method: "POST", Body: "."}, []int{500, 200}, 1, false, true, "crm: failed (status 500)"},
		{"idempotent post", Config{Method: "POST", Body: ".", Idempotent: true}, []int{500, 200}, 2, true, false, ""},
		{"our fault", Config{}, []int{400, 200}, 1, false, false, "crm: refuses the question (status 400)"},
		{"credentials", Config{}, []int{401, 200}, 1, false, false, "crm: refuses our credentials (status 401)"},
		{"unknown", Config{}, []int{404, 200}, 1, false, false, ""},
		{"unchanged", Config{}, []int{304}, 1, false, false, "crm: refuses the question (status 304)"},
	} {
		var n atomic.Int32
		u := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status[n.Add(1)-1])
		})
		c.config.URL, c.config.AllowPrivate, c.config.Map = u+"/?id={id}", true, `{found: true}`
		ans, err := ask(t, newTest(t, c.config), domain.Lookup{ID: "1"}, "")
		if n.Load() != c.asked || ans.Found != c.found || (err != nil) != (c.message != "") || err != nil && (err.Retry != c.retry || err.Safe != c.message) {
			t.Errorf("%s: asked %d times, %v, %+v", c.name, n.Load(), ans.Found, err)
		}
	}
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	var status, asked atomic.Int32
	status.Store(500)
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(int(status.Load())) })
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	c := newTest(t, Config{URL: u + "/?id={id}", Retries: new(int), Failures: 3, Cooldown: time.Minute, Now: now, Map: `{found: true}`, AllowPrivate: true})
	q := domain.Lookup{ID: "1"}
	for range 5 {
		if _, err := ask(t, c, q, ""); err == nil || !err.Retry {
			t.Fatalf("%v", err)
		}
	}
	if asked.Load() != 3 || c.State() != Open {
		t.Fatalf("asked %d times, %s; want 3 and then open", asked.Load(), c.State())
	}
	_, err := ask(t, c, q, "")
	if want := "crm: is left alone after 3 failures in a row, until 00:01:00 UTC"; err.Safe != want {
		t.Errorf("got %q, want %q", err.Safe, want)
	}
	clock.Store(61) // one probe, which fails
	_, _ = ask(t, c, q, "")
	_, _ = ask(t, c, q, "")
	if asked.Load() != 4 || c.State() != Open {
		t.Errorf("asked %d times, %s; want one probe and open again", asked.Load(), c.State())
	}
	clock.Store(122)
	status.Store(200)
	for range 2 {
		if ans, err := ask(t, c, q, ""); err != nil || !ans.Found {
			t.Errorf("after it came back: %v", err)
		}
	}
	if c.State() != Closed {
		t.Errorf("%s, want closed", c.State())
	}
}

// Only one question goes through a half-open breaker, and an outcome from
// before it opened does not close it.
func TestBreakerHalfOpen(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	b := breaker{now: func() time.Time { return at }, failures: 1, cooldown: time.Second}
	late, _, _ := b.enter()
	first, _, _ := b.enter()
	b.leave(first, bad)
	b.leave(late, good)
	if b.state() != Open {
		t.Fatalf("%s, want open", b.state())
	}
	at = at.Add(2 * time.Second)
	probe, _, ok := b.enter()
	_, _, second := b.enter()
	if !ok || second || b.state() != HalfOpen {
		t.Fatalf("probe %v, second %v, %s", ok, second, b.state())
	}
	b.leave(probe, unknown)
	if probe, _, ok = b.enter(); !ok {
		t.Fatal("a probe that ended early blocks the next")
	}
	b.leave(probe, good)
	if b.state() != Closed {
		t.Errorf("%s, want closed", b.state())
	}
}

func TestRefusesAddresses(t *testing.T) {
	t.Parallel()
	u := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the service was reached") })
	local := strings.Replace(u, "127.0.0.1", "localhost", 1) // a name that resolves to a private address
	for _, target := range []string{u, local, strings.Replace(u, "127.0.0.1", "[::ffff:127.0.0.1]", 1), strings.Replace(u, "127.0.0.1", "0.0.0.0", 1)} {
		_, err := ask(t, newTest(t, Config{URL: target + "/?q={query}"}), domain.Lookup{Query: "x"}, "")
		if err == nil || err.Retry || err.Safe != "crm: its address is not one that may be asked" {
			t.Errorf("%s: %+v", target, err)
		}
	}
	for addr, want := range map[string][2]bool{ // without and with allow_private
		"8.8.8.8": {true, true}, "2606:4700::1111": {true, true},
		"10.1.2.3": {false, true}, "172.31.0.1": {false, true}, "192.168.1.1": {false, true}, "127.9.9.9": {false, true},
		"100.64.0.1": {false, true}, "::1": {false, true}, "fd00::1": {false, true}, "::ffff:10.0.0.1": {false, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "fd00:ec2::254": {false, false},
		"100.100.100.200": {false, false}, "168.63.129.16": {false, false}, "0.0.0.0": {false, false}, "::": {false, false},
		"fe80::1%eth0": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false}, "255.255.255.255": {false, false},
		"64:ff9b::a01:203": {false, true}, "64:ff9b::a9fe:a9fe": {false, false}, "2002:a01:203::1": {false, true}, "2002:808:808::1": {true, true},
		"64:ff9b::808:808": {true, true}, "2001::1": {false, false}, "4000::1": {false, false}, "::7f00:1": {false, true},
	} {
		a := netip.MustParseAddr(addr)
		if got := [2]bool{mayReach(a, false), mayReach(a, true)}; got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
}

func TestRedirectsKeepCredentials(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Value
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Store(r.Header.Clone())
		if back := r.URL.Query().Get("back"); back != "" {
			http.Redirect(w, r, back, http.StatusFound)
			return
		}
		fmt.Fprint(w, `{}`)
	})
	var back atomic.Value
	var first string
	first = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		case "/there-and-back":
			http.Redirect(w, r, other+"?back="+first+"/end", http.StatusFound)
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/end":
			back.Store(r.Header.Clone())
			fmt.Fprint(w, `{}`)
		}
	})
	config := func(path string) Config {
		return Config{URL: first + path + "?q={query}", AllowPrivate: true, Retries: new(int), Headers: map[string]string{"X-Tenant": "t1"},
			Auth: Auth{Header: "X-Api-Key", Value: secret.Ref{Value: "key-1"}}}
	}
	get := func(v *atomic.Value, name string) string { h, _ := v.Load().(http.Header); return h.Get(name) }
	for _, c := range []struct{ path, err string }{
		{"/same", ""}, {"/other", ""}, {"/there-and-back", ""},
		{"/loop", "crm: it sends us elsewhere: redirected more than 3 times"},
		{"/metadata", "crm: its address is not one that may be asked"},
		{"/file", `crm: it sends us elsewhere: redirected from http to "file"`},
	} {
		_, err := ask(t, newTest(t, config(c.path)), domain.Lookup{Query: "x"}, "")
		if (err != nil) != (c.err != "") || err != nil && err.Safe != c.err {
			t.Errorf("%s: %v, want %s", c.path, err, c.err)
		}
		switch c.path {
		case "/same":
			if get(&back, "X-Api-Key") != "key-1" {
				t.Error("the key was dropped on the way to the same host")
			}
		case "/other":
			if get(&elsewhere, "X-Api-Key") != "" || get(&elsewhere, "X-Tenant") != "" {
				t.Error("another host was shown the key")
			}
		case "/there-and-back":
			if get(&back, "X-Api-Key") != "" {
				t.Error("another host could choose what the key opens")
			}
		}
	}
	post := config("/other")
	post.Method, post.Body = "POST", "."
	if _, err := ask(t, newTest(t, post), domain.Lookup{Query: "x"}, ""); err == nil || !strings.Contains(err.Safe, "with what was asked, to another host") {
		t.Errorf("a body was sent on: %v", err)
	}
}

func TestAuth(t *testing.T) {
	t.Setenv("REST_TOKEN", "tok-1")
	file := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(file, []byte("pass word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		auth         Auth
		header, want string
	}{
		{Auth{Bearer: secret.Ref{Env: "REST_TOKEN"}}, "Authorization", "Bearer tok-1"},
		{Auth{User: "bob", Password: secret.Ref{File: file}}, "Authorization", "Basic Ym9iOnBhc3Mgd29yZA=="},
		{Auth{Header: "X-Key", Value: secret.Ref{Env: "REST_TOKEN"}}, "X-Key", "tok-1"},
	} {
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get(c.header); got != c.want {
				t.Errorf("%s: %q, want %q", c.header, got, c.want)
			}
			fmt.Fprint(w, `{}`)
		})
		if _, err := ask(t, newTest(t, Config{URL: u + "/?q={query}", Auth: c.auth, AllowPrivate: true}), domain.Lookup{Query: "x"}, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/big":
			_, _ = w.Write([]byte(`"` + strings.Repeat("x", MaxResponse) + `"`))
		case "/broken":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"a":`))
		}
	})
	for path, want := range map[string]string{
		"/slow": "crm: did not answer within 50ms", "/big": "crm: the answer is larger than 1 MiB", "/broken": "crm: the answer broke off",
	} {
		timeout := 30 * time.Second
		if path == "/slow" {
			timeout = 50 * time.Millisecond
		}
		c := newTest(t, Config{URL: u + path + "?q={query}", Timeout: timeout, Retries: new(int), AllowPrivate: true})
		if _, err := ask(t, c, domain.Lookup{Query: "secret words"}, ""); err == nil || err.Safe != want || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := newTest(t, Config{URL: u + "/slow?q={query}", Failures: 1, AllowPrivate: true})
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Ask(ctx, domain.Lookup{Query: "x"}, component.Asker{}); err == nil || c.State() != Closed {
		t.Errorf("%v; the breaker is %s, though the asker left", err, c.State())
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the refused certificate
	s.StartTLS()
	t.Cleanup(s.Close)
	config := Config{URL: s.URL + "/?q={query}", Retries: new(int), AllowPrivate: true}
	if _, err := ask(t, newTest(t, config), domain.Lookup{Query: "x"}, ""); err == nil || err.Safe != "crm: its certificate cannot be verified" {
		t.Errorf("an unknown certificate: %v", err)
	}
	config.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(config.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if ans, err := ask(t, newTest(t, config), domain.Lookup{Query: "x"}, ""); err != nil || !ans.Found {
		t.Errorf("a certificate we trust: %v", err)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	key := secret.Ref{Value: "key-12345"}
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Name = "my crm" }, `name: is "my crm"; want 1 to 60 of a-z, 0-9 and "_", starting with a letter`},
		{func(c *Config) { c.Method = "PUT" }, `method: is "PUT"; want GET or POST`},
		{func(c *Config) { c.Body = "." }, `body: is for method POST only`},
		{func(c *Config) { c.URL = "ftp://x/{id}" }, `url: is "ftp://x"; want https://host/path`},
		{func(c *Config) { c.URL = "crm/{id}" }, `url: {…} may stand in the path and the query only`},
		{func(c *Config) { c.URL = "https://{id}.example.com/" }, `url: {…} may stand in the path and the query only`},
		{func(c *Config) { c.URL = "https://u:p@example.com/{id}" }, `url: holds a user; put credentials under auth`},
		{func(c *Config) { c.URL = "https://example.com/{order}" }, `url: {order} is unknown; known are {id}, {query}, {ref} and {lang}`},
		{func(c *Config) { c.URL = "https://example.com/{id" }, `url: has a "{" or "}" without the other`},
		{func(c *Config) { c.URL = "https://example.com/a/../{id}" }, `url: its path does not stay within itself: "." or ".."`},
		{func(c *Config) { c.URL = "https://example.com/{id}#x" }, `url: must not have a fragment ("#")`},
		{func(c *Config) { c.URL, c.Auth = "http://example.com/{id}", Auth{Bearer: key} }, `url: http would show the credentials to everyone on the way; want https, or allow_private for a service inside`},
		{func(c *Config) { c.Auth = Auth{Bearer: key, User: "x", Password: key} }, `auth: has more than one way; want one of bearer, user and password, or header and value`},
		{func(c *Config) { c.Auth = Auth{User: "x"} }, `auth: is incomplete; want bearer, or user and password, or header and value`},
		{func(c *Config) { c.Auth = Auth{Value: key} }, `auth: is incomplete; want bearer, or user and password, or header and value`},
		{func(c *Config) { c.Auth = Auth{Bearer: secret.Ref{Env: "REST_NOT_SET"}} }, `auth: environment variable REST_NOT_SET is not set`},
		{func(c *Config) { c.Auth = Auth{Bearer: secret.Ref{Value: "a\nb"}} }, `auth: value in the configuration holds a line break or another control character`},
		{func(c *Config) { c.Headers = map[string]string{"authorization": "x"} }, `headers: authorization is a credential; put it under auth, from env or file`},
		{func(c *Config) { c.Headers = map[string]string{"X-A": "a\r\nb"} }, `headers: "X-A" is not a valid header`},
		{func(c *Config) { c.Timeout = time.Hour }, `timeout: is 1h0m0s; want from 1ms to 2m0s`},
		{func(c *Config) { n := 9; c.Retries = &n }, `retries: is 9; want from 0 to 5`},
		{func(c *Config) { c.Failures = -1 }, `failures: is -1; want from 1 to 1000`},
		{func(c *Config) { c.Map = "{data: }" }, `map: jq line 1, column 8: unexpected "}"`},
		{func(c *Config) { c.Map = "" }, `map: the jq program is empty; want an expression, for example {found: true, data: .}`},
		{func(c *Config) { c.Method, c.Body = "POST", "env" }, `body: jq: "env" is not accepted: programs cannot read the environment`},
	} {
		config := Config{Name: "crm", URL: "https://example.com/{id}", Map: ".", Place: "a.yaml: components[0]"}
		c.change(&config)
		if _, err := New(config); err == nil || err.Error() != "a.yaml: components[0]: "+c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	b, err := json.Marshal(Config{Auth: Auth{Bearer: key}, Now: nil})
	if err == nil && strings.Contains(string(b), "key-12345") {
		t.Errorf("the secret is in %s", b)
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("..", "a", "r", "en")
	f.Add("%2e%2e/x", "{id}", "", "")
	t0, err := newTemplate("https://example.com/base/{id}/{lang}?q={query}&r={ref}", true)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, query, ref, lang string) {
		raw, ok := t0.expand(map[string]string{"id": id, "query": query, "ref": ref, "lang": lang})
		if !ok {
			return
		}
		req, err := http.NewRequest("GET", raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		q := req.URL.Query()
		if req.URL.Host != "example.com" || !strings.HasPrefix(req.URL.Path, "/base/") || strings.Contains(req.URL.Path, "/../") ||
			q.Get("q") != query || q.Get("r") != ref || len(q) != 2 {
			t.Fatalf("%q asks for %q", id, raw)
		}
	})
}
