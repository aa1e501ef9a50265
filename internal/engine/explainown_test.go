package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestLinkOfWhatWeSent: the link of what we sent is not kept, so that its id and
// the site must do.
func TestLinkOfWhatWeSent(t *testing.T) {
	t.Parallel()
	ctx, st := context.Background(), memory.New()
	defer st.Close()
	ours := []store.PostRow{
		{Key: domain.PostKey{Network: "x", ID: "1700000000000000002"}},
		{Key: domain.PostKey{Network: "mastodon:our.example", ID: "113456789012345678"}},
		{Key: domain.PostKey{Network: "bluesky", ID: "at://did:plc:shop/app.bsky.feed.post/3k"}},
		{Key: domain.PostKey{Network: "facebook", ID: "100200300_400500600"}},
		{Key: domain.PostKey{Network: "forum", ID: "thread-4711"}},
	}
	for i := range ours {
		ours[i].Customer, ours[i].From = 1, domain.FromAdvocate
	}
	if err := st.Update(ctx, func(tx store.Tx) error { return tx.PostPut(ours) }); err != nil {
		t.Fatal(err)
	}
	long := "https://forum.example/?a=thread-4711" // more parts than are looked for: the same ones each time
	for i := range 2 * maxLinkWords {
		long += fmt.Sprintf("&z%d=%d", i, i)
	}
	for link, want := range map[string]string{
		"https://x.com/shop/status/1700000000000000002":              "x",
		"https://mobile.twitter.com/shop/status/1700000000000000002": "x",
		"https://OUR.example/@shop/113456789012345678":               "mastodon:our.example",
		"https://bsky.app/profile/did:plc:shop/post/3k":              "bluesky",
		"https://sky.example/profile/did:plc:shop/post/3k":           "bluesky",
		"https://www.facebook.com/100200300_400500600":               "facebook",
		"https://forum.example/t/thread-4711":                        "forum",
		"https://elsewhere.example/status/1700000000000000002":       "",
		"https://notx.com/shop/status/1700000000000000002":           "",
		"https://far.example/@shop/113456789012345678":               "",
		"https://x.com/100200300_400500600":                          "",
		long:                                                         "forum",
	} {
		for range 10 {
			var got store.PostRow
			err := st.View(ctx, func(r store.Reader) (err error) {
				got, err = findPost(r, link)
				return err
			})
			if got.Key.Network != want || (err == nil) != (want != "") {
				t.Errorf("%.60s: found on %q, want %q: %v", link, got.Key.Network, want, err)
				break
			}
		}
	}
}
