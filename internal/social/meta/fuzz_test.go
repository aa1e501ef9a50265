package meta_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// says is a server that gives the same answer to everything.
type says struct {
	status int
	body   string
}

func (s says) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Header: http.Header{"X-App-Usage": {s.body}, "X-Business-Use-Case-Usage": {s.body}}, Body: io.NopCloser(strings.NewReader(s.body))}, nil
}

// checked holds posts to what a store takes.
type checked struct {
	t    *testing.T
	kind meta.Kind
}

func (c checked) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	for _, p := range posts {
		if p.Network != string(c.kind) || p.ID == "" || p.Author.ID == "" || p.At.IsZero() || len(p.Text) > domain.MaxPostText || len(p.Media) > domain.MaxPostMedia {
			c.t.Errorf("%+v", p)
		}
		for _, m := range p.Media {
			if !strings.HasPrefix(strings.ToLower(m.URL), "https://") {
				c.t.Errorf("a link %q", m.URL)
			}
		}
	}
	return socialtest.Accept(posts, nil, func(domain.Post) {})
}

func fuzzed(t *testing.T, kind meta.Kind, answer string, status int) *meta.Network {
	c := meta.Config{Kind: kind, App: appID, AppSecret: secret.Ref{Value: appSecret}, AccessToken: secret.Ref{Value: pageToken}, VerifyToken: secret.Ref{Value: verifyWord},
		Page: pageID, DirectMessages: true, Mode: meta.Poll}
	if kind == meta.Instagram {
		c.Instagram = instaID
	}
	n, err := meta.New(c, social.Kit{HTTP: &http.Client{Transport: says{status, answer}}, State: &socialtest.State{},
		Clock: clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// FuzzWebhook holds that no signed body makes a panic, or a post that is none.
func FuzzWebhook(f *testing.F) {
	f.Add(feed(`{"item":"comment","verb":"add","comment_id":"77_1","post_id":"1000_77","parent_id":"1000_77","from":{"id":"501","name":"A"},"message":"x","created_time":1772366400}`), false)
	f.Add(feed(`{"item":"post","verb":"remove","post_id":"1000_77"}`), false)
	f.Add(`{"object":"instagram","entry":[{"id":"2000","time":1,"changes":[{"field":"comments","value":{"id":"5","text":"x","from":{"id":"6","username":"u"},"media":{"id":"7"},"parent_id":"4"}},{"field":"mentions","value":{"media_id":"1","comment_id":"2"}}]}]}`, true)
	f.Add(talk("page", pageID, `{"sender":{"id":"501"},"recipient":{"id":"1000"},"timestamp":1,"message":{"mid":"m_1","text":"hi","attachments":[{"type":"image","payload":{"url":"https://x.example/"}}]}}`), false)
	f.Add(talk("instagram", instaID, `{"sender":{"id":"2000"},"recipient":{"id":"501"},"timestamp":1,"message":{"mid":"m_1","text":"hi","is_echo":true}}`), true)
	f.Add(talk("page", pageID, `{"sender":{"id":"501"},"timestamp":"1","message_edit":{"mid":"m_1","text":"a","num_edit":"1"},"postback":{"title":"x"}}`), false)
	f.Fuzz(func(t *testing.T, body string, insta bool) {
		kind := meta.Facebook
		if insta {
			kind = meta.Instagram
		}
		n := fuzzed(t, kind, `{"id":"5","from":{"id":"6"},"message":"x","text":"x","username":"u","mentioned_media":{"id":"5","username":"u"}}`, 200)
		n.ServeHook(t.Context(), hook(body), checked{t, kind})
	})
}

// FuzzGraph holds that no answer of the Graph API makes a panic, an error that
// says nothing, or a post that is none.
func FuzzGraph(f *testing.F) {
	f.Add(`{"data":[{"id":"77_1","from":{"id":"501"},"message":"x","created_time":"2026-03-01T12:00:00+0000","updated_time":"2026-03-01T12:00:00+0000","attachment":{"target":{"url":"https://x.example/"}}}],"paging":{"cursors":{"after":"a"},"next":"x"}}`, 200, false)
	f.Add(`{"data":[{"id":"5","text":"x","timestamp":"2026-03-01T12:00:00+0000","from":{"id":"6"},"replies":{"data":[{"id":"7","from":{"id":"8"}}]}}],"username":"u"}`, 200, true)
	f.Add(`{"error":{"code":190,"error_subcode":463,"message":"x"}}`, 400, false)
	f.Add(`{"1000":[{"call_count":1e300,"estimated_time_to_regain_access":-1}],"call_count":-5}`, 200, false)
	f.Add(`{"data":{"is_valid":true,"expires_at":99999999999999,"scopes":["x"]}}`, 200, true)
	f.Fuzz(func(t *testing.T, body string, status int, insta bool) {
		if status < 200 || status > 599 || len(body) > 1<<16 {
			return
		}
		kind := meta.Facebook
		if insta {
			kind = meta.Instagram
		}
		n := fuzzed(t, kind, body, status)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); n.Run(ctx, checked{t, kind}) }()
		for n.Health().Mode == "" && n.Health().Trouble == "" {
			runtime.Gosched()
		}
		cancel()
		<-done
		safe := func(err error) {
			e, ok := err.(*social.Error)
			if err != nil && (!ok || e.Safe == "" || e.Fault == "") {
				t.Errorf("error %T %v", err, err)
			}
		}
		_, err := n.Check(t.Context())
		safe(err)
		for _, id := range []string{"77_1", "5", "m_1"} {
			_, err = n.Fetch(t.Context(), domain.PostKey{Network: string(kind), ID: id})
			safe(err)
		}
		for _, v := range []domain.Visibility{domain.Public, domain.Private} {
			m := social.Message{Key: string(v), To: domain.IdentityKey{Network: string(kind), Author: "501"}, InReplyTo: "5", Visibility: v, Text: "x"}
			_, err = n.Send(t.Context(), m)
			safe(err)
		}
	})
}
