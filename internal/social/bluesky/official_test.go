package bluesky

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// TestOfficialServer is a company and its customers on the official server:
// mentions, an answer in the thread, an answer lost on the way, deletions, and
// the server killed in the middle.
func TestOfficialServer(t *testing.T) {
	t.Parallel()
	const patience = time.Minute // a server of its own on a busy machine
	o := blueskytest.Start(t)
	shop, customer := o.Person("parcelco.test"), o.Person("ana.test")
	var app struct {
		Password string `json:"password"`
	}
	shop.Call("com.atproto.server.createAppPassword", map[string]string{"name": "advocate"}, &app)
	between := blueskytest.NewLossy(t, o.URL)
	kept := &socialtest.State{Most: 8 << 10}
	open := func() *Network {
		n, err := New(Config{
			Handle: shop.Handle, AppPassword: secret.Ref{Value: app.Password}, Service: between.URL,
			Mode: Firehose, Firehose: strings.Replace(o.URL, "http", "ws", 1), AllowPrivate: true,
		}, social.Kit{HTTP: &http.Client{}, State: kept})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n, box := open(), newInbox()
	stop := running(t, n, box)
	if c, err := n.Check(t.Context()); err != nil || c.ID != shop.DID || c.Account != "@parcelco.test" {
		t.Fatalf("Check says %+v, %v", c, err)
	}

	hello := customer.Write("@parcelco.test where is my order?", shop, nil)
	began := time.Now()
	first := box.until(t, patience, "the mention", func(p domain.Post) bool { return p.ID == hello.URI })
	t.Logf("heard after %v", time.Since(began).Round(time.Millisecond))
	if first.Author.ID != customer.DID || first.Author.Handle != customer.Handle || first.Revision != hello.CID || first.Unaddressed || first.Own || first.Lang != "en" {
		t.Errorf("the mention came as %+v", first)
	}

	// What is not for us does not come; a fetched post is the one that came.
	customer.Write("lovely weather", nil, nil)
	if p, err := n.Fetch(t.Context(), first.Key()); err != nil || p.BodyHash() != first.BodyHash() || p.Revision != first.Revision {
		t.Errorf("fetched %+v, %v", p, err)
	}

	// The answer is lost after the server has acted: the retry makes no second.
	m := social.Message{Key: "effect-1", To: first.Identity(), InReplyTo: first.ID, Visibility: domain.Public, Text: "It is on its way, see https://parcelco.example/track.", Lang: "en"}
	between.Lose.Store(1)
	if _, err := n.Send(t.Context(), m); err == nil {
		t.Fatal("the lost answer was no error")
	} else if e := (*social.Error)(nil); !errors.As(err, &e) || !e.Retry {
		t.Fatalf("the lost answer was %v", err)
	}
	sent, err := n.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	written := o.List(shop.DID)
	if len(written) != 1 || between.Wrote.Load() != 2 {
		t.Fatalf("%d replies of %d attempts; want 1 of 2", len(written), between.Wrote.Load())
	}
	if r := written[0]; r.Text != m.Text || r.Reply == nil || r.Reply.Parent != hello || r.Reply.Root != hello || len(r.Facets) != 1 {
		t.Errorf("the reply is %+v", r)
	}
	box.until(t, patience, "our own reply", func(p domain.Post) bool { return p.ID == sent.PostID && p.Own && p.InReplyTo == first.ID })

	// The thread goes on: the customer answers us, we answer in two parts.
	_, key, _ := splitURI(sent.PostID)
	ours, err := n.getRecord(t.Context(), shop.DID, key)
	if err != nil {
		t.Fatal(err)
	}
	again := customer.Write("thanks, and when?", nil, &blueskytest.Reply{Root: hello, Parent: blueskytest.Ref{URI: sent.PostID, CID: ours.cid}})
	second := box.until(t, patience, "the answer to our reply", func(p domain.Post) bool { return p.ID == again.URI })
	if second.Unaddressed || second.InReplyTo != sent.PostID {
		t.Errorf("the answer to our reply came as %+v", second)
	}
	m = social.Message{Key: "effect-2", To: second.Identity(), InReplyTo: second.ID, Visibility: domain.Public, Text: strings.Repeat("We will deliver it tomorrow. ", 15)}
	between.Lose.Store(1)
	if _, err := n.Send(t.Context(), m); err == nil {
		t.Fatal("the lost answer was no error")
	}
	sent, err = n.Send(t.Context(), m)
	if err != nil || len(sent.More) != 1 {
		t.Fatalf("sent %+v, %v; want two parts", sent, err)
	}
	if written = o.List(shop.DID); len(written) != 3 {
		t.Fatalf("%d posts of ours; want 3", len(written))
	}
	for _, r := range written {
		if r.Reply.Root != hello {
			t.Errorf("%q is in the thread of %v, want that of %v", r.Text, r.Reply.Root, hello)
		}
	}

	// A deletion is honoured, by the stream and when the post is looked at.
	customer.Delete(again.URI)
	box.until(t, patience, "the deletion", func(p domain.Post) bool { return p.ID == again.URI && p.Deleted && p.Author.ID == customer.DID })
	if p, err := n.Fetch(t.Context(), second.Key()); err != nil || !p.Deleted {
		t.Errorf("a deleted post was fetched as %+v, %v", p, err)
	}
	var e *social.Error
	if _, err := n.Send(t.Context(), social.Message{Key: "effect-3", To: second.Identity(), InReplyTo: second.ID, Visibility: domain.Public, Text: "hello?"}); !errors.As(err, &e) || e.Retry || e.Fault != social.FaultCustomer {
		t.Errorf("an answer to a deleted post gave %v", err)
	}

	// The server is killed in the middle of the stream and started again.
	o.Kill()
	o.Begin()
	back := customer.Write("@parcelco.test are you there?", shop, nil)
	box.until(t, patience, "the mention after the restart", func(p domain.Post) bool { return p.ID == back.URI })

	// 200 mentions while we are away, and the server is killed once more.
	stop()
	want := map[string]bool{}
	for i := range 200 {
		if i == 100 {
			o.Kill()
			o.Begin()
		}
		want[customer.Write(fmt.Sprintf("@parcelco.test number %d", i), shop, nil).URI] = true
	}
	box = newInbox()
	n = open()
	running(t, n, box)
	handled := map[string]int{}
	box.until(t, patience, "the last of 200 mentions", func(domain.Post) bool {
		clear(handled)
		for _, p := range box.all() {
			if want[p.ID] {
				handled[p.ID]++
			}
		}
		return len(handled) == len(want)
	})
	for id, times := range handled {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
	if h := n.Health(); h.Mode != "stream" || h.Trouble != "" || !h.Expires.IsZero() { // an app password does not end
		t.Errorf("health is %+v", h)
	}
}
