package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
)

// wall is a network that shows one post as it stands, with the revisions that a
// test gives it. While it is looked at, during happens.
type wall struct {
	*socialtest.Stream
	post   domain.Post
	during func()
}

func (w *wall) Name() string { return "wall" }

func (w *wall) Fetch(context.Context, domain.PostKey) (domain.Post, error) {
	if w.during != nil {
		w.during()
	}
	return w.post, nil
}

func (w *wall) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	m.To.Network = w.Stream.Name()
	return w.Stream.Send(ctx, m)
}

// wallKit is a kit with a wall on which ann has written some time ago.
func wallKit(t *testing.T, s store.Store, text, revision string) (*kit, *wall, domain.Post) {
	k, n := far(t, s, setup{})
	w := &wall{Stream: n}
	k.options.Networks = append(k.options.Networks, w)
	k.open()
	k.publish(book)
	p := k.post("ann", text)
	p.Network, p.Revision, p.At = "wall", revision, k.clock.Now().Add(-time.Minute)
	w.post = p
	return k, w, p
}

func edited(p domain.Post, revision, text string) domain.Post {
	p.Revision, p.Text = revision, text
	return p
}

// TestALateVersionChangesNothing: what a network tells out of order, or what was
// read since, leaves the newest words standing.
func TestALateVersionChangesNothing(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		for _, rev := range [][2]string{{"9", "10"}, {"2026-03-02T09:59:00Z", "2026-03-02T09:59:30Z"}} {
			k := newKit(t, open(t), setup{})
			p := k.post("ann", "hello")
			id := k.take(p)
			k.settle()
			k.take(edited(p, rev[1], "I want to speak to a person"))
			k.settle()
			for _, late := range []domain.Post{edited(p, rev[0], "where is A-10001?"), p} {
				if r := k.submit(late)[0]; !r.Duplicate || r.Err != nil || r.Customer != id {
					t.Errorf("%q after %q: %+v", late.Revision, rev[1], r)
				}
			}
			k.settle()
			if got := k.count(id, "edited"); got != 1 || len(k.snapshot(id).Cases[0].OrderRefs) != 0 {
				t.Errorf("the older words were decided about: %v", k.inputs(id))
			}
			// All of them in one delivery.
			q := k.post("bob", "hello")
			bob := k.submit(q, edited(q, rev[1], "I want to speak to a person"), edited(q, rev[0], "where is A-10001?"))[0].Customer
			k.settle()
			if got := k.count(bob, "edited"); got != 1 {
				t.Errorf("in one delivery: %v", k.inputs(bob))
			}
		}
	})
}

// TestAnAuthorMayGoBackToWhatTheySaid where a revision is a digest of the text:
// the network is asked which of them stands, so that a repeat stays one.
func TestAnAuthorMayGoBackToWhatTheySaid(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := &failing{Store: open(t)}
		k, w, p := wallKit(t, f, "hello", "hA")
		id := k.take(p)
		k.settle()
		w.post = edited(p, "hB", "I want to speak to a person")
		k.take(w.post)
		if r := k.submit(p)[0]; !r.Duplicate {
			t.Errorf("a repeat of the first words: %+v", r)
		}
		w.post = p
		w.during = func() { f.crash(1, 0) }
		if r, err := k.engine.PostsSubmit(k.ctx, []domain.Post{p}); err == nil {
			t.Errorf("what stands again could not be taken, and is said to be: %+v", r)
		}
		w.during = nil
		if r := k.submit(p)[0]; r.Duplicate || r.Err != nil {
			t.Errorf("the first words, which stand again: %+v", r)
		}
		if r := k.submit(p)[0]; !r.Duplicate {
			t.Errorf("their repeat: %+v", r)
		}
		k.settle()
		if got := k.count(id, "edited"); got != 2 {
			t.Errorf("the advocate heard %v", k.inputs(id))
		}
	})
}

