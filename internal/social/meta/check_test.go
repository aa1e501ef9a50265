package meta_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestCheck: developers.facebook.com/docs/graph-api/reference/debug_token.
func TestCheck(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Webhook)
	g.set(func() { g.Expires = g.now.Now().Add(3 * 24 * time.Hour).Unix() })
	c, err := n.Check(t.Context())
	all := strings.Join(c.Warnings, "\n")
	if err != nil || c.Account != "The Shop" || c.ID != pageID || c.Expires.Unix() != g.Expires || n.Health().Expires.Unix() != g.Expires {
		t.Errorf("got %+v, %v", c, err)
	}
	if len(c.Warnings) != 2 || !strings.Contains(all, "ends in 3 days") || !strings.Contains(all, "message_echoes") {
		t.Errorf("warnings: %q; want the token's end and the field that is not subscribed", c.Warnings)
	}
	_, insta := opened(t, meta.Instagram, meta.Webhook)
	if c, err = insta.Check(t.Context()); err != nil || c.Account != "@theshop" || !strings.Contains(strings.Join(c.Warnings, "\n"), "instagram_manage_messages") {
		t.Errorf("got %+v, %v; want the permission that is missing", c, err)
	}
	g.set(func() { g.Revoked = true })
	var e *social.Error
	if _, err = n.Check(t.Context()); !errors.As(err, &e) || e.Fault != social.FaultOperator || e.Retry {
		t.Errorf("a revoked token: %v", err)
	}
	if strings.Contains(err.Error(), appSecret) || strings.Contains(err.Error(), pageToken) {
		t.Errorf("a secret in %v", err)
	}
}

// running runs a network until the test ends.
func running(t *testing.T, n *meta.Network, s social.Sink) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); n.Run(ctx, s) }()
	t.Cleanup(func() { cancel(); <-done })
}

// TestRevokedWhileItRuns: the operator sees it, and it heals with a new token.
func TestRevokedWhileItRuns(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Poll)
	running(t, n, &taken{})
	wait(t, func() bool { return n.Health().Mode == "poll" })
	g.set(func() { g.Revoked = true })
	wait(t, func() bool { g.now.Advance(5 * time.Second); return n.Health().Mode == "" })
	if h := n.Health(); !strings.Contains(h.Trouble, "token") || h.Lost != 1 {
		t.Errorf("health %+v", h)
	}
	g.set(func() { g.Revoked = false })
	wait(t, func() bool { g.now.Advance(30 * time.Second); return n.Health().Mode == "poll" })
	if h := n.Health(); h.Trouble != "" {
		t.Errorf("health %+v", h)
	}
}

// TestANewToken: how long it holds is seen at once.
func TestANewToken(t *testing.T) {
	t.Parallel()
	g := newGraph(t, meta.Facebook)
	conf, place := g.config(meta.Poll), filepath.Join(t.TempDir(), "token")
	put := func(token string, expires time.Time) {
		t.Helper()
		if err := os.WriteFile(place, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		g.set(func() { g.Token, g.Expires = token, expires.Unix() })
	}
	soon, late := g.now.Now().Add(24*time.Hour), g.now.Now().Add(1000*time.Hour)
	put(pageToken, soon)
	conf.AccessToken = secret.Ref{File: place}
	n, err := meta.New(conf, social.Kit{HTTP: g.srv.Client(), State: &socialtest.State{}, Clock: g.now})
	if err != nil {
		t.Fatal(err)
	}
	running(t, n, &taken{})
	wait(t, func() bool { return n.Health().Expires.Unix() == soon.Unix() })
	put("another", late)
	began := g.now.Now()
	wait(t, func() bool { g.now.Advance(5 * time.Second); return n.Health().Expires.Unix() == late.Unix() })
	if took := g.now.Now().Sub(began); took > 5*time.Hour {
		t.Errorf("a new token was looked at after %v", took)
	}
}

// TestASecretThatComesLater is taken up by a server that runs.
func TestASecretThatComesLater(t *testing.T) {
	t.Parallel()
	for _, mode := range []meta.Mode{meta.Webhook, meta.Poll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			g := newGraph(t, meta.Facebook)
			socialtest.TakesUpASecret(t, pageToken, func(path string, c *socialtest.Hasty) social.Network {
				conf := g.config(mode)
				conf.AccessToken = secret.Ref{File: path}
				n, err := meta.New(conf, social.Kit{HTTP: g.srv.Client(), State: &socialtest.State{}, Clock: c})
				if err != nil {
					t.Fatal(err)
				}
				return n
			})
		})
	}
}

