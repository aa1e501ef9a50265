package meta_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

var lost = []socialtest.Behavior{socialtest.LostReply}

// wantFault wants a message to fail for good, and by whose fault.
func wantFault(t *testing.T, n *meta.Network, m social.Message, want social.Fault) *social.Error {
	t.Helper()
	_, err := n.Send(t.Context(), m)
	var e *social.Error
	if !errors.As(err, &e) || e.Retry || e.Fault != want {
		t.Errorf("got %v (%+v); want a final error, fault %q", err, e, want)
		return &social.Error{}
	}
	for _, private := range []string{"private words", appSecret, pageToken, m.To.Author, m.Text} {
		if private != "" && strings.Contains(e.Safe, private) {
			t.Errorf("%q is not fit for a screen", e.Safe)
		}
	}
	return e
}

// wantClosed wants that nothing private reaches them until they write: they are
// invited to.
func wantClosed(t *testing.T, n *meta.Network, m social.Message) *social.Error {
	t.Helper()
	e := wantFault(t, n, m, social.FaultCustomer)
	if !e.Closed {
		t.Errorf("%q does not say that they have to write first", e.Safe)
	}
	return e
}

func private(kind meta.Kind, key, inReplyTo string) social.Message {
	return social.Message{Key: key, To: domain.IdentityKey{Network: string(kind), Author: anaID}, InReplyTo: inReplyTo, Visibility: domain.Private, Text: "Your parcel " + key}
}

// TestWindow: developers.facebook.com/docs/messenger-platform/policy/
// policy-overview, "Standard Messaging", "Human Agent".
func TestWindow(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g, n := opened(t, kind, meta.Webhook)
		mid := g.write(anaID, "hi", "", true, true)
		g.push(t.Context(), n, &taken{})
		send := func(key string, person bool) error {
			m := private(kind, key, mid)
			m.Person = person
			_, err := n.Send(t.Context(), m)
			return err
		}
		if err := send("at once", false); err != nil || g.bodies[0]["messaging_type"] != "RESPONSE" || g.bodies[0]["tag"] != nil {
			t.Errorf("%s: %v, %v", kind, err, g.bodies)
		}
		g.now.Advance(25 * time.Hour)
		before := len(g.bodies)
		m := private(kind, "by the advocate", mid)
		if e := wantFault(t, n, m, social.FaultCustomer); !strings.Contains(e.Safe, "24 hours") || len(g.bodies) != before {
			t.Errorf("%s: %q, %d requests; want the reason, and nothing sent", kind, e.Safe, len(g.bodies)-before)
		}
		if err := send("by a person", true); err != nil || g.bodies[before]["tag"] != "HUMAN_AGENT" || g.bodies[before]["messaging_type"] != "MESSAGE_TAG" {
			t.Errorf("%s: %v, %v", kind, err, g.bodies[before:])
		}
		g.now.Advance(7 * 24 * time.Hour)
		m = private(kind, "too late", mid)
		m.Person = true
		wantClosed(t, n, m)
		// Another process that does not know when they wrote learns it of the
		// network.
		fresh := g.open(g.config(meta.Webhook), &socialtest.State{})
		wantClosed(t, fresh, m)
		if got := len(g.sent()); got != 2 {
			t.Errorf("%s: %d messages, want 2", kind, got)
		}
	}
}

// TestNoHumanAgentWithoutTheFeature: the tag is not used unless Meta granted it.
func TestNoHumanAgentWithoutTheFeature(t *testing.T) {
	t.Parallel()
	g := newGraph(t, meta.Facebook)
	c := g.config(meta.Webhook)
	c.HumanAgent = false
	n := g.open(c, &socialtest.State{})
	mid := g.write(anaID, "hi", "", true, true)
	g.push(t.Context(), n, &taken{})
	g.now.Advance(25 * time.Hour)
	m := private(meta.Facebook, "k", mid)
	m.Person = true
	wantFault(t, n, m, social.FaultCustomer)
}