// TestWhatStandsAgainIsAnswered although nobody told that the author has gone
// back to it.
func TestWhatStandsAgainIsAnswered(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, w, p := wallKit(t, open(t), "I want to speak to a person", "hA")
		id := k.take(p)
		k.take(edited(p, "hB", "hello"))
		w.post = p
		k.advance(10 * time.Minute)
		if got := k.count(id, "edited"); got != 2 {
			t.Errorf("the advocate heard %v", k.inputs(id))
		}
		for _, m := range w.Sent() {
			if strings.HasPrefix(m.Text, "Hello, we have read") {
				t.Errorf("words were answered that do not stand: %q", m.Text)
			}
		}
		if c := k.snapshot(id).Cases[0]; !c.HandedOver {
			t.Errorf("what stands was not decided about: %+v", c)
		}
	})
}

// TestAPostIsItsAuthorsAlone: nobody else edits it, deletes it or makes it ours.
func TestAPostIsItsAuthorsAlone(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		p := k.post("ann", "hello")
		id := k.take(p)
		k.settle()
		q := edited(p, "2", "I want to speak to a person")
		q.Author.ID = "eve"
		gone := p
		gone.Author.ID, gone.Deleted, gone.Text = "eve", true, ""
		ours := edited(p, "2", "We call you.")
		ours.Author.ID, ours.Own = "us", true
		for _, x := range []domain.Post{q, gone, ours} {
			wantCode(t, k.submit(x)[0].Err, domain.CodeConflict)
		}
		k.take(edited(p, "2", "hello again"))
		gone.Author.ID = "ann"
		k.take(gone)
		k.settle()
		if got := k.inputs(id); !slices.Contains(got, "edited "+p.ID) || !slices.Contains(got, "deleted "+p.ID) || k.count(id, "own") != 0 {
			t.Errorf("the advocate heard %v", got)
		}
		// The company may take down what stands on its page, and not every
		// network says who did.
		for _, who := range []domain.Author{{ID: "us"}, {ID: domain.Nobody}} {
			p := k.post("bob", "hello")
			k.take(p)
			p.Author, p.Own, p.Deleted, p.Text = who, who.ID == "us", true, ""
			k.take(p)
		}
		// In one delivery, too.
		r, d := k.post("cy", "hello"), domain.Post{}
		d = r
		d.Author.ID, d.Deleted, d.Text = "eve", true, ""
		wantCode(t, k.submit(r, d)[1].Err, domain.CodeConflict)
	})
}

// TestWhatHappensDuringTheLookCounts: the look may take long, and the answer
// leaves only if it still may.
func TestWhatHappensDuringTheLookCounts(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		for what, during := range map[string]func(*kit, domain.Post){
			"staff answers": func(k *kit, p domain.Post) {
				k.submit(domain.Post{Network: "wall", ID: "staff", Author: domain.Author{ID: "us"}, Own: true, Text: "I see to it.",
					InReplyTo: p.ID, Visibility: domain.Private, At: k.clock.Now()})
			},
			"the post is deleted": func(k *kit, p domain.Post) {
				p.Deleted, p.Text = true, ""
				k.submit(p)
			},
			"sending is switched off": func(k *kit, _ domain.Post) {
				if err := k.engine.SwitchSet(k.ctx, store.Switch{Scope: "all", Mode: engine.ModeStopped}); err != nil {
					t.Error(err)
				}
			},
		} {
			for _, decided := range []bool{false, true} {
				k, w, p := wallKit(t, open(t), "hello", "")
				looks := 0
				w.during = func() {
					if looks++; looks > 1 {
						return
					}
					during(k, p)
					if decided {
						if _, err := k.engine.StepReady(k.ctx); err != nil {
							t.Error(err)
						}
					}
				}
				k.take(p)
				k.advance(time.Hour)
				if looks == 0 || len(w.Sent()) != 0 {
					t.Errorf("%s (decided: %v): sent %d after %d looks", what, decided, len(w.Sent()), looks)
				}
			}
		}
	})
}
