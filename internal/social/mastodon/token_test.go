package mastodon_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// tokenFile is a token that is exchanged while the connector runs.
func tokenFile(t *testing.T) string { return filepath.Join(t.TempDir(), "token") }

func write(t *testing.T, file, token string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestATokenOfAnotherAccount: nothing is asked or sent with one, not even until
// who we are would be asked again.
func TestATokenOfAnotherAccount(t *testing.T) {
	t.Parallel()
	file := tokenFile(t)
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, func(c *mastodon.Config) { c.Token = secret.Ref{File: file} })
	write(t, file, d.server.Token("shop"))
	d.run()
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?", Visibility: "public"})
	d.got("the question", func(p domain.Post) bool { return p.ID == asked })
	write(t, file, d.server.Token("ben"))
	m := social.Message{Key: "k", To: d.ana(), InReplyTo: asked, Visibility: domain.Public, Text: "It is on its way."}
	const says = "the access token is now that of another account"
	var e *social.Error
	if _, err := d.n.Send(t.Context(), m); !errors.As(err, &e) || e.Fault != social.FaultOperator || e.Safe != says {
		t.Errorf("sent with another account's token: %v", err)
	}
	d.until("the operator is told", func() bool { return d.n.Health().Trouble == says })
	d.server.Write("ana", mastodontest.Status{Text: "@ben hello", Visibility: "public"})
	d.server.Write("ben", mastodontest.Status{Text: "Hello all", Visibility: "public"})
	before := d.server.Requests("/api/v1/notifications") + d.server.Requests("/api/v1/accounts/"+d.server.ID("shop")+"/statuses")
	now := d.clock.Now()
	d.until("ten minutes pass", func() bool { return d.clock.Now().After(now.Add(10 * time.Minute)) })
	if n := d.server.Requests("/api/v1/notifications") + d.server.Requests("/api/v1/accounts/"+d.server.ID("shop")+"/statuses"); n != before {
		t.Errorf("asked for posts %d times with another account's token", n-before)
	}
	if len(d.server.Written("shop"))+len(d.taken()) != 1 || len(d.server.Written("ben")) != 1 {
		t.Errorf("taken %+v, written as shop %+v, as ben %+v", d.taken(), d.server.Written("shop"), d.server.Written("ben"))
	}
	write(t, file, d.server.Token("shop"))
	if _, err := d.n.Send(t.Context(), m); err != nil {
		t.Errorf("with our own token again: %v", err)
	}
}
