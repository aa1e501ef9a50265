package x

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// state is a State that settles who does something.
type state struct {
	socialtest.State
	onClaim func() // called once by a claim that fails
}

func (s *state) Claim(ctx context.Context, name string, value []byte, keep time.Duration) (ours bool, err error) {
	err = s.Change(ctx, name, keep, func(was []byte) []byte {
		if ours = was == nil; !ours {
			return nil
		}
		return value
	})
	if call := s.onClaim; !ours && call != nil {
		s.onClaim = nil
		call()
	}
	return ours, err
}

// setup is what a test's network is made with.
type setup struct {
	t     *testing.T
	s     *server
	c     Config
	clock *clock.Manual // nil in mode stream: the machine's
	kit   social.Kit
	state *state
	logs  *bytes.Buffer
	hook  *hookQueue
}

func newSetup(t *testing.T, mode Mode) *setup {
	u := &setup{t: t, state: &state{}, logs: &bytes.Buffer{}}
	now := func() time.Time { return time.Now().UTC() }
	u.kit = social.Kit{State: u.state, Clock: clock.Real(), Log: slog.New(slog.NewTextHandler(&safeWriter{w: u.logs}, nil))}
	if mode != Stream {
		u.clock = clock.NewManual(began)
		u.kit.Clock, now = u.clock, u.clock.Now
	}
	u.s = newServer(t, now)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	u.kit.HTTP = &http.Client{Transport: transport}
	u.c = Config{
		Mode: mode, API: u.s.URL, AllowPrivate: true, DirectMessages: true, Search: []string{"telling everybody", "#shop"}, PostsPerMonth: 1_000_000,
		ConsumerKey: value("consumer-key"), ConsumerSecret: value(consumerSecret),
		AccessToken: value(accessToken), AccessTokenSecret: value("access-secret"), BearerToken: value(bearer),
		Poll: 5 * time.Second,
	}
	if mode == Webhook {
		u.c.Poll = 24 * time.Hour // what the requests bring is to be seen, not the sweep
	}
	return u
}

// safeWriter may be written to by several at once.
type safeWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (s *safeWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

func value(s string) secret.Ref { return secret.Ref{Value: s} }

func (u *setup) open() *Network {
	n, err := New(u.c, u.kit)
	if err != nil {
		u.t.Fatal(err)
	}
	if u.clock == nil {
		n.c.PollMessages = 50 * time.Millisecond // nobody moves that clock on
	}
	return n
}

var people = map[string]string{"ana": ana, "ben": ben}

// fixture is X as the conformance suite wants it.
func (u *setup) fixture() socialtest.Fixture {
	s := u.s
	first := s.write(tpost{author: ana, text: "@shop where is it?"})
	f := socialtest.Fixture{
		Network: u.open(), To: domain.IdentityKey{Network: Name, Author: ana}, Handle: names[ana], InReplyTo: first.ids[0],
		Count: func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.sent)
		},
		Nobody:  domain.IdentityKey{Network: Name, Author: "nobody"},
		Written: s.written,
		Next: func(all ...socialtest.Behavior) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.plan = append(s.plan, all...)
		},
		Plays: []socialtest.Behavior{socialtest.Down, socialtest.RateLimit, socialtest.LostReply, socialtest.Gone, socialtest.Blocked, socialtest.BadAuth},
	}
	f.World = u.world()
	if u.hook != nil {
		u.hook.net = f.Network
	}
	return f
}

func (s *server) written() (out []socialtest.Written) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.sent {
		for _, m := range s.messages {
			if privateID(m.id) == id {
				out = append(out, socialtest.Written{ID: id, Text: m.text})
			}
		}
		if p := s.byID(id); p != nil {
			out = append(out, socialtest.Written{ID: id, InReplyTo: p.to, Text: leading.ReplaceAllString(p.text, "")})
		}
	}
	return out
}

func (u *setup) world() *socialtest.World {
	s := u.s
	w := &socialtest.World{
		Write: u.writes, Edit: func(id, text string) { s.edit(id, "@shop "+text) }, Delete: s.remove, Owns: true, Reshares: true,
		Break: func() {
			s.mu.Lock()
			s.down = true
			s.mu.Unlock()
			s.breakStreams()
		},
		Mend: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.down = false
		},
		Reopen: func() social.Network { return u.open() },
	}
	if u.clock != nil {
		w.Advance = u.clock.Advance
	}
	if u.c.Mode == Webhook {
		u.hook = &hookQueue{u: u}
		u.hook.into(w)
	}
	return w
}

func (u *setup) writes(d socialtest.Draft) string {
	s := u.s
	author := people[d.Author]
	if d.Own {
		author = shop
	}
	if d.Private {
		s.mu.Lock()
		defer s.mu.Unlock()
		to := shop
		for _, asked := range s.messages {
			if d.Own && privateID(asked.id) == d.InReplyTo {
				to = asked.from
			}
		}
		m := tmessage{s.nextID(), author, to, d.Text, s.now()}
		s.messages = append(s.messages, m)
		return privateID(m.id)
	}
	p := tpost{author: author, text: "@shop " + d.Text, to: d.InReplyTo, of: d.Reshare}
	switch {
	case d.Unaddressed || d.Own:
		p.text = d.Text
	case d.Reshare != "":
		p.text = "RT @ana_b: @shop an original"
	}
	return s.write(p).ids[0]
}

func TestConformance(t *testing.T) {
	for _, mode := range []Mode{Poll, Stream, Webhook} {
		t.Run(string(mode), func(t *testing.T) {
			socialtest.Run(t, func(t *testing.T) socialtest.Fixture { return newSetup(t, mode).fixture() })
		})
	}
}
