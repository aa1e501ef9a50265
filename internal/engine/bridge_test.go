package engine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// bridged is a kit with a bridge to a forum, and the forum's way to deliver.
func bridged(t *testing.T) (*kit, func(id, body string) string) {
	k := newKit(t, memory.New(), setup{})
	key := []byte("a key of the forum, long enough.")
	n, err := bridge.New(bridge.Config{Name: "forum", Public: true, Callback: "https://forum.example/advocate",
		Secrets: []secret.Ref{{Value: "whsec_" + base64.StdEncoding.EncodeToString(key)}}}, social.Kit{State: &socialtest.State{}, Clock: k.clock})
	if err != nil {
		t.Fatal(err)
	}
	k.options.Networks = append(k.options.Networks, n)
	k.open()
	return k, func(id, body string) string {
		t.Helper()
		stamp := strconv.FormatInt(k.clock.Now().Unix(), 10)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "." + body))
		reply, err := k.engine.HookServe(k.ctx, "forum", social.HookRequest{Method: "POST", Body: []byte(body), Header: map[string][]string{
			"Webhook-Id": {id}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
		}})
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return string(reply.Body)
	}
}

// TestABridgeHearsWhatBecameOfItsPosts: docs/networks/webhook.md promises that
// the answer says of each post whether it was taken.
func TestABridgeHearsWhatBecameOfItsPosts(t *testing.T) {
	t.Parallel()
	_, deliver := bridged(t)
	first := `{"id":"1","author":{"id":"u-1"},"text":"Where is my parcel?"}`
	if got := deliver("d-1", first); got != `{"accepted":1,"duplicates":0}` {
		t.Errorf("a post: %s", got)
	}
	got := deliver("d-2", `[`+first+`,{"id":"1","author":{"id":"u-1"},"text":"Something else"},{"id":"2","author":{"id":"u-2"},"text":"Hello"}]`)
	if want := `{"accepted":1,"duplicates":1,"refused":[{"index":1,"code":"` + string(domain.CodeConflict) +
		`","message":"the post \"1\" is known with another content; an edit needs another revision"}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestBackToTheFirstWords: an author who takes an edit back is heard where the
// bridge counts or dates its edits. A digest of the text comes a second time
// then, and nothing tells that from a repeat of the first delivery; a bridge
// cannot be asked.
func TestBackToTheFirstWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		revisions [3]string
		counts    bool
	}{
		"numbers":              {[3]string{`1`, `2`, `3`}, true},
		"the first has none":   {[3]string{`null`, `1`, `2`}, true},
		"times":                {[3]string{`"2026-03-01T12:00:00Z"`, `"2026-03-01T12:05:00.5Z"`, `"2026-03-01T13:06:00+01:00"`}, true},
		"digests of the words": {[3]string{`"h7f"`, `"ha0"`, `"h7f"`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, deliver := bridged(t)
			said := func(text, revision string) string {
				return `{"id":"1","author":{"id":"u-1"},"text":"` + text + `","revision":` + revision + `}`
			}
			first := "Where is my parcel?"
			deliver("d-1", said(first, c.revisions[0]))
			k.advance(time.Minute)
			deliver("d-2", said("I want to speak to a person", c.revisions[1]))
			k.advance(time.Minute)
			got := deliver("d-3", said(first, c.revisions[2]))
			want := map[bool]string{true: `{"accepted":1,"duplicates":0}`, false: `{"accepted":0,"duplicates":1}`}[c.counts]
			if got != want {
				t.Errorf("the first words again: %s, want %s", got, want)
			}
			// A sender that repeats what was overtaken brings nothing back.
			if got := deliver("d-4", said("I want to speak to a person", c.revisions[1])); c.counts && got != `{"accepted":0,"duplicates":1}` {
				t.Errorf("the words in between again: %s", got)
			}
		})
	}
}
