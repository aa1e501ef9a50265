package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
)

// far is a network that lets posts be looked at again and tells of no edits.
func far(t *testing.T, s store.Store, o setup) (*kit, *socialtest.Stream) {
	n := socialtest.NewStream(socialtest.ScriptedOptions{Name: "far", Now: start.UTC})
	o.networks = append(o.networks, n)
	return newKit(t, s, o), n
}

// asks takes a post on the far network that is some seconds old.
func (k *kit) asks(n *socialtest.Stream, author, text string) (domain.CustomerID, domain.Post) {
	k.t.Helper()
	p := n.Write(domain.Post{Author: domain.Author{ID: author, Handle: author}, Text: text, At: k.clock.Now().Add(-time.Minute), Visibility: domain.Private})
	return k.take(p), p
}

func TestAnAnswerFitsWhatThePostSaysByThen(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		for _, settle := range []time.Duration{0, 3 * time.Second} {
			k, n := far(t, open(t), setup{settle: settle})
			id, p := k.asks(n, "ann", "hello, where are you?")
			n.Quietly(p.ID, func(p *domain.Post) { p.Text = "I want to speak to a person" })
			k.advance(10 * time.Minute)
			for _, m := range n.Sent() {
				if strings.HasPrefix(m.Text, "Hello, we have read") || strings.Contains(m.Text, "look into it") {
					t.Errorf("settle %v: the old words were answered: %q", settle, m.Text)
				}
			}
			if got := k.inputs(id); !slices.Contains(got, "edited "+p.ID) || k.count(id, "reply canceled") != 1 {
				t.Errorf("settle %v: the advocate heard %v", settle, got)
			}
			if c := k.snapshot(id).Cases[0]; !c.HandedOver || len(k.effects("")) != 0 {
				t.Errorf("settle %v: the new words were not decided about: %+v", settle, c)
			}
		}
	})
}

// TestACorrectedTypoIsStillAnswered: once, with the word that we are a machine.
func TestACorrectedTypoIsStillAnswered(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		id, p := k.asks(n, "ann", "helo")
		n.Quietly(p.ID, func(p *domain.Post) { p.Text = "hello" })
		k.advance(10 * time.Minute)
		sent := n.Sent()
		if len(sent) != 1 || !strings.Contains(sent[0].Text, "Hello, we have read") || !strings.Contains(sent[0].Text, "\n\n") {
			t.Errorf("sent %+v; want the answer once, with the disclosure", sent)
		}
		if c := k.snapshot(id).Cases[0]; c.HandedOver || c.Replies != 1 {
			t.Errorf("the case is %+v", c)
		}
	})
}

func TestADeletedPostIsNotAnswered(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		id, p := k.asks(n, "ann", "hello")
		n.Quietly(p.ID, func(p *domain.Post) { p.Text, p.Deleted, p.Author.ID, p.At = "", true, "", time.Time{} })
		k.advance(10 * time.Minute)
		if sent := n.Sent(); len(sent) != 0 || len(k.effects("")) != 0 {
			t.Errorf("sent %+v; %d effects are left", sent, len(k.effects("")))
		}
		if got := k.inputs(id); !slices.Contains(got, "deleted "+p.ID) {
			t.Errorf("the advocate heard %v", got)
		}
	})
}

// TestAWatchedPostIsLookedAtAgain as one that is written to us.
func TestAWatchedPostIsLookedAtAgain(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		k.options.Policy.AnswerAll = true
		k.open()
		k.publish(book)
		watched := func(author string) domain.Post {
			return n.Write(domain.Post{Author: domain.Author{ID: author}, Text: "hello", At: k.clock.Now().Add(-time.Minute), Visibility: domain.Public, Unaddressed: true})
		}
		k.take(watched("ann"))
		k.advance(10 * time.Minute)
		if len(n.Sent()) != 1 {
			t.Fatalf("sent %d; want the answer to a post that stands", len(n.Sent()))
		}
		p := watched("bob")
		id := k.take(p)
		n.Quietly(p.ID, func(p *domain.Post) { p.Text, p.Deleted, p.Author.ID = "", true, "" })
		k.advance(10 * time.Minute)
		if got := k.inputs(id); len(n.Sent()) != 1 || !slices.Contains(got, "deleted "+p.ID) {
			t.Errorf("sent %d; the advocate heard %v", len(n.Sent()), got)
		}
		p = watched("cem")
		id = k.take(p)
		n.Quietly(p.ID, func(p *domain.Post) { p.Text, p.Unaddressed = "@us I want to speak to a person", false })
		k.advance(10 * time.Minute)
		if got := k.inputs(id); !slices.Contains(got, "edited "+p.ID) || k.count(id, "reply canceled") != 1 {
			t.Errorf("of a watched post that became a mention the advocate heard %v", got)
		}
		if c := k.snapshot(id).Cases; len(c) != 1 || !c[0].HandedOver {
			t.Errorf("the mention's words were not decided about: %+v", c)
		}
	})
}

