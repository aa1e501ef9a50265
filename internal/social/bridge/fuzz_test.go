package bridge

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// FuzzDecode holds that what is taken of a delivery is fit for the engine.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"1","author":{"id":"u"},"text":"x"}`))
	f.Add([]byte(`[{"id":"1","author":{"id":"u"},"text":"x","media":[{"url":"https://e.example"}],"at":"2026-03-01T12:00:00Z"}]`))
	f.Add([]byte(`[{"id":"1","author":{"id":"u"},"text":"x","revision":7},{"id":2}]`))
	n := &Network{c: Config{Name: "forum"}}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := n.decode(body, now)
		if (err == nil) != (len(b.posts) > 0) || len(b.at) != len(b.posts) {
			t.Errorf("%d posts, error %v", len(b.posts), err)
		}
		for _, p := range b.posts {
			if err := p.Validate(); err != nil || p.Network != "forum" || p.URL != "" && !webLink(p.URL) {
				t.Errorf("%+v: %v", p, err)
			}
		}
	})
}

// FuzzAnswer holds that whatever a callback says can be used.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"id":"1","url":"https://e.example/1","at":"2026-03-01T12:00:00Z"}`))
	f.Add([]byte(`{"id":12,"error":"retry","message":"later","retry_after":30}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := readAnswer(body)
		if len(a.id) > domain.MaxPostField || a.url != "" && !webLink(a.url) || a.after < 0 || a.after > time.Hour {
			t.Errorf("%+v", a)
		}
		if e := a.failure(nil, time.Time{}, &social.Message{}); e != nil && (e.Safe == "" || e.Fault == "" || len(e.Safe) > 1000) {
			t.Errorf("%+v", e)
		}
	})
}

// FuzzVerify holds that no header is right by chance, and none stops us.
func FuzzVerify(f *testing.F) {
	f.Add("d-1", "1772366400", "v1,AAAA v1,")
	key := []byte("a key of 24 bytes, a key")
	f.Fuzz(func(t *testing.T, id, stamp, sig string) {
		r := social.HookRequest{Body: []byte("{}"), Header: map[string][]string{headerID: {id}, headerTimestamp: {stamp}, headerSignature: {sig}}}
		if d, err := verify([][]byte{key}, &r, time.Unix(1772366400, 0), time.Hour); err == nil {
			t.Errorf("%+v is taken for signed", d)
		}
	})
}
