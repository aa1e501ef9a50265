package main

import (
	"context"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

type sink chan domain.Post

func (s sink) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	out := make([]social.Result, len(posts))
	for i, p := range posts {
		s <- p
		out[i].Outcome = social.Taken
	}
	return out, nil
}

// TestForum writes on the page, sees the post at the connector, which is away
// at first, answers twice with one key, and reads one answer on the page.
func TestForum(t *testing.T) {
	t.Parallel()
	key := []byte("a secret of the forum, long enough")
	posts := make(sink, 4)
	var n atomic.Pointer[bridge.Network]
	var away atomic.Int32
	away.Store(1)
	advocate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if _, err := n.Load().ServeHook(r.Context(), social.HookRequest{Method: r.Method, Header: r.Header, Body: body}, posts); err != nil {
			t.Error(err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer advocate.Close()
	f := newForum(key, advocate.URL+"/hooks/forum")
	page := httptest.NewServer(f)
	defer page.Close()
	made, err := bridge.New(bridge.Config{Name: "forum", Callback: page.URL + "/callback", Public: true, Idempotent: true, AllowPrivate: true,
		Secrets: []secret.Ref{{Value: "whsec_" + base64.StdEncoding.EncodeToString(key)}}}, social.Kit{HTTP: page.Client(), State: &socialtest.State{}})
	if err != nil {
		t.Fatal(err)
	}
	n.Store(made)
	ctx, cancel := context.WithCancel(t.Context())
	var delivering sync.WaitGroup
	delivering.Go(func() { f.deliver(ctx, time.Millisecond) })
	defer delivering.Wait()
	defer cancel()

	resp, err := http.PostForm(page.URL+"/write", url.Values{"name": {"ana"}, "text": {"Where is <b>my</b> parcel?"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p := <-posts
	if p.Network != "forum" || p.ID != f.run+"1" || p.Author.ID != "ana" || p.Text != "Where is <b>my</b> parcel?" {
		t.Fatalf("got %+v", p)
	}
	m := social.Message{Key: "k", To: p.Identity(), InReplyTo: p.ID, Visibility: domain.Public, Text: "It comes today."}
	for range 2 {
		if sent, err := made.Send(t.Context(), m); err != nil || sent.PostID != f.run+"2" || sent.URL != page.URL+"/#"+f.run+"2" {
			t.Fatalf("sent %+v, %v", sent, err)
		}
	}
	if c, err := made.Check(t.Context()); err != nil || c.Account != shop {
		t.Errorf("asked who it is: %+v, %v", c, err)
	}
	m.Key, m.InReplyTo = "l", "77"
	if _, err := made.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "not there any more") {
		t.Errorf("an answer to no post: %v", err)
	}
	resp, err = http.Get(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	html, _ := io.ReadAll(resp.Body)
	if got := string(html); strings.Count(got, "It comes today.") != 1 || strings.Contains(got, "<b>my</b>") {
		t.Errorf("the page is %s", got)
	}
	forged, err := http.Post(page.URL+"/callback", "application/json", strings.NewReader(`{"type":"message"}`))
	if err != nil {
		t.Fatal(err)
	}
	forged.Body.Close()
	if forged.StatusCode != http.StatusUnauthorized {
		t.Errorf("unsigned: %d", forged.StatusCode)
	}
}

// TestRefusedPosts: what is refused is told, with the reason. What may be taken
// later waits; what never will holds up nothing behind it.
func TestRefusedPosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		answer  string
		settled bool
		told    string
	}{
		{200, `{"accepted":1,"duplicates":0}`, true, ""},
		{200, `{"accepted":0,"duplicates":0,"refused":[{"index":0,"message":"the id was used"}]}`, true, "the id was used"},
		{409, `{"detail":"used with another body"}`, true, "used with another body"},
		{401, ``, false, "FORUM_SECRET"},
		{404, ``, false, "ADVOCATE_HOOK"},
		{503, `{"detail":"come back later"}`, false, "come back later"},
	} {
		advocate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.answer)
		}))
		var told strings.Builder
		f := newForum([]byte("key"), advocate.URL)
		f.log = log.New(&told, "", 0)
		if got := f.send(t.Context(), post{ID: "1"}); got != c.settled || c.told == "" && told.Len() > 0 || !strings.Contains(told.String(), c.told) {
			t.Errorf("%d %s: settled %v, told %q; want %v, %q", c.status, c.answer, got, told.String(), c.settled, c.told)
		}
		advocate.Close()
	}
}

// TestRestart: no id is given again after a restart, for each names one post
// for good.
func TestRestart(t *testing.T) {
	t.Parallel()
	if a, b := newForum(nil, "").publish(post{}).ID, newForum(nil, "").publish(post{}).ID; a == b {
		t.Errorf("%s is given twice", a)
	}
}
