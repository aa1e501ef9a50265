package bluesky

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// FuzzFrame holds that no frame stops us, and that what comes of one can be
// handed in.
func FuzzFrame(f *testing.F) {
	u := Network{search: newSearch([]string{searched, "#parcel"})}
	b := encode(f, []byte(`{"$type":"app.bsky.feed.post","text":"@parcelco.test hi","createdAt":"2026-01-01T00:00:00Z","langs":["en"],"facets":[{"index":{"byteStart":0,"byteEnd":14},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"`+shopDID+`"}]}]}`))
	c := cidOf(b)
	f.Add(commitFrame(f, 1, ana, time.Now(), op{"create", postCollection + "/3kaaaaaaaaa2a", &c, b}, op{"delete", postCollection + "/3kaaaaaaaaa2b", nil, nil}))
	f.Add(twoObjects(f, map[string]any{"op": -1}, map[string]any{"error": "FutureCursor"}))
	f.Add(twoObjects(f, map[string]any{"op": 1, "t": "#info"}, map[string]any{"name": "OutdatedCursor"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := parseFrame(b)
		if err != nil {
			return
		}
		for i := range fr.Writes {
			if r, err := fr.Writes[i].record(); err == nil {
				valid(t, &u, fr.DID, fr.Writes[i].Key, fr.Writes[i].CID.String(), r)
			}
		}
	})
}

// FuzzRecord does the same for a record's JSON.
func FuzzRecord(f *testing.F) {
	u := Network{search: newSearch([]string{searched, "#parcel"})}
	f.Add([]byte(`{"text":"x","createdAt":"9999-12-31T23:59:59+14:00","tags":["parcel"],"reply":{"root":{"uri":"a"},"parent":{"uri":"at://did:plc:x/app.bsky.feed.post/y"}}}`))
	f.Add([]byte(`{"text":"x","embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://` + shopDID + `/app.bsky.feed.post/y"}},"media":{"images":[{"alt":"a","image":{"ref":{"$link":"bafkreiabc"},"mimeType":"image/png"}}],"external":{"uri":"https://example.com","title":"t"}}}}`))
	f.Add([]byte(`{"embed":{"record":5,"media":{"media":{"media":{"video":{"ref":{"$link":"bafkreiabc"}}}}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := parseRecord(b); err == nil {
			valid(t, &u, ana, "3kaaaaaaaaa2a", "bafyrei", r)
		}
	})
}

func valid(t *testing.T, u *Network, did, key, revision string, r *record) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := u.post(u.relate(shopDID, did, r), did, key, revision, r, now)
	p.Normalize(now)
	if len(p.ID) > domain.MaxPostField {
		return // left out
	}
	if err := p.Validate(); err != nil {
		t.Errorf("%+v: %v", p, err)
	}
	if p.At.After(now) {
		t.Errorf("it is from the future: %v", p.At)
	}
}

// FuzzIdentifier holds that addresses are taken apart as they are put together,
// and that tokens which are none do no harm.
func FuzzIdentifier(f *testing.F) {
	f.Add(postURI(ana, "3jzfcijpj2z2a"))
	f.Add("chat/convo/m1")
	f.Add("eyJhIjoxfQ.eyJleHAiOjF9.x")
	f.Fuzz(func(t *testing.T, s string) {
		if did, key, ok := splitURI(s); ok && postURI(did, key) != s {
			t.Errorf("%q is %q and %q", s, did, key)
		}
		if convo, id, ok := splitMessage(s); ok && messageID(convo, id) != s {
			t.Errorf("%q is %q and %q", s, convo, id)
		}
		if micros, ok := tidTime(s); ok && len(tid(micros, 0)) != 13 {
			t.Errorf("%q", s)
		}
		if k := replyKey(s, s); !validKey(k) {
			t.Errorf("%q gives the key %q", s, k)
		}
		if at := readClaims(s).expires(); at.Year() > 40_000 {
			t.Errorf("%q expires %v", s, at)
		}
	})
}
