package x

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// hearing runs the way of direct messages, and advances the clock until
// something holds.
func (u *setup) hearing(n *Network, s *sink, holds func() bool) {
	u.t.Helper()
	ctx, cancel := context.WithCancel(u.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.hearMessages(ctx, s) }()
	defer func() { cancel(); <-done }()
	end := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(end) {
			u.t.Fatal("it did not come to that")
		}
		u.clock.Advance(time.Second)
	}
}

// The stream has no direct messages: they are not left for the quarter of an
// hour in which it is looked whether it left something out.
func TestMessagesBesideTheStream(t *testing.T) {
	for mode, most := range map[Mode]time.Duration{Poll: messagePoll, Stream: messagePoll, Webhook: sweepDefault} {
		c := newSetup(t, mode).c
		c.Poll = 0
		if err := c.Check(); err != nil || c.PollMessages != most {
			t.Errorf("%s: messages are asked for every %v, %v; want %v", mode, c.PollMessages, err, most)
		}
	}
	u := newSetup(t, Poll)
	u.c.Poll, u.c.PollMessages = 24*time.Hour, 2*time.Minute
	waits := make(chan time.Time, 9)
	u.kit.Clock = waiting{u.clock, waits}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	n := u.open()
	go func() { defer close(done); n.hearMessages(ctx, &sink{}) }()
	if at := <-waits; !at.Equal(began.Add(2 * time.Minute)) {
		t.Errorf("it asks again at %v, after %v", at, at.Sub(began))
	}
	cancel()
	<-done
}

// waiting is a clock that tells until when somebody waits.
type waiting struct {
	*clock.Manual
	until chan time.Time
}

func (w waiting) Alarm(at time.Time) (<-chan struct{}, func()) {
	w.until <- at
	return w.Manual.Alarm(at)
}

// That direct messages do not come is said, however well posts do.
func TestMessagesThatCannotBeAsked(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/2/dm_events" {
			return false
		}
		xtest.Refuse(w, http.StatusForbidden, "https://api.x.com/2/problems/client-forbidden", "x")
		return true
	})
	says := func() bool {
		h := n.Health()
		return h.Mode == "poll" && strings.Contains(h.Trouble, "direct messages") && strings.Contains(h.Trouble, "tier")
	}
	n.Began("poll", u.clock.Now())
	u.hearing(n, s, says)
	if n.Began("poll", u.clock.Now()); !says() {
		t.Errorf("after a good round of posts its health is %+v", n.Health())
	}
	u.s.refusing(nil)
	u.hearing(n, s, func() bool { return n.Health().Trouble == "" })
}

// More direct messages than a round reads: what is left is read on later, also
// by another process, and where X does not take the page's token any more.
func TestMessagesOfAnOutage(t *testing.T) {
	for name, forgets := range map[string]bool{"goes on": false, "the token is refused": true} {
		t.Run(name, func(t *testing.T) {
			u := newSetup(t, Poll)
			s, want := &sink{}, []string{}
			if err := u.open().messages(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			for range 2*messagePages*perMessages + 50 {
				u.clock.Advance(time.Second)
				want = append(want, u.writes(socialtest.Draft{Author: "ana", Text: "hello", Private: true}))
			}
			pages := 0
			u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
				if pages++; !forgets || pages != messagePages+1 {
					return false
				}
				xtest.Refuse(w, http.StatusBadRequest, "https://api.x.com/2/problems/invalid-request", "pagination_token")
				return true
			})
			for range 4 {
				if err := u.open().messages(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				u.clock.Advance(messagePoll)
			}
			got := map[string]bool{}
			for _, p := range s.posts {
				got[p.ID] = true
			}
			for _, id := range want {
				if !got[id] {
					t.Fatalf("%d of %d came; %s is missing", len(got), len(want), id)
				}
			}
		})
	}
}

