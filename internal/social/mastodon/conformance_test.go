package mastodon_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestConformance holds the connector to the contract: on Mastodon, on a server
// that honours no Idempotency-Key and announces neither edits nor deletions,
// and on one that does not stream.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mastodontest.Options{
		"mastodon": {},
		"quiet":    {GoToSocial: true, QuietEdits: true, QuietDelete: true},
		"polling":  {NoStreaming: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			socialtest.Run(t, func(t *testing.T) socialtest.Fixture { return fixture(t, o) })
		})
	}
}

func fixture(t *testing.T, o mastodontest.Options) socialtest.Fixture {
	d := newDesk(t, o, func(c *mastodon.Config) { c.Search = []string{"#novomodem"} })
	s := d.server
	asked := s.Write("ana", mastodontest.Status{Text: "@shop where is my order?"})
	return socialtest.Fixture{
		Network: d.n, To: d.ana(), Handle: "ana@" + s.Host(), InReplyTo: asked,
		Nobody:  domain.IdentityKey{Network: d.n.Name(), Author: "99999"},
		Count:   func() int { return len(s.Written("shop")) },
		Written: d.written,
		Plays: []socialtest.Behavior{
			socialtest.OK, socialtest.Down, socialtest.RateLimit, socialtest.LostReply, socialtest.Gone, socialtest.Blocked, socialtest.BadAuth,
		},
		Next: func(behaviors ...socialtest.Behavior) {
			for _, b := range behaviors {
				if b == socialtest.OK {
					b = socialtest.Behavior(mastodontest.OK)
				}
				s.Next(mastodontest.Fault(b))
			}
		},
		World: &socialtest.World{
			Write: d.write, Owns: true, Reshares: true,
			Edit:   func(id, text string) { s.Edit(id, "@shop "+text) },
			Delete: s.Delete,
			Break:  s.Break, Mend: s.Mend, Advance: d.clock.Advance,
			Reopen: func() social.Network { return d.open() },
		},
	}
}

func (d *desk) written() []socialtest.Written {
	var out []socialtest.Written
	for _, st := range d.server.Written("shop") {
		out = append(out, socialtest.Written{ID: st.ID, InReplyTo: st.InReplyTo, Text: st.Text})
	}
	return out
}

func (d *desk) write(w socialtest.Draft) string {
	st := mastodontest.Status{Text: "@shop " + w.Text, InReplyTo: w.InReplyTo, Reblog: w.Reshare}
	author := w.Author
	switch {
	case w.Reshare != "":
		st.Text = ""
	case w.Own && w.Private:
		author, st.Visibility, st.Text = "shop", "direct", w.Text
	case w.Own:
		author, st.Text = "shop", w.Text
	case w.Unaddressed:
		st.Text = w.Text + " #novomodem"
	case w.Private:
		st.Visibility = "direct"
	}
	return d.server.Write(author, st)
}
