package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// forum is a bridge's callback that publishes a reply and then, the first
// time, says nothing.
type forum struct {
	mu    sync.Mutex
	calls int
	texts map[string]string // by the reply's id
	lost  string            // whose answer was
	again bool              // that one came again
}

func (f *forum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m struct{ ID, Text string }
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Method != http.MethodPost {
		_, _ = io.WriteString(w, `{"account":"Example Shop"}`)
		return
	}
	f.mu.Lock()
	f.calls++
	f.texts[m.ID] = m.Text
	first := f.calls == 1
	if first {
		f.lost = m.ID
	} else if m.ID == f.lost {
		f.again = true
	}
	f.mu.Unlock()
	if first {
		panic(http.ErrAbortHandler) // it has acted, and the answer is lost
	}
	fmt.Fprintf(w, `{"id":"r-%x"}`, sha256.Sum256([]byte(m.ID)))
}

// tellForum sends a signed post as a bridge does.
func tellForum(t *testing.T, s *running, secret, id, post string) (int, string) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	d := byForum(string(key), id, post, time.Now(), http.StatusOK)
	return d.to(t, s)
}

// TestANetworkOfOnesOwn: a post comes by a signed webhook and is answered; a
// retry after a lost answer carries the same id; the secret is nowhere.
func TestANetworkOfOnesOwn(t *testing.T) {
	t.Parallel()
	f := &forum{texts: map[string]string{}}
	callback := httptest.NewServer(f)
	defer callback.Close()
	dir := t.TempDir()
	secret := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("forum-key-"), 3))
	write(t, dir, "advocate.yaml", fmt.Sprintf(
		"networks:\n  webhook:\n    - name: forum\n      secrets: [{vault: forum}]\n      callback: %s/x\n      allow_private: true\n      public: true\n      private: true\n      idempotent: true\n", callback.URL))
	must(t, dir, "migrate")
	if r := command(t, dir, "", "serve", "--listen", "127.0.0.1:0"); r.code != 1 || !strings.Contains(r.err, "advocate.yaml:3: networks.webhook[0]") || !strings.Contains(r.err, "advocate secret set forum") {
		t.Fatalf("without its secret: exit %d, %s", r.code, r.err)
	}
	if r := command(t, dir, secret, "secret", "set", "forum"); r.code != 0 {
		t.Fatal(r.err)
	}
	s := serve(t, dir)
	post := `{"id":"1","author":{"id":"u1","handle":"ana"},"text":"Where is my order A-10234? I want to speak to a person please","visibility":"private"}`
	if code, body := tellForum(t, s, secret, "d1", post); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	if code, body := tellForum(t, s, secret, "d2", post); code != 200 {
		t.Errorf("the same again: %d %s", code, body)
	}
	bad, refused := tellForum(t, s, "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)), "d3", post)
	if bad != 401 {
		t.Errorf("another's signature: %d", bad)
	}
	eventually(t, "the reply whose answer was lost is sent again", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.again
	})
	var out strings.Builder
	eventually(t, "it went well", func() bool {
		_, b := s.call(t, "GET", "/v1/effects?state=pending", nil)
		return strings.Contains(string(b), `"items":[]`)
	})
	f.mu.Lock()
	said := map[string]bool{}
	for _, text := range f.texts {
		if said[text] {
			t.Errorf("%q was said twice", text)
		}
		said[text] = true
	}
	f.mu.Unlock()
	if list := must(t, dir, "connect"); !strings.Contains(list, "forum") || !strings.Contains(list, "webhook") {
		t.Errorf("connect lists\n%s", list)
	}
	if r := command(t, dir, "", "doctor", "--online", "--quick"); !strings.Contains(r.stdout, "forum, as Example Shop") {
		t.Errorf("doctor says\n%s", r.stdout)
	}
	for _, path := range []string{"/metrics", "/v1/connections", "/v1/status", "/v1/effects", "/v1/dead-letters", "/v1/audit"} {
		code, b := s.call(t, "GET", path, nil)
		if code != 200 {
			t.Errorf("%s: %d", path, code)
		}
		out.Write(b)
	}
	for _, args := range [][]string{{"connect", "list", "--check", "--json"}, {"secret", "list"}, {"customer", "export", "forum/u1"}, {"explain", "forum/1", "--all"}} {
		out.WriteString(command(t, dir, "", args...).stdout)
	}
	s.stop(t)
	all := out.String() + refused + s.stderr.String()
	if !strings.Contains(all, "advocate_network_connected_state") || strings.Contains(all, secret) || strings.Contains(all, strings.TrimPrefix(secret, "whsec_")) || strings.Contains(all, "forum-key-") {
		t.Error("there are no figures of networks, or the secret is in an answer, a log, a figure or an export")
	}
}

