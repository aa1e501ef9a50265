package mastodon

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func bare(t testing.TB) *Network {
	n, err := New(Config{URL: "https://our.example", Token: secret.Ref{Value: "x"}}, social.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// seed has every part of a status that is read
// (https://docs.joinmastodon.org/entities/Status/, "Example").
const seed = `{"id":"103270115826048975","created_at":"2019-12-08T03:48:33.901Z","in_reply_to_id":"103254962155278888","in_reply_to_account_id":"1",
"spoiler_text":"order","visibility":"unlisted","language":"en","url":"https://our.example/@ana/103270115826048975","edited_at":"2019-12-09T03:48:33.901Z",
"content":"<p>where is it?</p>","account":{"id":"2","username":"ana","acct":"ana@other.example","display_name":"Ana","bot":false},
"media_attachments":[{"id":"2","type":"image","url":"https://files.example/x.png","remote_url":null,"description":"a broken lid"}],
"mentions":[{"id":"1","username":"shop","acct":"shop","url":"https://our.example/@shop"}],"reblog":null,
"poll":{"id":"3","options":[{"title":"refund","votes_count":1},{"title":"repair","votes_count":0}]}}`

func TestPostHasAllThatWasWritten(t *testing.T) {
	t.Parallel()
	it := bare(t).written(shop, json.RawMessage(seed))
	p := it.t.post
	if want := "order\n\nwhere is it?\n\n- refund\n- repair"; p.Text != want {
		t.Errorf("text %q, want %q", p.Text, want)
	}
	if !it.ok || p.Revision != "2019-12-09T03:48:33.901000Z" || p.InReplyTo != "103254962155278888" || p.Lang != "en" || p.Visibility != domain.Public ||
		p.Author != (domain.Author{ID: "2", Handle: "ana@other.example", Name: "Ana"}) || p.Unaddressed || p.Own || p.Reshare {
		t.Errorf("%+v", p)
	}
	if len(p.Media) != 1 || p.Media[0] != (domain.Media{URL: "https://files.example/x.png", Alt: "a broken lid", Type: "image"}) {
		t.Errorf("media %+v", p.Media)
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]domain.Visibility{
		"public": domain.Public, "unlisted": domain.Public, "private": domain.Private, "direct": domain.Private, "": domain.Private, "circle": domain.Private,
	} {
		s := strings.Replace(seed, `"unlisted"`, `"`+v+`"`, 1)
		if got := bare(t).written(shop, json.RawMessage(s)).t.post.Visibility; got != want {
			t.Errorf("%q came as %q, want %q", v, got, want)
		}
	}
}

func FuzzStatus(f *testing.F) {
	f.Add(seed)
	f.Add(`{"id":5,"account":{"id":[]},"reblog":{"reblog":{}},"content":null}`)
	f.Add(strings.ReplaceAll(seed, "Z", `\u0000`))
	f.Fuzz(func(t *testing.T, s string) {
		n := bare(t)
		for _, it := range []item{n.written(shop, json.RawMessage(s)), n.notified(shop, json.RawMessage(`{"id":"1","type":"mention","status":`+s+`}`))} {
			p := it.t.post
			if p.Normalize(start); it.ok && p.Validate() != nil {
				t.Errorf("%q made a post that is none: %v", s, p.Validate())
			}
		}
	})
}

func FuzzFrame(f *testing.F) {
	b, _ := json.Marshal(seed)
	f.Add(`{"stream":["user"],"event":"update","payload":` + string(b) + `}`)
	f.Add(`{"stream":["user"],"event":"delete","payload":"103270115826048975"}`)
	f.Add(`{"event":"notification","payload":{"id":1,"type":"mention","status":null}}`)
	f.Add(`{"event":"conversation","payload":"{\"last_status\":{}}"}`)
	f.Add(`{"event":"status.update","payload":null}`)
	f.Fuzz(func(t *testing.T, s string) {
		n := bare(t)
		frame, ok := parseFrame([]byte(s))
		if !ok {
			return
		}
		if h, ok := n.heard(shop, frame); ok {
			if h.post.Normalize(start); h.post.Validate() != nil {
				t.Errorf("%q made a post that is none: %v", s, h.post.Validate())
			}
		}
	})
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	ok := Config{URL: "https://our.example", Token: secret.Ref{Env: "T"}}
	for want, change := range map[string]func(*Config){
		"":                     func(*Config) {},
		"url: is not set":      func(c *Config) { c.URL = "" },
		"http would show":      func(c *Config) { c.URL = "http://our.example" },
		"is no address":        func(c *Config) { c.URL = "https://me:pass@our.example" },
		"token: is not set":    func(c *Config) { c.Token = secret.Ref{} },
		"poll: is":             func(c *Config) { c.Poll = time.Millisecond },
		"since: is":            func(c *Config) { c.Since = -1 },
		"parts: is":            func(c *Config) { c.Parts = 11 },
		"account: is \"a/b\"":  func(c *Config) { c.Account = "a/b" },
		"reply_visibility: is": func(c *Config) { c.ReplyVisibility = "direct" },
		"search[1]: is":        func(c *Config) { c.Search = []string{"a", "#a/b"} },
		"streaming_url: is no": func(c *Config) { c.StreamingURL = "https://x.example" },
		"is of no use":         func(c *Config) { off := false; c.Streaming, c.StreamingURL = &off, "wss://x.example" },
	} {
		c := ok
		change(&c)
		if err := c.Check(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestTheTokenGoesNoWhereElse(t *testing.T) {
	t.Parallel()
	n := bare(t)
	for said, want := range map[string]string{
		"":                             "https://our.example/api/v1/streaming",
		"wss://our.example":            "https://our.example/api/v1/streaming",
		"wss://streaming.our.example":  "https://streaming.our.example/api/v1/streaming",
		"ws://our.example":             "https://our.example/api/v1/streaming",
		"wss://evil.example":           "",
		"wss://notour.example":         "",
		"wss://our.example.evil":       "",
		"://":                          "",
		"wss://user@our.example:4000/": "https://our.example:4000/api/v1/streaming",
	} {
		u, err := n.streamingURL(instance{streaming: said})
		got := ""
		if err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: %q (%v), want %q", said, got, err, want)
		}
	}
}
