package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for name, change := range map[string]func(*forum, *bridge.Config){
		"Idempotent": func(*forum, *bridge.Config) {},
		"Asked": func(f *forum, c *bridge.Config) {
			c.Idempotent, c.Find, f.forgets = false, f.srv.URL+"/find?from=advocate", true
		},
		"Unknowing": func(f *forum, c *bridge.Config) { c.Idempotent, f.forgets = false, true },
	} {
		t.Run(name, func(t *testing.T) {
			socialtest.Run(t, func(t *testing.T) socialtest.Fixture { return newForum(t, change).fixture() })
		})
	}
}

// TestSignature: the example of the specification's "Webhook headers", as its
// reference libraries test it.
func TestSignature(t *testing.T) {
	t.Parallel()
	got := bridge.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

const onePost = `{"id":"1","author":{"id":"u"},"text":"hello"}`

func TestReplaysAreRefused(t *testing.T) {
	t.Parallel()
	f := newForum(t)
	s := &sink{}
	first := f.request("d-1", []byte(onePost), 0)
	serve := func(r social.HookRequest) (string, domain.Code) {
		reply, err := f.n.ServeHook(t.Context(), r, s)
		return string(reply.Body), domain.ErrorCode(err)
	}
	if body, code := serve(first); body != `{"accepted":1,"duplicates":0}` || code != "" {
		t.Fatalf("the first time: %s, %q", body, code)
	}
	if body, code := serve(first); code != domain.CodeConflict {
		t.Errorf("a replay: %s, %q; want a conflict", body, code)
	}
	f.clock.Advance(2 * time.Second)
	if body, code := serve(f.request("d-1", []byte(onePost), 0)); body != `{"accepted":0,"duplicates":1}` || code != "" {
		t.Errorf("signed anew by a sender that had no answer: %s, %q", body, code)
	}
	if body, code := serve(first); code != domain.CodeConflict {
		t.Errorf("the older replay: %s, %q; want a conflict", body, code)
	}
	if body, code := serve(f.request("d-1", []byte(`{"id":"2","author":{"id":"u"},"text":"hello"}`), 0)); code != domain.CodeConflict {
		t.Errorf("the id of another body: %s, %q; want a conflict", body, code)
	}
	if len(s.got) != 1 {
		t.Errorf("%d posts were handed in, want 1", len(s.got))
	}
	for name, keep := range f.state.Keeps() {
		if keep < 10*time.Minute {
			t.Errorf("%s is kept for %v; a signature from five minutes ahead is good for ten", name, keep)
		}
	}
	f.clock.Advance(6 * time.Minute)
	if _, code := serve(first); code != domain.CodeUnauthorized {
		t.Errorf("an old replay: %q, want unauthorized", code)
	}
}

// TestOnlyWhatWasTakenIsRemembered: the same request may come again after an
// error of ours, with its old signature too.
func TestOnlyWhatWasTakenIsRemembered(t *testing.T) {
	t.Parallel()
	f := newForum(t)
	s := &sink{fail: func([]domain.Post) error { return errors.New("the store is away") }}
	r := f.request("d-1", []byte(onePost), 0)
	if _, err := f.n.ServeHook(t.Context(), r, s); err == nil {
		t.Fatal("answered as if it were durable")
	}
	s.fail = nil
	if _, err := f.n.ServeHook(t.Context(), r, s); err != nil || len(s.got) != 1 {
		t.Errorf("tried again: %v, %d posts", err, len(s.got))
	}
	f.state.Refuse(errors.New("away"))
	_, err := f.n.ServeHook(t.Context(), f.request("d-2", []byte(onePost), 0), s)
	if domain.ErrorCode(err) != domain.CodeUnavailable {
		t.Errorf("without a memory: %v, want unavailable", err)
	}
}

// TestSecretIsExchanged: what is in use is what stands there now, within
// seconds; and not each request reads it.
func TestSecretIsExchanged(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(oldSecret)
	f := newForum(t, func(_ *forum, c *bridge.Config) { c.Secrets = []secret.Ref{{File: file}} })
	serve := func(id string) domain.Code {
		_, err := f.n.ServeHook(t.Context(), f.request(id, []byte(onePost), 0), &sink{})
		return domain.ErrorCode(err)
	}
	if code := serve("d-1"); code != "" {
		t.Fatalf("at first: %q", code)
	}
	write(newSecret)
	if code := serve("d-2"); code != "" {
		t.Errorf("the secret was read again at once: %q", code)
	}
	f.clock.Advance(11 * time.Second)
	if code := serve("d-3"); code != domain.CodeUnauthorized {
		t.Errorf("with the old secret, later: %q, want unauthorized", code)
	}
}

// safe is a vault: who reads it waits, where it says so, and gets what it holds.
type safe struct {
	mu    sync.Mutex
	hold  string
	err   error
	reads int
	asked chan struct{} // hears of each read, which then waits for open; nil: none waits
	open  chan struct{}
}

func (s *safe) Get(context.Context, string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.asked != nil {
		s.asked <- struct{}{}
		<-s.open
	}
	return s.hold, s.err
}

func withSafe(t *testing.T, change func(*bridge.Config)) (*forum, *safe) {
	vault, place := &safe{hold: oldSecret}, &secret.Place{}
	place.Put(vault)
	return newForum(t, func(_ *forum, c *bridge.Config) {
		c.Secrets = []secret.Ref{secret.Ref{Vault: "forum"}.At(place)}
		change(c)
	}), vault
}

// TestAVaultThatFailsIsNotKeptBusy by anybody who sends requests, and a reply
// that comes meanwhile leaves once the secret can be read.
func TestAVaultThatFailsIsNotKeptBusy(t *testing.T) {
	t.Parallel()
	f, vault := withSafe(t, func(c *bridge.Config) { c.Idempotent = false })
	vault.err, vault.reads = errors.New("the store is away"), 0
	for range 5 {
		if _, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(onePost), 0), &sink{}); domain.ErrorCode(err) != domain.CodeUnavailable {
			t.Fatalf("got %v, want unavailable", err)
		}
	}
	_, err := f.n.Send(t.Context(), f.fixtureMessage())
	if e := errorOf(t, err); !e.Retry || !e.Unread || e.Fault != social.FaultOperator || !strings.Contains(e.Safe, "cannot be read") {
		t.Errorf("a reply without a signature: %+v; want it tried again", e)
	}
	if vault.reads != 1 {
		t.Errorf("the vault was read %d times in one moment", vault.reads)
	}
	vault.err = nil
	f.clock.Advance(2 * time.Second)
	if _, err := f.n.Send(t.Context(), f.fixtureMessage()); err != nil || f.count() != 1 {
		t.Errorf("later: %v, %d messages", err, f.count())
	}
}

