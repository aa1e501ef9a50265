package engine_test

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestExplainAPost: by its id, with network and label where several have it, or
// by the link that people copy.
func TestExplainAPost(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		write := func(network, account, author, handle, id, url string) domain.CustomerID {
			p := k.post(author, "Where is my order A-10234? ("+network+account+")")
			p.Network, p.Account, p.ID, p.URL, p.Author.Handle = network, account, id, url, handle
			return k.take(p)
		}
		onX := write("x", "", "12", "ana", "1700000000000000001", "https://x.com/i/status/1700000000000000001")
		onSky := write("bluesky", "", "did:plc:ana", "ana.example", "at://did:plc:ana/app.bsky.feed.post/3k", "https://bsky.app/profile/did:plc:ana/post/3k")
		local := write("mastodon:our.example", "", "77", "eva@far.example", "900", "https://far.example/@eva/113")
		help := write("mastodon:our.example", "help", "78", "kim@far.example", "900", "https://far.example/@kim/114")
		bridged := write("bridge", "", "79", "bo", "https://forum.example/t/5#p9", "")
		k.settle()
		for name, want := range map[string]domain.CustomerID{
			"1700000000000000001":   onX,
			"x/1700000000000000001": onX,
			"https://twitter.com/ana/status/1700000000000000001?s=20": onX,
			"at://did:plc:ana/app.bsky.feed.post/3k":                  onSky,
			"bluesky/at://did:plc:ana/app.bsky.feed.post/3k":          onSky,
			"https://bsky.app/profile/did:plc:ana/post/3k":            onSky,
			"https://bsky.app/profile/Ana.example/post/3k":            onSky,
			"https://far.example/@eva/113":                            local,
			" https://far.example:443/@eva/113\n":                     local,
			"https://x.com/ana/status/1700000000000000001/photo/1":    onX,
			"https://forum.example/t/5#p9":                            bridged,
			"bridge/https://forum.example/t/5#p9":                     bridged,
			"https://far.example/@kim/114/":                           help,
			"mastodon:our.example/900":                                local,
			"mastodon:our.example/help/900":                           help,
		} {
			x, err := k.engine.Explain(k.ctx, name)
			if err != nil || x.Kind != "post" || x.Customer != want || len(x.Records) == 0 {
				t.Errorf("%s: %v, %s of %v with %d records; want %v", name, err, x.Kind, x.Customer, len(x.Records), want)
			}
		}
		_, err := k.engine.Explain(k.ctx, "900")
		wantCode(t, err, domain.CodeConflict)
		if !strings.Contains(err.Error(), "mastodon:our.example/help/900") {
			t.Errorf("it does not say which: %v", err)
		}
		for _, name := range []string{"https://x.com/ana/status/2", "https://far.example/@eva/114", "mastodon:our.example/sales/900", "x/900", "https://elsewhere.example/113"} {
			_, err := k.engine.Explain(k.ctx, name)
			wantCode(t, err, domain.CodeNotFound)
		}
	})
}

// TestExplainedPostIsOne: of one customer's posts with the same id on two
// networks the other one is not told.
func TestExplainedPostIsOne(t *testing.T) {
	k := newKit(t, memory.New(), setup{})
	p := k.post("ana", "Where is my order A-10234?")
	p.ID = "5"
	who := k.take(p)
	k.settle()
	other := p
	other.Network, other.Text = "plaza", "lunch was nice"
	them := k.take(other)
	k.settle()
	if _, err := k.engine.Merge(k.ctx, who, them, "kim"); err != nil {
		t.Fatal(err)
	}
	k.settle()
	x, err := k.engine.Explain(k.ctx, p.Network+"/5")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range x.Records {
		for _, in := range r.Inputs {
			if in.Post != nil && in.Post.Network != p.Network {
				t.Errorf("it tells of %s", in.Post.Network)
			}
		}
	}
}
