package meta_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		for _, mode := range []meta.Mode{meta.Webhook, meta.Poll} {
			t.Run(string(kind)+"/"+string(mode), func(t *testing.T) {
				t.Parallel()
				socialtest.Run(t, func(t *testing.T) socialtest.Fixture { return fixture(t, kind, mode) })
			})
		}
	}
}

func fixture(t *testing.T, kind meta.Kind, mode meta.Mode) socialtest.Fixture {
	g := newGraph(t, kind)
	state := &socialtest.State{}
	c := g.config(mode)
	n := g.open(c, state)
	world := &socialtest.World{
		Write: func(d socialtest.Draft) string {
			author := people[d.Author]
			if d.Own {
				author = g.self()
			}
			return g.write(author, d.Text, d.InReplyTo, d.Private, true)
		},
		Delete:  func(id string) { g.change(id, "", true) },
		Owns:    true,
		Break:   func() { g.set(func() { g.down = true }) },
		Mend:    func() { g.set(func() { g.down = false }) },
		Advance: func(d time.Duration) { g.now.Advance(d) },
		Reopen: func() social.Network {
			n = g.open(c, state)
			return n
		},
	}
	if kind == meta.Facebook {
		world.Edit = func(id, text string) { g.change(id, text, false) }
	}
	if mode == meta.Webhook {
		world.Push = func(ctx context.Context, sink social.Sink) { g.push(ctx, n, sink) }
		world.Forged = forged(g)
	}
	return socialtest.Fixture{
		Network: n, To: domain.IdentityKey{Network: string(kind), Author: anaID}, Handle: "ana", InReplyTo: g.write(anaID, "where is my parcel?", "", false, false),
		Nobody: domain.IdentityKey{Network: string(kind), Author: "999"},
		Count:  func() int { return len(g.sent()) },
		Written: func() []socialtest.Written {
			return g.sent()
		},
		Next:  func(b ...socialtest.Behavior) { g.set(func() { g.next = append(g.next, b...) }) },
		Plays: []socialtest.Behavior{socialtest.OK, socialtest.Down, socialtest.RateLimit, socialtest.LostReply, socialtest.Gone, socialtest.Blocked, socialtest.BadAuth},
		World: world,
	}
}

func (g *graph) sent() []socialtest.Written {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.written)
}

func forged(g *graph) map[string]social.HookRequest {
	body := `{"object":"` + g.object() + `","entry":[{"id":"` + g.self() + `","time":1772366400,"messaging":[{"sender":{"id":"501"},"recipient":{"id":"` + g.self() + `"},"timestamp":1772366400000,"message":{"mid":"m_forged","text":"x"}}]}]}`
	with := func(name, value string) social.HookRequest {
		return social.HookRequest{Method: http.MethodPost, Header: map[string][]string{name: {value}}, Body: []byte(body)}
	}
	twice := with("X-Hub-Signature-256", "sha256=00")
	twice.Header["X-Hub-Signature-256"] = append(twice.Header["X-Hub-Signature-256"], sign([]byte(body)))
	return map[string]social.HookRequest{
		"no signature":      {Method: http.MethodPost, Body: []byte(body)},
		"a wrong one":       with("X-Hub-Signature-256", "sha256="+"00"),
		"of another body":   with("X-Hub-Signature-256", sign([]byte(body+" "))),
		"of another kind":   with("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000"),
		"without its kind":  with("X-Hub-Signature-256", sign([]byte(body))[7:]),
		"two, one is right": twice,
	}
}