// TestNobodyWaitsForAVaultLongerThanTheyWant: while another's read takes long.
func TestNobodyWaitsForAVaultLongerThanTheyWant(t *testing.T) {
	t.Parallel()
	f, vault := withSafe(t, func(*bridge.Config) {})
	vault.asked, vault.open = make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := f.n.ServeHook(context.WithoutCancel(t.Context()), f.request("d-1", []byte(onePost), 0), &sink{})
		first <- err
	}()
	<-vault.asked
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, err := f.n.Check(ctx); second <- err }()
	cancel()
	select {
	case err := <-second:
		if e := errorOf(t, err); !e.Retry {
			t.Errorf("got %+v; want it tried again", e)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits for the vault although its context has ended")
	}
	close(vault.open)
	if err := <-first; err != nil {
		t.Errorf("who waited got %v", err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	type want struct {
		id    string // where it is sent
		retry bool
		fault social.Fault
		safe  string
		after time.Duration
	}
	for _, c := range []struct {
		status int
		header string
		body   string
		want   want
	}{
		{200, "", ``, want{id: "k"}},
		{202, "", `ok`, want{id: "k"}},
		{200, "", `{"id":12}`, want{id: "12"}},
		{200, "", `{"id":"` + strings.Repeat("x", 600) + `"}`, want{id: "k"}},
		{200, "", `{"id":"a","at":7,"url":["x"]}`, want{id: "a"}},
		{200, "", `{"id":"a","url":"https://forum.example@elsewhere.example/a"}`, want{id: "a"}},
		{200, "", `<!doctype html>Please sign in`, want{fault: social.FaultOperator, safe: "answers with a page"}},
		{302, "Location: /login", ``, want{fault: social.FaultOperator, safe: "somewhere else (302)"}},
		{404, "", ``, want{fault: social.FaultOperator, safe: "the callback is not there (404)"}},
		{401, "", ``, want{fault: social.FaultOperator, safe: "401"}},
		{429, "Retry-After: 7", ``, want{retry: true, fault: social.FaultNetwork, after: 7 * time.Second, safe: "limits"}},
		{500, "", `oops`, want{retry: true, fault: social.FaultNetwork, safe: "500"}},
		{503, "", `{"error":"retry","retry_after":1e300}`, want{retry: true, fault: social.FaultNetwork, after: time.Hour, safe: "not take it now"}},
		{200, "", `{"error":"retry","retry_after":-1}`, want{retry: true, fault: social.FaultNetwork, safe: "not take it now"}},
		{410, "", ``, want{fault: social.FaultOperator, safe: "the callback is not there (410)"}},
		{404, "", `{"error":"gone"}`, want{fault: social.FaultCustomer, safe: "not there any more"}},
		{400, "", `{"error":"refused","message":"no\nlinks"}`, want{fault: social.FaultOurs, safe: "refuses what we sent: no links"}},
		{400, "", `{"error":"refused","message":"@Ana said no"}`, want{fault: social.FaultOurs, safe: "refuses what we sent"}},
		{400, "", `{"error":"refused","message":"not this: secret words"}`, want{fault: social.FaultOurs, safe: "refuses what we sent"}},
		{200, "", `{"error":"whatever"}`, want{fault: social.FaultOurs, safe: "that we do not know"}},
	} {
		f := newForum(t)
		f.answer = func(w http.ResponseWriter, r *http.Request) bool {
			if name, value, ok := strings.Cut(c.header, ": "); ok {
				w.Header().Set(name, value)
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
			return true
		}
		sent, err := f.n.Send(t.Context(), social.Message{Key: "k", To: domain.IdentityKey{Network: "forum", Author: "ana"}, Handle: "@ana", Visibility: domain.Public, Text: "Secret words"})
		if c.want.id != "" {
			if err != nil || sent.PostID != c.want.id || sent.URL != "" {
				t.Errorf("%d %.40q: sent %+v, %v; want %q", c.status, c.body, sent, err, c.want.id)
			}
			continue
		}
		e := errorOf(t, err)
		if e.Retry != c.want.retry || e.Fault != c.want.fault || e.After != c.want.after || !strings.Contains(e.Safe, c.want.safe) ||
			strings.HasSuffix(c.want.safe, "what we sent") && !strings.HasSuffix(e.Safe, c.want.safe) {
			t.Errorf("%d %.40q: %+v; want %+v", c.status, c.body, e, c.want)
		}
	}
}

func TestCheckAsks(t *testing.T) {
	t.Parallel()
	f := newForum(t)
	if got, err := f.n.Check(t.Context()); err != nil || got.Account != "The shop" || got.Server != "forum 1.0" {
		t.Errorf("got %+v, %v", got, err)
	}
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(405); return true }
	if got, err := f.n.Check(t.Context()); err != nil || len(got.Warnings) != 1 {
		t.Errorf("a bridge without an answer: %+v, %v", got, err)
	}
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(401); return true }
	if _, err := f.n.Check(t.Context()); errorOf(t, err).Fault != social.FaultOperator {
		t.Errorf("with a wrong secret: %v", err)
	}
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "/sign-in", http.StatusFound)
		return true
	}
	if _, err := f.n.Check(t.Context()); !strings.Contains(errorOf(t, err).Safe, "somewhere else (302)") {
		t.Errorf("sent elsewhere: %v", err)
	}
	if len(f.sent) > 0 {
		t.Error("looking has published something")
	}
}

