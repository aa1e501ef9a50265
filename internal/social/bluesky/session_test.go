package bluesky

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
)

// A server allows 300 new sessions a day
// (https://docs.bsky.app/docs/advanced-guides/rate-limits, "Account management").
func TestSessionIsKeptAndRenewed(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	check := func(n *Network) {
		t.Helper()
		if id, err := n.Self(t.Context()); err != nil || id == "" {
			t.Fatalf("we are %q, %v", id, err)
		}
		if err := n.ask(t.Context(), call{name: "com.atproto.server.getSession", out: &struct{}{}}); err != nil {
			t.Fatal(err)
		}
	}
	calls := func(created, refreshed int) {
		t.Helper()
		if c, r := u.s.called("com.atproto.server.createSession"), u.s.called("com.atproto.server.refreshSession"); c != created || r != refreshed {
			t.Errorf("%d sessions made and %d renewed; want %d and %d", c, r, created, refreshed)
		}
	}
	first, second := u.open(t), u.open(t)
	check(first)
	check(first)
	check(second) // another process, or another node
	calls(1, 0)
	u.s.expire()
	check(second)
	calls(1, 1)
	check(first) // takes what the other was given
	calls(1, 1)
	u.s.expire()
	u.s.mu.Lock()
	clear(u.s.Refresh)
	u.s.mu.Unlock()
	check(first)
	calls(2, 2)
	if q := first.Health().Quotas; len(q) != 1 || q[0].Name != "requests" || q[0].Left != 2999 || q[0].Of != 3000 {
		t.Errorf("quotas are %+v", q)
	}
}

func TestSessionIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	at := clock.NewManual(time.Now())
	u.kit.Clock = at
	n := u.open(t)
	if _, err := n.us(t.Context()); err != nil {
		t.Fatal(err)
	}
	at.Advance(2*time.Hour - time.Minute)
	if _, err := n.us(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := u.s.called("com.atproto.server.refreshSession"); r != 1 {
		t.Errorf("renewed %d times, want once", r)
	}
}

func TestRevokedPasswordIsTheOperatorsAndIsNotTriedOnAndOn(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	at := clock.NewManual(time.Now())
	u.kit.Clock = at
	n := u.open(t)
	u.s.Revoked = true
	to := postURI(ana, "3kaaaaaaaaa2a")
	for range 5 {
		_, err := n.Send(t.Context(), reply(to, "k", "hello"))
		if e := asSocial(t, err); e.Retry || e.Fault != social.FaultOperator {
			t.Fatalf("got %+v", e)
		}
	}
	if c := u.s.called("com.atproto.server.createSession"); c != 1 {
		t.Errorf("the password was tried %d times", c)
	}
	at.Advance(refusedPause)
	_, err := n.Send(t.Context(), reply(to, "k", "hello"))
	asSocial(t, err)
	if c := u.s.called("com.atproto.server.createSession"); c != 2 {
		t.Errorf("after a while the password was tried %d times, want twice", c)
	}
}

// TestAPasswordWithoutMessages: what an app password does not open is said
// once, and costs no session.
func TestAPasswordWithoutMessages(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages, u.s.Scope = true, blueskytest.ScopeApp
	c, err := u.open(t).Check(t.Context())
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "no access to direct messages") || u.s.called("com.atproto.server.createSession") != 1 {
		t.Errorf("got %+v, %v, after %d sessions", c, err, u.s.called("com.atproto.server.createSession"))
	}
}

// TestTheAccountsOwnPassword opens everything, and that is said.
func TestTheAccountsOwnPassword(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.DirectMessages, u.s.Scope = true, blueskytest.ScopeAccount
	c, err := u.open(t).Check(t.Context())
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "the password is the account's own") {
		t.Errorf("got %+v, %v", c, err)
	}
}

// TestWhatAPasswordDoesNotOpenEndsNoSession: the official server refuses it
// under the name of a token that is none.
func TestWhatAPasswordDoesNotOpenEndsNoSession(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.s.Scope = blueskytest.ScopeApp
	u.s.instead = map[string]func(http.ResponseWriter){
		"com.atproto.server.getServiceAuth": func(w http.ResponseWriter) { blueskytest.Fail(w, 400, "InvalidToken", "Bad token scope") },
	}
	n := u.open(t)
	for _, c := range []call{{name: "chat.bsky.convo.listConvos", proxy: chatService}, {name: "com.atproto.server.getServiceAuth"}} {
		e := asSocial(t, n.ask(t.Context(), c))
		if e.Retry || e.Fault != social.FaultOperator || e.Safe != "the app password does not allow that" || u.s.called(c.name) != 1 {
			t.Errorf("%s, asked %d times, gave %+v", c.name, u.s.called(c.name), e)
		}
	}
	if r := u.s.called("com.atproto.server.refreshSession"); r != 0 {
		t.Errorf("a session that holds was renewed %d times", r)
	}
}