// waiting is a clock that tells for how long somebody waits, until ctx ends.
type waiting struct {
	*clock.Manual
	ctx   context.Context
	waits chan time.Duration
}

func (w waiting) Alarm(at time.Time) (<-chan struct{}, func()) {
	select {
	case w.waits <- at.Sub(w.Now()):
	case <-w.ctx.Done():
	}
	return w.Manual.Alarm(at)
}

// TestSlowsDownWhenCrowded: developers.facebook.com/docs/graph-api/overview/
// rate-limiting, "Headers".
func TestSlowsDownWhenCrowded(t *testing.T) {
	t.Parallel()
	g := newGraph(t, meta.Facebook)
	c := waiting{g.now, t.Context(), make(chan time.Duration)}
	n, err := meta.New(g.config(meta.Poll), social.Kit{HTTP: g.srv.Client(), State: &socialtest.State{}, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	g.set(func() {
		g.usage = `{"1000":[{"type":"pages","call_count":95,"total_cputime":20,"total_time":20,"estimated_time_to_regain_access":0}]}`
	})
	running(t, n, &taken{})
	if d := <-c.waits; d != 40*time.Second {
		t.Errorf("at 95 %% it asks again after %v, want 40s: a quarter as often", d)
	}
	if q := n.Health().Quotas; len(q) != 1 || q[0].Left != 5 || q[0].Of != 100 {
		t.Errorf("quotas %+v", q)
	}
}

// TestAnOutageIsClosed: what was written while neither way worked comes once
// each, and the cursor does not pass what the sink did not take.
func TestAnOutageIsClosed(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g := newGraph(t, kind)
		state := &socialtest.State{}
		var s taken
		n := g.open(g.config(meta.Poll), state)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); n.Run(ctx, &s) }()
		wait(t, func() bool { return n.Health().Mode == "poll" })
		cancel()
		<-done
		want := map[string]bool{}
		for range 100 {
			g.now.Advance(time.Minute)
			want[g.write(anaID, "in the outage", "", false, false)] = true
			want[g.write(benID, "in the outage", "", false, false)] = true
		}
		s.fail = errors.New("not yet")
		running(t, g.open(g.config(meta.Poll), state), &s)
		g.now.Advance(time.Hour)
		see := func(ok func() bool) {
			wait(t, func() bool { g.now.Advance(time.Second); s.mu.Lock(); defer s.mu.Unlock(); return ok() })
		}
		see(func() bool { return s.calls >= 3 })
		see(func() bool { s.fail = nil; return len(s.posts) >= len(want) })
		s.mu.Lock()
		for i, p := range s.posts {
			if !want[p.ID] || i > 0 && p.At.Before(s.posts[i-1].At) {
				t.Errorf("%s: %q came twice or out of order", kind, p.ID)
			}
			delete(want, p.ID)
		}
		s.mu.Unlock()
		if len(want) > 0 {
			t.Errorf("%s: %d are missing", kind, len(want))
		}
	}
}

// TestWhatIsWrittenBeforeTheFirstGoodRound: the beginning is the start, not the
// first time that asking went well.
func TestWhatIsWrittenBeforeTheFirstGoodRound(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Poll)
	g.set(func() { g.down = true })
	var s taken
	running(t, n, &s)
	wait(t, func() bool { return n.Health().Trouble != "" })
	g.now.Advance(time.Minute)
	id := g.write(anaID, "while it could not be asked", "", false, false)
	g.now.Advance(time.Hour)
	g.set(func() { g.down = false })
	wait(t, func() bool {
		g.now.Advance(time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.posts) > 0 && s.posts[0].ID == id
	})
}

