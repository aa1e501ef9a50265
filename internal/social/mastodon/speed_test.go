package mastodon_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// BenchmarkStream is one mention from the server's writing it to the sink's
// having it, while others are on their way.
func BenchmarkStream(b *testing.B) {
	d := newDesk(b, mastodontest.Options{}, nil)
	d.run()
	d.until("listening", func() bool { return d.n.Health().Mode == "stream" })
	var last string
	for b.Loop() {
		last = d.server.Write("ana", mastodontest.Status{Text: "@shop where is my order A-10234? https://shop.example/orders"})
	}
	d.got("the last one", of(last))
}