// TestCheckOpensTheFirehose: in the modes that read it, it is tried; what fails
// is told beside what else is wrong.
func TestCheckOpensTheFirehose(t *testing.T) {
	t.Parallel()
	for mode, tried := range map[Mode]bool{Notifications: false, Firehose: true, Both: true} {
		u := newSetup(t, mode)
		if c, err := u.open(t).Check(t.Context()); err != nil || len(c.Warnings) != 0 {
			t.Errorf("%s: %v, %v", mode, c.Warnings, err)
		}
		if !tried {
			continue
		}
		u.c.Firehose = "ws://127.0.0.1:1"
		u.c.DirectMessages, u.s.Scope = true, blueskytest.ScopeApp
		c, err := u.open(t).Check(t.Context())
		if all := strings.Join(c.Warnings, "\n"); err != nil || c.ID == "" || len(c.Warnings) != 2 || !strings.Contains(all, "the firehose cannot be had: ") || !strings.Contains(all, "direct messages") {
			t.Errorf("%s, with the stream elsewhere: %q, %v", mode, c.Warnings, err)
		}
	}
}

// TestNothingSecretIsSaid looks through logs, errors and health for what must
// not be there.
func TestNothingSecretIsSaid(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Both)
	u.c.DirectMessages = true
	var log safeBuffer
	u.kit.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n, box := u.open(t), newInbox()
	said := ""
	running(t, n, box)
	u.s.mu.Lock()
	u.s.extra = append(u.s.extra, []byte("garbage"))
	u.s.wake()
	u.s.mu.Unlock()
	id := u.s.post(ana, "my number is 555-0100", true, "")
	box.until(t, 10*time.Second, "the mention", func(p domain.Post) bool { return p.ID == id })
	u.s.mu.Lock()
	u.s.Revoked = true
	clear(u.s.Access)
	u.s.mu.Unlock()
	u.s.breakDown()
	for _, m := range []social.Message{reply(id, "a", "555-0100"), reply(postURI(ben, "x"), "b", "555-0100")} {
		_, err := n.Send(t.Context(), m)
		said += err.Error() + asSocial(t, err).Safe
	}
	u.s.mend()
	for _, m := range []social.Message{reply(id, "a", "555-0100")} {
		_, err := n.Send(t.Context(), m)
		said += err.Error() + asSocial(t, err).Safe
	}
	said += n.Health().Trouble + log.String()
	for _, secret := range []string{shopPassword, "eyJ", shopHandle, "ana.test", "555-0100", ana} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is in %s", secret, said)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Handle: "shop.example.com", AppPassword: secret.Ref{Env: "X"}}
	if err := good.Check(); err != nil || good.Service != "https://bsky.social" || good.Mode != Notifications || good.Poll != 15*time.Second || good.Parts != 3 || good.Firehose != "" {
		t.Errorf("the defaults are %+v, %v", good, err)
	}
	for want, change := range map[string]func(*Config){
		"handle":       func(c *Config) { c.Handle = "@shop.example.com" },
		"app_password": func(c *Config) { c.AppPassword = secret.Ref{} },
		"mode":         func(c *Config) { c.Mode = "stream" },
		"poll":         func(c *Config) { c.Poll = time.Millisecond },
		"parts":        func(c *Config) { c.Parts = 11 },
		"account":      func(c *Config) { c.Account = "a/b" },
		"service":      func(c *Config) { c.Service = "http://pds.example.com" },
		"service: is":  func(c *Config) { c.Service = "https://:443" },
		"firehose":     func(c *Config) { c.Mode, c.Firehose = Firehose, "https://bsky.network" },
		"firehose: is": func(c *Config) { c.Firehose = "wss://bsky.network" },
		"search[0]":    func(c *Config) { c.Search = []string{"#"} },
	} {
		c := Config{Handle: "shop.example.com", AppPassword: secret.Ref{Env: "X"}, Place: "networks.bluesky"}
		change(&c)
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), "networks.bluesky: "+want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// safeBuffer is a log that may be written from several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
