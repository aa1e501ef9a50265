package mastodon_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logbook keeps what was logged.
type logbook struct {
	mu sync.Mutex
	strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Builder.Write(b)
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

// desk is a server, a connector to it, and what it has brought.
type desk struct {
	t      testing.TB
	server *mastodontest.Server
	clock  *clock.Manual
	state  *socialtest.State
	log    logbook
	config mastodon.Config
	n      *mastodon.Network

	mu    sync.Mutex
	posts []domain.Post
	sink  func([]domain.Post) error // what it says instead of nil
	came  chan struct{}
	stop  func()
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newDesk(t testing.TB, o mastodontest.Options, change func(*mastodon.Config)) *desk {
	t.Helper()
	d := &desk{t: t, clock: clock.NewManual(start), state: &socialtest.State{}, came: make(chan struct{}, 1)}
	o.Now = d.clock.Now
	d.server = mastodontest.New(o)
	t.Cleanup(d.server.Close)
	d.config = mastodon.Config{URL: d.server.URL, Token: secret.Ref{Value: d.server.Token("shop")}, AllowPrivate: true, Since: 30 * 24 * time.Hour}
	if change != nil {
		change(&d.config)
	}
	d.open()
	return d
}

func (d *desk) open() *mastodon.Network {
	d.t.Helper()
	n, err := mastodon.New(d.config, social.Kit{HTTP: d.server.Client(), State: d.state, Clock: d.clock, Log: slog.New(slog.NewTextHandler(&d.log, nil))})
	if err != nil {
		d.t.Fatal(err)
	}
	d.n = n
	return n
}

// between answers requests in the server's place where instead gives an answer.
type between struct {
	*http.Transport
	instead func(*http.Request) *http.Response
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	if a := b.instead(r); a != nil {
		a.Body, a.Request = http.NoBody, r
		return a, nil
	}
	return b.Transport.RoundTrip(r)
}

// between puts one there.
func (d *desk) between(instead func(*http.Request) *http.Response) {
	c := d.server.Client()
	c.Transport = &between{c.Transport.(*http.Transport), instead}
}

// PostsAccept implements social.Sink.
func (d *desk) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() {
		select {
		case d.came <- struct{}{}:
		default:
		}
	}()
	return socialtest.Accept(posts, d.sink, func(p domain.Post) { d.posts = append(d.posts, p) })
}

func (d *desk) taken() []domain.Post {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]domain.Post(nil), d.posts...)
}

// run begins to listen; stop, or the test's end, ends it.
func (d *desk) run() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.t.Context()))
	ended := make(chan struct{})
	n := d.n
	go func() {
		defer close(ended)
		_ = n.Run(ctx, d)
	}()
	d.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			d.t.Error("Run goes on after its context ended")
		}
	})
	d.t.Cleanup(d.stop)
}

// until waits for something to be so, and moves the clock meanwhile.
func (d *desk) until(what string, is func() bool) {
	d.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(end) {
			d.t.Fatalf("%s: has not happened; log:\n%s", what, d.log.text())
		}
		d.clock.Advance(time.Second)
		select {
		case <-d.came:
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// got waits for a post.
func (d *desk) got(what string, is func(domain.Post) bool) domain.Post {
	d.t.Helper()
	var found domain.Post
	d.until(what, func() bool {
		for _, p := range d.taken() {
			if is(p) {
				found = p
				return true
			}
		}
		return false
	})
	return found
}

// count is how often a post has come.
func (d *desk) count(id string) int {
	n := 0
	for _, p := range d.taken() {
		if p.ID == id {
			n++
		}
	}
	return n
}

func (d *desk) ana() domain.IdentityKey {
	return domain.IdentityKey{Network: d.n.Name(), Author: d.server.ID("ana")}
}