// TestAnothersPostIsNotAnswered: whoever has the id now did not ask.
func TestAnothersPostIsNotAnswered(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		for _, words := range []string{"hello", "other words"} {
			k, n := far(t, open(t), setup{})
			id, p := k.asks(n, "ann", "hello")
			n.Quietly(p.ID, func(p *domain.Post) { p.Author, p.Text = domain.Author{ID: "eve"}, words })
			k.advance(10 * time.Minute)
			if got := k.inputs(id); len(n.Sent()) != 0 || !slices.Contains(got, "deleted "+p.ID) {
				t.Errorf("sent %d under another's post; the advocate heard %v", len(n.Sent()), got)
			}
		}
	})
}

func TestLookingAgainHoldsNothingUpForLong(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		down := &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"}
		n.FailFetch(slices.Repeat([]error{down}, 50)...)
		k.asks(n, "ann", "hello")
		k.advance(30 * time.Second)
		if len(n.Sent()) != 1 || n.Fetches() != 3 {
			t.Errorf("sent %d after %d looks; want it out after 3", len(n.Sent()), n.Fetches())
		}
		for what, err := range map[string]error{
			"a long pause":    &social.Error{Retry: true, After: time.Hour, Fault: social.FaultNetwork, Safe: "limited"},
			"a final refusal": &social.Error{Fault: social.FaultOperator, Safe: "may not read"},
		} {
			k, n := far(t, open(t), setup{})
			n.FailFetch(err)
			k.asks(n, "ann", "hello")
			k.settle()
			if len(n.Sent()) != 1 {
				t.Errorf("%s held an answer up", what)
			}
		}
	})
}

// TestAStaleLookHoldsNothingUp: a network that shows an older state than it has
// told of makes no answer go round in circles.
func TestAStaleLookHoldsNothingUp(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		p := n.Write(domain.Post{Author: domain.Author{ID: "ann"}, Text: "hello", At: start.Add(-time.Minute), Visibility: domain.Private})
		k.take(p)
		edit := p
		edit.Text, edit.Revision = "hello again", "2"
		k.take(edit)
		k.advance(time.Minute)
		if len(n.Sent()) != 1 {
			t.Errorf("sent %d", len(n.Sent()))
		}
	})
}

func TestAYoungPostIsNotLookedAtAgain(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k, n := far(t, open(t), setup{})
		p := k.post("ann", "hello")
		p.Network = "far"
		k.take(n.Write(p))
		k.settle()
		if len(n.Sent()) != 1 || n.Fetches() != 0 {
			t.Errorf("sent %d, looked %d times", len(n.Sent()), n.Fetches())
		}
	})
}

// TestWhoBlocksUsIsLeftAlone: no dead letter, no alarm, nothing more there until
// they write again; a person sees the case.
func TestWhoBlocksUsIsLeftAlone(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "where is A-1?"))
		k.net.Plan(socialtest.Blocked)
		k.settle()
		who := func() domain.Identity { return k.snapshot(id).Customer.Identities[0] }
		if dead := k.effects(""); len(dead) != 0 || who().Blocked.IsZero() {
			t.Fatalf("%d effects are left, blocked since %v", len(dead), who().Blocked)
		}
		if c := k.snapshot(id).Cases[0]; !c.HandedOver {
			t.Errorf("nobody is asked to look: %+v", c)
		}
		if n := k.entries(id, domain.EntryAlarm); n != 0 {
			t.Errorf("%d alarms", n)
		}
		calls := k.net.Calls()
		k.events(orderEvent("e1", "delayed", "A-1"))
		k.advance(24 * time.Hour)
		if got := k.net.Calls() - calls; got != 0 {
			t.Errorf("%d more attempts at who blocks us", got)
		}
		k.take(k.post("ann", "hello, I am back"))
		k.settle()
		if !who().Blocked.IsZero() {
			t.Error("who writes to us is still left alone")
		}
	})
}

func TestWhatCannotReachACustomerIsNoDeadLetter(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.net.Plan(socialtest.Gone)
		k.settle()
		if left := k.effects(""); len(left) != 0 || k.count(id, "reply failed") != 1 || k.entries(id, domain.EntryAlarm) != 0 {
			t.Errorf("%d effects are left; the advocate heard %v", len(left), k.inputs(id))
		}
		if c := k.snapshot(id).Cases[0]; !c.HandedOver || !k.snapshot(id).Customer.Identities[0].Blocked.IsZero() {
			t.Errorf("the case is %+v", c)
		}
	})
}

// entries counts a customer's history of one kind.
func (k *kit) entries(id domain.CustomerID, kind domain.EntryKind) (n int) {
	k.t.Helper()
	for _, r := range k.records(id) {
		for _, e := range r.Entries {
			if e.Kind == kind {
				n++
			}
		}
	}
	return n
}