// A page's token that leads to the page itself, or ever new ones that lead to
// pages that are known, keep a round from nothing else for ever.
func TestMessagesEndlesslyPaged(t *testing.T) {
	for name, token := range map[string]func(int) string{
		"the same": func(int) string { return "same" },
		"ever new": func(asked int) string { return itoa(int64(asked)) },
	} {
		t.Run(name, func(t *testing.T) {
			u := newSetup(t, Poll)
			n, s := u.open(), &sink{}
			c := cursor{Since: idAt(began.Add(-time.Hour)), Top: idAt(began.Add(-20 * time.Minute)), Until: idAt(began.Add(-30 * time.Minute)), Next: "token"}
			if err := n.saveCursor(t.Context(), "messages", c); err != nil {
				t.Fatal(err)
			}
			asked, m := 0, tmessage{idAt(began.Add(-time.Minute)), ana, shop, "hi", began.Add(-time.Minute)}
			u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/2/dm_events" {
					return false
				}
				if asked++; asked > 10*mostPages {
					t.Error("it asks for ever")
					drop(w)
					return true
				}
				xtest.Answer(w, map[string]any{"data": []any{m.object()}, "meta": map[string]any{"next_token": token(asked)}})
				return true
			})
			_ = n.messages(t.Context(), s)
			if asked > mostPages || len(s.posts) != 1 {
				t.Errorf("asked %d times; %d messages came", asked, len(s.posts))
			}
			// What is really there is still read afterwards.
			u.s.refusing(nil)
			id := u.writes(socialtest.Draft{Author: "ana", Text: "and now?", Private: true})
			u.clock.Advance(messagePoll)
			for range 2 {
				_ = n.messages(t.Context(), s)
			}
			if last := s.posts[len(s.posts)-1]; last.ID != id {
				t.Errorf("the last that came is %+v, want %s", last, id)
			}
		})
	}
}

// A round that X breaks off hands in what it has read, and goes on there.
func TestMessagesReadBeforeALimit(t *testing.T) {
	u := newSetup(t, Poll)
	n, s := u.open(), &sink{}
	if err := n.messages(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for range 2*perMessages + 1 {
		u.clock.Advance(time.Second)
		u.writes(socialtest.Draft{Author: "ana", Text: "hello", Private: true})
	}
	pages := 0
	u.s.refusing(func(w http.ResponseWriter, r *http.Request) bool {
		if pages++; pages != 2 {
			return false
		}
		xtest.Refuse(w, http.StatusTooManyRequests, "about:blank", "Too Many Requests")
		return true
	})
	if err := n.messages(t.Context(), s); err == nil || len(s.posts) != perMessages {
		t.Errorf("%v, %d messages came", err, len(s.posts))
	}
	if err := n.messages(t.Context(), s); err != nil || len(s.posts) != 2*perMessages+1 {
		t.Errorf("%v, %d messages came", err, len(s.posts))
	}
}

// What staff writes in X's own app answers the customer's last message, also
// where that was read before a restart or told to another node: without it the
// advocate would go on beside a colleague.
func TestStaffsMessageAfterARestart(t *testing.T) {
	for _, mode := range []Mode{Poll, Webhook} {
		t.Run(string(mode), func(t *testing.T) {
			u := newSetup(t, mode)
			s, want := &sink{}, map[string]string{}
			read := func(id string) {
				t.Helper()
				n := u.open() // a process of its own
				if mode == Poll {
					if err := n.messages(t.Context(), s); err != nil {
						t.Fatal(err)
					}
				} else if _, err := n.ServeHook(t.Context(), post(u.event(id), consumerSecret), s); err != nil {
					t.Fatal(err)
				}
			}
			if mode == Poll {
				read("")
			}
			say := func(d socialtest.Draft, apart time.Duration) string {
				d.Private = true
				u.clock.Advance(apart)
				id := u.writes(d)
				read(id)
				return id
			}
			for _, apart := range []time.Duration{2 * overlap, time.Second} { // some of it is read twice
				first := say(socialtest.Draft{Author: "ana", Text: "where is it?"}, apart)
				say(socialtest.Draft{Author: "ben", Text: "hi"}, apart)
				want[say(socialtest.Draft{Own: true, Text: "we look", InReplyTo: first}, apart)] = first
				say(socialtest.Draft{Author: "ana", Text: "thanks"}, apart)
			}
			if mode == Poll {
				read("")
			}
			for _, p := range s.posts {
				if p.Own && p.InReplyTo != want[p.ID] {
					t.Errorf("staff's %s answers %q, want %q", p.ID, p.InReplyTo, want[p.ID])
				}
			}
			if heard := len(s.posts); heard < 8 {
				t.Errorf("%d messages came", heard)
			}
		})
	}
}