func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	f := newForum(t, func(_ *forum, c *bridge.Config) { c.Callback = "http://127.0.0.1:1/take?token=hidden-token" })
	_, err := f.n.Send(t.Context(), f.fixtureMessage())
	if e := errorOf(t, err); !e.Retry || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "whsec") {
		t.Errorf("unreachable: %v", err)
	}
	_, err = bridge.New(bridge.Config{Name: "forum", Public: true, Callback: "ftp://u:hidden@e.example", Secrets: []secret.Ref{{Value: newSecret}}}, social.Kit{})
	if err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a bad callback: %v", err)
	}
}

func (f *forum) fixtureMessage() social.Message {
	return social.Message{Key: "k", To: domain.IdentityKey{Network: "forum", Author: "ana"}, Visibility: domain.Public, Text: "Hello"}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := func() bridge.Config {
		return bridge.Config{Name: "forum", Public: true, Callback: "https://forum.example/take", Secrets: []secret.Ref{{Value: newSecret}}}
	}
	c := good()
	if err := c.Check(); err != nil || c.MaxAge != 5*time.Minute || c.Parts != 3 || c.Unit != social.Graphemes {
		t.Errorf("%+v: %v", c, err)
	}
	for want, change := range map[string]func(*bridge.Config){
		`bridge "Forum": name:`:          func(c *bridge.Config) { c.Name = "Forum" },
		"name of a network of its own":   func(c *bridge.Config) { c.Name = "mastodon" },
		"account:":                       func(c *bridge.Config) { c.Account = "a b" },
		"account: makes /hooks/":         func(c *bridge.Config) { c.Name, c.Account = strings.Repeat("n", 40), strings.Repeat("a", 50) },
		"public: and private are both":   func(c *bridge.Config) { c.Public = false },
		"callback: is no address":        func(c *bridge.Config) { c.Callback = "forum" },
		"callback: http would show":      func(c *bridge.Config) { c.Callback = "http://forum.example" },
		"callback: holds a user":         func(c *bridge.Config) { c.Callback = "https://a:b@forum.example" },
		"find: is no address":            func(c *bridge.Config) { c.Find = "forum" },
		"find: is never asked":           func(c *bridge.Config) { c.Find, c.Idempotent = "https://forum.example/find", true },
		"callback: its path":             func(c *bridge.Config) { c.Callback = "https://forum.example/a/../b" },
		"max_age:":                       func(c *bridge.Config) { c.MaxAge = time.Second },
		"max_length:":                    func(c *bridge.Config) { c.MaxLength = 3 },
		"unit:":                          func(c *bridge.Config) { c.Unit = "words" },
		"link_length:":                   func(c *bridge.Config) { c.LinkLength = 23 },
		"parts:":                         func(c *bridge.Config) { c.Parts = 11 },
		"secrets: is empty":              func(c *bridge.Config) { c.Secrets = nil },
		"secrets[0]: value in the confi": func(c *bridge.Config) { c.Secrets[0].Value = "whsec_c2hvcnQ=" },
		"secrets[1]: environment":        func(c *bridge.Config) { c.Secrets = append(c.Secrets, secret.Ref{Env: "NO_SUCH_SECRET_IS_SET"}) },
	} {
		c := good()
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "c2hvcnQ") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