// tootServer is as much of the Mastodon API as signing in takes:
// docs.joinmastodon.org/methods/apps, …/methods/oauth, …/methods/accounts.
type tootServer struct {
	verifier string
	grants   int
}

const tootToken = "toot-token-4711"

func (s *tootServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	known := r.Header.Get("Authorization") == "Bearer "+tootToken
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		_, _ = io.WriteString(w, `{"code_challenge_methods_supported":["S256"]}`)
	case "/api/v1/apps":
		_, _ = io.WriteString(w, `{"client_id":"app","client_secret":"app-secret-4712"}`)
	case "/oauth/token":
		if r.FormValue("code") != "the-code" || r.FormValue("client_secret") != "app-secret-4712" || r.FormValue("grant_type") != "authorization_code" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.verifier = r.FormValue("code_verifier")
		s.grants++
		fmt.Fprintf(w, `{"access_token":%q}`, tootToken)
	case "/api/v1/accounts/verify_credentials":
		if !known {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1","username":"shop","acct":"shop","bot":true}`)
	case "/api/v2/instance":
		fmt.Fprintf(w, `{"domain":%q,"version":"4.3.0","configuration":{"urls":{},"statuses":{"max_characters":500}}}`, r.Host)
	default:
		_, _ = io.WriteString(w, `[]`)
	}
}

func TestConnectMastodon(t *testing.T) {
	t.Parallel()
	toot := &tootServer{}
	server := httptest.NewServer(toot)
	defer server.Close()
	dir := t.TempDir()
	must(t, dir, "migrate")
	connect := []string{"connect", "mastodon", "--server", server.URL, "--allow-private"}
	for what, r := range map[string]result{
		"a wrong code":                  command(t, dir, "another\n", connect...),
		"no code":                       command(t, dir, "", connect...),
		"a token that is not known":     command(t, dir, "wrong-token-4713\n", append(connect, "--token")...),
		"an address inside":             command(t, dir, "", connect[:4]...),
		"without a database to keep it": command(t, t.TempDir(), tootToken+"\n", append(connect, "--token")...),
	} {
		if r.code == 0 || strings.Contains(r.stdout+r.err, "4713") || strings.Contains(r.stdout+r.err, "4712") {
			t.Errorf("%s: exit %d, %s%s", what, r.code, r.stdout, r.err)
		}
	}
	if out := must(t, dir, "secret", "list"); strings.Contains(out, "mastodon") {
		t.Errorf("something was kept: %s", out)
	}
	r := command(t, dir, "the-code\n", connect...)
	if r.code != 0 {
		t.Fatalf("exit %d, %s", r.code, r.err)
	}
	if toot.grants != 1 {
		t.Errorf("%d tokens were given for one code", toot.grants)
	}
	page, err := url.Parse(regexp.MustCompile(`http\S+/oauth/authorize\S+`).FindString(r.err))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(toot.verifier))
	if q := page.Query(); q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || q.Get("scope") != "read write:statuses" {
		t.Errorf("the page to open is %s; the verifier was %q", page, toot.verifier)
	}
	if strings.Contains(r.stdout+r.err, "471") || !strings.Contains(r.stdout, "as @shop@") {
		t.Errorf("it says %s%s", r.stdout, r.err)
	}
	_, lines, _ := strings.Cut(r.stdout, "restart the server:\n\n")
	write(t, dir, "advocate.yaml", "networks:\n"+lines)
	must(t, dir, "check")
	if out := must(t, dir, "connect", "list", "--check"); !strings.Contains(out, "is @shop@") {
		t.Errorf("with those lines: %s", out)
	}
}