// TestPrivateReply: …/messenger-platform/discovery/private-replies: one to a
// comment, within 7 days.
func TestPrivateReply(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g, n := opened(t, kind, meta.Webhook)
		comment := g.write(anaID, "where is it?", "", false, false)
		m := private(kind, "first", comment)
		m.Text = strings.Repeat("A long story. ", 400)
		g.set(func() { g.next = lost })
		if _, err := n.Send(t.Context(), m); err == nil {
			t.Error("the answer was lost, and nobody says so")
		}
		// The comment has had its reply by now: it is to be found, also where
		// the list of messages lags behind.
		g.set(func() { g.lag = 1 })
		sent, err := n.Send(t.Context(), m)
		w := g.sent()
		if err != nil || len(w) != 1 || sent.PostID != w[0].ID || len(sent.More) != 0 || !strings.HasSuffix(w[0].Text, "…") {
			t.Fatalf("%s: sent %+v, %v; written %d", kind, sent, err, len(w))
		}
		wantClosed(t, n, private(kind, "second", comment))
		theirs := g.write(benID, "mine too", "", false, false)
		wantFault(t, n, private(kind, "to another", theirs), social.FaultOurs)
		old := g.write(anaID, "still waiting", "", false, false)
		g.now.Advance(8 * 24 * time.Hour)
		if e := wantClosed(t, n, private(kind, "too late", old)); !strings.Contains(e.Safe, "7 days") {
			t.Errorf("%s: %q does not say why", kind, e.Safe)
		}
		// Where this process cannot see how old it is, the network says it.
		g.set(func() { g.untimed = true })
		wantClosed(t, n, private(kind, "too late, says the network", old))
		g.set(func() { g.untimed = false })
		// Once they have written, a comment is answered by a message of any
		// length.
		g.write(anaID, "thanks", "", true, true)
		g.push(t.Context(), n, &taken{})
		m = private(kind, "in the window", old)
		m.Text = strings.Repeat("Größe. ", 350)
		sent, err = n.Send(t.Context(), m)
		if err != nil || len(sent.More) == 0 {
			t.Errorf("%s: %+v, %v; want several parts", kind, sent, err)
		}
		for _, w := range g.sent() {
			if kind == meta.Instagram && len(w.Text) > 1000 || len([]rune(w.Text)) > 2000 {
				t.Errorf("%s: a part of %d bytes", kind, len(w.Text))
			}
		}
	}
}

// TestAnOlderReplyIsNotThisOne: a reply of the same words that was sent before
// is not taken for one that is tried again.
func TestAnOlderReplyIsNotThisOne(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{meta.Facebook, meta.Instagram} {
		g, n := opened(t, kind, meta.Webhook)
		comment := g.write(anaID, "where is it?", "", false, false)
		m := private(kind, "one", comment)
		m.Visibility, m.Text = domain.Public, "We are looking into it."
		if _, err := n.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		g.now.Advance(time.Hour)
		m.Key = "two"
		g.set(func() { g.next = []socialtest.Behavior{socialtest.Down, socialtest.LostReply} })
		var sent social.Sent
		var err error
		for range 3 {
			sent, err = n.Send(t.Context(), m)
		}
		if w := g.sent(); err != nil || len(w) != 2 || sent.PostID != w[1].ID {
			t.Errorf("%s: sent %+v, %v; written %+v", kind, sent, err, w)
		}
	}
}

// TestAnswersOnInstagramAreOfTheFirstLevel: …/instagram-comment/replies,
// "Limitations".
func TestAnswersOnInstagramAreOfTheFirstLevel(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Instagram, meta.Webhook)
	top := g.write(benID, "where is it?", "", false, false)
	below := g.write(anaID, "mine too", top, false, false)
	m := private(meta.Instagram, "k", below)
	m.Visibility, m.Handle = domain.Public, "ana"
	if _, err := n.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if w := g.sent(); w[0].InReplyTo != top || !strings.HasPrefix(w[0].Text, "@name_501 ") {
		t.Errorf("written %+v; want it below the first comment, with their name", w)
	}
}
