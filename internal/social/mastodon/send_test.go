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

// TestAnsweredBeforeItWasGone: the answer was published, word of that was lost,
// and then the post was deleted or its author blocked us. It was answered all
// the same.
func TestAnsweredBeforeItWasGone(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		for name, goes := range map[string]func(*mastodontest.Server, string){
			"deleted": func(s *mastodontest.Server, id string) { s.Delete(id) },
			"blocked": func(s *mastodontest.Server, _ string) { s.Block("ana", "shop", true) },
		} {
			d := newDesk(t, o, nil)
			asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?"})
			d.server.Next(mastodontest.LostReply)
			var e *social.Error
			if _, err := d.send("a", asked, domain.Public, "It is on its way."); !errors.As(err, &e) || !e.Retry {
				t.Fatalf("a lost answer gave %v", err)
			}
			goes(d.server, asked)
			sent, err := d.send("a", asked, domain.Public, "It is on its way.")
			if all := d.server.Written("shop"); err != nil || len(all) != 1 || sent.PostID != all[0].ID {
				t.Errorf("%s, %+v: the repeat gave %+v, %v", name, o, sent, err)
			}
			if _, err := d.send("b", asked, domain.Public, "It is on its way."); !errors.As(err, &e) || e.Retry || e.Fault != social.FaultCustomer {
				t.Errorf("%s, %+v: another answer gave %v", name, o, err)
			}
		}
	}
}

// TestTheSameWordsToSomebodyElse are not taken for an answer, though what either
// answers is gone.
func TestTheSameWordsToSomebodyElse(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	var e *social.Error
	for i, whose := range []struct {
		name  string
		fault mastodontest.Fault
	}{{"ben", mastodontest.LostReply}, {"ana", mastodontest.Down}} {
		asked := d.server.Write(whose.name, mastodontest.Status{Text: "@shop where is it?"})
		m := social.Message{Key: whose.name, To: domain.IdentityKey{Network: d.n.Name(), Author: d.server.ID(whose.name)}, InReplyTo: asked, Visibility: domain.Public, Text: "It is on its way."}
		d.server.Next(whose.fault)
		if _, err := d.n.Send(t.Context(), m); !errors.As(err, &e) || !e.Retry {
			t.Fatalf("%s: %v", whose.fault, err)
		}
		d.server.Delete(asked)
		if i == 0 {
			continue // it is tried again later
		}
		if sent, err := d.n.Send(t.Context(), m); !errors.As(err, &e) || e.Retry || e.Fault != social.FaultCustomer {
			t.Errorf("the repeat gave %+v, %v", sent, err)
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
