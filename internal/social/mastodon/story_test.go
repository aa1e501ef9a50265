package mastodon_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// customer is the other side of the story: an account that posts by the API.
type customer struct {
	t   *testing.T
	api web.Client
}

func newCustomer(t *testing.T, base, token string) *customer {
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return &customer{t, web.Client{Base: u, Sign: func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}}}
}

type written struct {
	ID      string `json:"id"`
	Account struct {
		ID string `json:"id"`
	} `json:"account"`
	InReplyTo string `json:"in_reply_to_id"`
}

func (c *customer) do(method, path string, form url.Values, out any) {
	c.t.Helper()
	if _, err := c.api.Do(c.t.Context(), web.Request{Method: method, Path: path, Form: form, Out: out}); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (c *customer) post(text, visibility, to string) written {
	c.t.Helper()
	form := url.Values{"status": {text}, "visibility": {visibility}}
	if to != "" {
		form.Set("in_reply_to_id", to)
	}
	var w written
	c.do(http.MethodPost, "/api/v1/statuses", form, &w)
	return w
}

// replies are the answers below a post.
func (c *customer) replies(id string) []written {
	c.t.Helper()
	var context struct {
		Descendants []written `json:"descendants"`
	}
	c.do(http.MethodGet, "/api/v1/statuses/"+id+"/context", nil, &context)
	return context.Descendants
}

// forgetful loses the answer of the next POST after the server has acted.
type forgetful struct {
	http.RoundTripper
	next atomic.Bool
}

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodPost && f.next.CompareAndSwap(true, false) {
		resp.Body.Close()
		return nil, errors.New("the connection was lost")
	}
	return resp, err
}

// TestStory plays two accounts on a server: the scripted one, or a real one in
// ADVOCATE_TEST_MASTODON=URL,TOKEN_OF_US,TOKEN_OF_A_CUSTOMER. The customer's
// posts stay there; use a server of your own.
func TestStory(t *testing.T) {
	var base, ourToken, theirToken, stream string
	if real := os.Getenv("ADVOCATE_TEST_MASTODON"); real != "" {
		parts := strings.Split(real, ",")
		if len(parts) != 3 {
			t.Fatal("ADVOCATE_TEST_MASTODON: want URL,TOKEN_OF_US,TOKEN_OF_A_CUSTOMER")
		}
		base, ourToken, theirToken = parts[0], parts[1], parts[2]
		if rest, plain := strings.CutPrefix(base, "http://"); plain {
			stream = "ws://" + rest // such a server still names itself wss://
		}
	} else {
		s := mastodontest.New(mastodontest.Options{QuietEdits: true, GoToSocial: true})
		t.Cleanup(s.Close)
		base, ourToken, theirToken = s.URL, s.Token("shop"), s.Token("ana")
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	lossy := &forgetful{RoundTripper: transport}
	d := &desk{t: t, state: &socialtest.State{}, came: make(chan struct{}, 1)}
	open := func() {
		n, err := mastodon.New(
			mastodon.Config{URL: base, Token: secret.Ref{Value: ourToken}, StreamingURL: stream, AllowPrivate: true, Poll: time.Second},
			social.Kit{HTTP: &http.Client{Transport: lossy}, State: d.state},
		)
		if err != nil {
			t.Fatal(err)
		}
		d.n = n
	}
	open()
	check, err := d.n.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s; %s", check.Server, check.Account, strings.Join(check.Warnings, "; "))
	us, _, _ := strings.Cut(strings.TrimPrefix(check.Account, "@"), "@")
	d.run()
	d.soon("listening", func() bool { return d.n.Health().Mode == "stream" })
	ana := newCustomer(t, base, theirToken)

	asked := ana.post("@"+us+" where is my order?", "public", "")
	began := time.Now()
	heard := d.hears("the mention", of(asked.ID))
	t.Logf("heard after %v", time.Since(began))
	if heard.Author.ID != asked.Account.ID || heard.Text != "where is my order?" || heard.Visibility != domain.Public {
		t.Errorf("the mention came as %+v", heard)
	}
	reply := func(key, to string, v domain.Visibility, text string) (social.Sent, error) {
		return d.n.Send(t.Context(), social.Message{Key: key, To: heard.Identity(), InReplyTo: to, Visibility: v, Text: text, Lang: "en"})
	}
	sent, err := reply("1", asked.ID, domain.Public, "We look into it: https://shop.example/help/orders/where-is-it?a=1&b=2")
	if err != nil || len(ana.replies(asked.ID)) != 1 {
		t.Fatalf("the reply: %+v, %v", sent, err)
	}
	if own := d.hears("our own post", of(sent.PostID)); !own.Own || own.InReplyTo != asked.ID {
		t.Errorf("our own post came as %+v", own)
	}
	thread := ana.post("@"+us+" thank you", "public", sent.PostID)
	if p := d.hears("the answer to it", of(thread.ID)); p.InReplyTo != sent.PostID {
		t.Errorf("the thread came as %+v", p)
	}

	lossy.next.Store(true)
	if _, err := reply("2", asked.ID, domain.Public, "It arrives tomorrow, see https://shop.example/help/orders/where-is-it?a=1&b=2 <3"); err == nil {
		t.Error("an answer that was lost went well")
	}
	again, err := reply("2", asked.ID, domain.Public, "It arrives tomorrow, see https://shop.example/help/orders/where-is-it?a=1&b=2 <3")
	direct := 0
	for _, r := range ana.replies(asked.ID) {
		if r.InReplyTo == asked.ID {
			direct++
		}
	}
	if err != nil || again.PostID == "" || direct != 2 {
		t.Errorf("after a lost answer: %+v, %v; %d replies, want 2", again, err, direct)
	}

	secretly := ana.post("@"+us+" my number is A-10234", "direct", "")
	if p := d.hears("the private message", of(secretly.ID)); p.Visibility != domain.Private {
		t.Errorf("a private message came as %+v", p)
	}
	if _, err := reply("3", secretly.ID, domain.Private, "Thank you."); err != nil {
		t.Error(err)
	}

	ana.do(http.MethodPut, "/api/v1/statuses/"+asked.ID, url.Values{"status": {"@" + us + " where is my order A-10235?"}}, nil)
	d.hears("the edit", func(p domain.Post) bool {
		return p.ID == asked.ID && strings.Contains(p.Text, "A-10235") && p.Revision != ""
	})
	ana.do(http.MethodDelete, "/api/v1/statuses/"+secretly.ID, nil, nil)
	d.hears("the deletion", func(p domain.Post) bool { return p.ID == secretly.ID && p.Deleted })

	d.stop()
	meanwhile := map[string]bool{}
	for i := range 100 {
		meanwhile[ana.post(fmt.Sprintf("@%s number %d", us, i), "unlisted", "").ID] = true
	}
	open()
	d.run()
	for id := range meanwhile {
		d.hears("what was written meanwhile", of(id))
		if d.count(id) != 1 {
			t.Errorf("a post came %d times", d.count(id))
		}
	}
	d.stop()
}

// soon waits by the machine's clock.
func (d *desk) soon(what string, is func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 30*time.Second)
	defer cancel()
	for !is() {
		select {
		case <-d.came:
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			d.t.Fatalf("%s: has not happened", what)
		}
	}
}

func (d *desk) hears(what string, is func(domain.Post) bool) (found domain.Post) {
	d.t.Helper()
	d.soon(what, func() bool {
		for _, p := range d.taken() {
			if is(p) {
				found = p
				return true
			}
		}
		return false
	})
	return found
}
