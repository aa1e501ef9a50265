package mastodon_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

func (d *desk) send(key, to string, v domain.Visibility, text string) (social.Sent, error) {
	return d.n.Send(d.t.Context(), social.Message{Key: key, To: d.ana(), Handle: "eve@evil.example", InReplyTo: to, Visibility: v, Text: text, Lang: "en-GB"})
}

// TestWhoSeesAReply: never more than saw the post, and a private one nobody but
// its author, whatever the handle that came with the message says.
func TestWhoSeesAReply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parent, config string
		wanted         domain.Visibility
		want           string
	}{
		{"public", "", domain.Public, "unlisted"},
		{"public", "public", domain.Public, "public"},
		{"unlisted", "public", domain.Public, "unlisted"},
		{"private", "public", domain.Public, "direct"},
		{"direct", "public", domain.Public, "direct"},
		{"public", "public", domain.Private, "direct"},
		{"direct", "", domain.Private, "direct"},
	} {
		d := newDesk(t, mastodontest.Options{}, func(cfg *mastodon.Config) { cfg.ReplyVisibility = c.config })
		asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?", Visibility: c.parent, Spoiler: "order"})
		if _, err := d.send("k", asked, c.wanted, "It is on its way. Ask @ben."); err != nil {
			t.Fatal(err)
		}
		got := d.server.Written("shop")[0]
		if got.Visibility != c.want || got.InReplyTo != asked || got.Spoiler != "order" || got.Language != "en" || !strings.HasPrefix(got.Text, "@ana@"+d.server.Host()+" It is") {
			t.Errorf("%+v gave %+v", c, got)
		}
		if c.want == "direct" && len(got.Mentions) != 1 {
			t.Errorf("a direct message goes to %v", got.Mentions)
		}
	}
}

// TestTheAnswersOfTwoMessagesAreTwo, though they say the same: after a lost
// answer the other message's post is not taken for this one's.
func TestTheAnswersOfTwoMessagesAreTwo(t *testing.T) {
	t.Parallel()
	for _, direct := range []bool{false, true} {
		d := newDesk(t, mastodontest.Options{GoToSocial: true}, nil)
		asked := ""
		v := domain.Private
		if !direct {
			asked, v = d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?"}), domain.Public
		}
		first, err := d.send("first", asked, v, "We look into it. https://shop.example/a/long/path/to/orders")
		if err != nil {
			t.Fatal(err)
		}
		d.server.Next(mastodontest.Down)
		_, err = d.send("second", asked, v, "We look into it. https://shop.example/a/long/path/to/orders")
		var e *social.Error
		if !errors.As(err, &e) || !e.Retry {
			t.Fatalf("a server that is down gave %v", err)
		}
		second, err := d.send("second", asked, v, "We look into it. https://shop.example/a/long/path/to/orders")
		if err != nil || second.PostID == first.PostID {
			t.Errorf("the second message is %+v, %v", second, err)
		}
		d.server.Next(mastodontest.LostReply)
		if _, err := d.send("third", asked, v, "It is found: https://shop.example/a/long/path/to/orders"); !errors.As(err, &e) || !e.Retry {
			t.Fatalf("a lost answer gave %v", err)
		}
		third, err := d.open().Send(t.Context(), social.Message{Key: "third", To: d.ana(), InReplyTo: asked, Visibility: v, Text: "It is found: https://shop.example/a/long/path/to/orders"})
		if n := len(d.server.Written("shop")); err != nil || n != 3 || third.PostID != d.server.Written("shop")[2].ID {
			t.Errorf("direct %v: %d posts, the third is %+v, %v", direct, n, third, err)
		}
	}
}

// TestNothingIsSentBlindly: where it cannot be known how far a message has
// gone, it does not leave.
func TestNothingIsSentBlindly(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?"})
	d.state.Refuse(errors.New("the store is away"))
	var e *social.Error
	if _, err := d.send("k", asked, domain.Public, "Here."); !errors.As(err, &e) || !e.Retry {
		t.Errorf("got %v", err)
	}
	if n := len(d.server.Written("shop")); n != 0 {
		t.Errorf("%d posts", n)
	}
}

// TestWhoBlocksUsIsLeftAlone, also where no post is answered, which the server
// would take without a word.
func TestWhoBlocksUsIsLeftAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?"})
	d.server.Block("ana", "shop", true)
	for _, to := range []string{asked, ""} {
		_, err := d.send("k"+to, to, domain.Private, "Here.")
		var e *social.Error
		if !errors.As(err, &e) || !e.Blocked || e.Retry || e.Fault != social.FaultCustomer {
			t.Errorf("in reply to %q: %v", to, err)
		}
	}
	if n := len(d.server.Written("shop")); n != 0 {
		t.Errorf("%d posts", n)
	}
}