// TestAskedOnceMore: what was handed in is not handed in at each round, and
// comments and messages come in the order of their times.
func TestAskedOnceMore(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Facebook, meta.Poll)
	first := g.write(anaID, "in public", "", false, false)
	g.now.Advance(2 * time.Second)
	g.write(anaID, "in private", "", true, false)
	var s taken
	running(t, n, &s)
	calls := func() int { g.mu.Lock(); defer g.mu.Unlock(); return g.calls }
	for range 4 {
		before := calls()
		wait(t, func() bool { g.now.Advance(5 * time.Second); return calls() >= before+5 })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.posts) != 2 || s.posts[0].ID != first {
		t.Errorf("got %+v", s.posts)
	}
}

// TestLogsNothingPrivate: no text, name, id or secret in the log.
func TestLogsNothingPrivate(t *testing.T) {
	t.Parallel()
	g := newGraph(t, meta.Facebook)
	var mu sync.Mutex
	var log strings.Builder
	n, err := meta.New(g.config(meta.Webhook), social.Kit{HTTP: g.srv.Client(), State: &socialtest.State{}, Clock: g.now,
		Log: slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	told(t, n, feed(`{"item":"comment","verb":"add","comment_id":"77_404","post_id":"1000_77","from":{"id":"501","name":"Ana Secret"},"message":""}`))
	told(t, n, feed(`{"item":"comment","verb":"add","comment_id":"77_405","from":"Ana Secret","message":"my words"}`))
	g.set(func() { g.Revoked = true })
	running(t, n, &taken{})
	wait(t, func() bool { return n.Health().Trouble != "" })
	mu.Lock()
	defer mu.Unlock()
	for _, private := range []string{"Ana", "my words", "77_404", "501", appSecret, pageToken, "private words"} {
		if strings.Contains(log.String(), private) {
			t.Errorf("%q is in the log: %s", private, log.String())
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *strings.Builder
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	right := meta.Config{Kind: meta.Facebook, App: "1", AppSecret: secret.Ref{Env: "A"}, AccessToken: secret.Ref{Env: "B"}, VerifyToken: secret.Ref{Env: "C"}, Page: "2"}
	c := right
	if err := c.Check(); err != nil || c.Graph != "https://graph.facebook.com" || c.Version == "" || c.Poll != 15*time.Minute || c.Parts != 3 || c.Recent != 25 || c.Mode != meta.Webhook {
		t.Errorf("%+v, %v", c, err)
	}
	for want, f := range map[string]func(c *meta.Config){
		"facebook: app: is":          func(c *meta.Config) { c.App = "my app" },
		"networks[2]: page: is":      func(c *meta.Config) { c.Page, c.Place = "../x", "networks[2]" },
		"app_secret: is not set":     func(c *meta.Config) { c.AppSecret = secret.Ref{} },
		"access_token: is not set":   func(c *meta.Config) { c.AccessToken = secret.Ref{} },
		"verify_token: is not set":   func(c *meta.Config) { c.VerifyToken = secret.Ref{} },
		"instagram: is":              func(c *meta.Config) { c.Kind = meta.Instagram },
		"instagram: is for":          func(c *meta.Config) { c.Instagram = "3" },
		"kind: is":                   func(c *meta.Config) { c.Kind = "threads" },
		"mode: is":                   func(c *meta.Config) { c.Mode = "stream" },
		"poll: is 1s":                func(c *meta.Config) { c.Poll = time.Second },
		"parts: is 99":               func(c *meta.Config) { c.Parts = 99 },
		"recent: is":                 func(c *meta.Config) { c.Recent = 101 },
		"version: is":                func(c *meta.Config) { c.Version = "25" },
		"graph: http would show":     func(c *meta.Config) { c.Graph = "http://graph.example" },
		"graph: is no address":       func(c *meta.Config) { c.Graph = "https://u:p@graph.example" },
		"human_agent: is for direct": func(c *meta.Config) { c.HumanAgent = true },
		"account: is \"a/b\"":        func(c *meta.Config) { c.Account = "a/b" },
	} {
		c := right
		f(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
