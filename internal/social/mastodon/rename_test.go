package mastodon_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// TestANameThatChangesHands: a private answer is read by its customer alone,
// also where somebody else has their name by the time it leaves.
func TestANameThatChangesHands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tried mastodontest.Fault // "": not before
		after time.Duration
	}{
		"at the first attempt":         {"", time.Second},
		"at once":                      {mastodontest.Down, time.Second},
		"between two attempts":         {mastodontest.Down, 6 * time.Hour},
		"after an answer that is lost": {mastodontest.LostReply, 6 * time.Hour},
	} {
		for _, answers := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, mastodontest.Options{GoToSocial: true}, nil)
				asked, to := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?", Visibility: "direct"}), d.ana()
				if _, err := d.n.Fetch(t.Context(), domain.PostKey{Network: d.n.Name(), ID: asked}); err != nil {
					t.Fatal(err)
				}
				m := social.Message{Key: "k", To: to, InReplyTo: asked, Visibility: domain.Private, Text: "Dear @ana@" + d.server.Host() + ", your refund was paid."}
				if !answers {
					m.InReplyTo = ""
				}
				if c.tried != "" {
					d.server.Next(c.tried)
					var e *social.Error
					if _, err := d.n.Send(t.Context(), m); !errors.As(err, &e) || !e.Retry {
						t.Fatal(err)
					}
					d.open()
				}
				d.server.Handover("ana", "anita")
				d.clock.Advance(c.after)
				if _, err := d.n.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				all := d.server.Written("shop")
				if len(all) != 1 || !slices.Equal(all[0].Mentions, []string{to.Author}) {
					t.Errorf("%+v is for %s alone", all, to.Author)
				}
				if c.tried != mastodontest.LostReply && !strings.HasPrefix(all[0].Text, "@anita@") {
					t.Errorf("it calls nobody: %q", all[0].Text)
				}
			})
		}
	}
}
