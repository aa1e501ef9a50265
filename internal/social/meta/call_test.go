package meta_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestAnAnswerCallsItsAuthorByTheNameOfToday: names on Instagram change, and
// somebody else may have the one that was known at the first attempt.
func TestAnAnswerCallsItsAuthorByTheNameOfToday(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, then string // what the network calls them; "": it does not tell
		tried       socialtest.Behavior
		want        string
	}{
		"the network does not tell":        {"", "anita", socialtest.OK, "@known "},
		"the network knows better than we": {"ana", "anita", socialtest.OK, "@ana "},
		"between two attempts":             {"ana", "anita", socialtest.Down, "@anita "},
		"it could not be read at first":    {"", "anita", socialtest.Down, "@anita "},
		"after an answer that was lost":    {"ana", "anita", socialtest.LostReply, "@ana "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, n := opened(t, meta.Instagram, meta.Webhook)
			g.set(func() { g.named = map[string]string{anaID: c.first} })
			m := private(meta.Instagram, "k", g.write(anaID, "where is it?", "", false, false))
			m.Visibility, m.Handle = domain.Public, "known"
			g.set(func() { g.next = []socialtest.Behavior{c.tried} })
			if _, err := n.Send(t.Context(), m); (err == nil) != (c.tried == socialtest.OK) {
				t.Fatal(err)
			}
			g.set(func() { g.named[anaID] = c.then })
			if _, err := n.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if w := g.sent(); len(w) != 1 || w[0].Text != c.want+m.Text {
				t.Errorf("written %+v; want one that begins with %q", w, c.want)
			}
		})
	}
}

// TestAnAnswerThatWasLostIsFoundUnderAnyName: whether a name was known, and
// which, when an answer left may be otherwise when it is looked for; it is not
// published a second time.
func TestAnAnswerThatWasLostIsFoundUnderAnyName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, then string // what the network calls them; "": it does not tell
		text, want  string
	}{
		"the name is not told any more":     {"ana", "", "It is on its way.", "@ana It is on its way."},
		"the name was not told yet":         {"", "anita", "It is on its way.", "It is on its way."},
		"the words begin with a mention":    {"", "anita", "@dhl has it.", "@dhl has it."},
		"so they do, and the name has gone": {"ana", "", "@dhl has it.", "@ana @dhl has it."},
		"the words are of two lines":        {"ana", "anita", "It is on its way.\n\nAna, Acme", "@ana It is on its way.\n\nAna, Acme"},
		"the words are cut for the name":    {"ana", "", strings.Repeat("On its way. ", 400), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, n := opened(t, meta.Instagram, meta.Webhook)
			g.set(func() { g.named = map[string]string{anaID: c.first} })
			m := private(meta.Instagram, "k", g.write(anaID, "where is it?", "", false, false))
			m.Visibility, m.Text = domain.Public, c.text
			g.set(func() { g.next = lost })
			if _, err := n.Send(t.Context(), m); err == nil {
				t.Fatal("the answer was lost, and nobody says so")
			}
			g.set(func() { g.named[anaID] = c.then })
			sent, err := n.Send(t.Context(), m)
			w := g.sent()
			if err != nil || len(w) != 1 || sent.PostID != w[0].ID || c.want != "" && w[0].Text != c.want {
				t.Errorf("%v, %+v; written %+v; want it once, as it was", err, sent, w)
			}
		})
	}
}

// TestOtherWordsOfOursAreNotTheAnswer: an answer that begins with a mention is
// not one that says the same of somebody else.
func TestOtherWordsOfOursAreNotTheAnswer(t *testing.T) {
	t.Parallel()
	g, n := opened(t, meta.Instagram, meta.Webhook)
	m := private(meta.Instagram, "k", g.write(anaID, "who has it?", "", false, false))
	m.Visibility, m.Text = domain.Public, "@dhl has it."
	g.set(func() { g.next = []socialtest.Behavior{socialtest.Down} })
	if _, err := n.Send(t.Context(), m); err == nil {
		t.Fatal("the network was down, and nobody says so")
	}
	other := m
	other.Key, other.Text = "other", "@ups has it."
	for _, one := range []social.Message{other, m} {
		if _, err := n.Send(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if w := g.sent(); len(w) != 2 {
		t.Errorf("written %+v; want both answers", w)
	}
}
