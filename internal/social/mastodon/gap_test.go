package mastodon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// TestAGapLongerThanARound is read over several, and nothing of it is passed
// over; what was written last waits for it.
func TestAGapLongerThanARound(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mastodontest.Options{"stream": {}, "poll": {NoStreaming: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, o, nil)
			d.run()
			d.got("the first post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop before"})))
			d.stop()
			before := len(d.taken())
			var want []string
			for i := range 60 {
				want = append(want, d.server.Write("ana", mastodontest.Status{Text: fmt.Sprintf("@shop number %d", i)}))
			}
			answer := d.server.Write("shop", mastodontest.Status{Text: "somebody of the staff", InReplyTo: want[len(want)-1]})
			d.server.Bloat(10) // fewer go on a page than were asked for
			d.open().Bound(3, 25)
			d.run()
			want = append(want, answer)
			d.got("what was written last", of(answer))
			var got []string
			for _, p := range d.taken()[before:] {
				got = append(got, p.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d posts came, want each of %d once, in order", len(got), len(want))
			}
		})
	}
}

// TestTheFirstStartReachesDownOnlySoFar: what is further down is left alone,
// also where none of what was seen is too old.
func TestTheFirstStartReachesDownOnlySoFar(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	var all []string
	for i := range 300 {
		all = append(all, d.server.Write("ana", mastodontest.Status{Text: fmt.Sprintf("@shop number %d", i)}))
	}
	d.n.Bound(100, 2) // 160 of them
	d.run()
	d.got("the last post", of(all[len(all)-1]))
	d.got("one that came since", of(d.server.Write("ana", mastodontest.Status{Text: "@shop now"})))
	if n := len(d.taken()); n != 160 || d.count(all[0]) != 0 {
		t.Errorf("%d posts came", n)
	}
}

// TestTheFirstStartBehindWhatIsMuted: a page that was emptied by the server is
// not the end of the list.
func TestTheFirstStartBehindWhatIsMuted(t *testing.T) {
	t.Parallel()
	for _, since := range []time.Duration{0, time.Hour} {
		d := newDesk(t, mastodontest.Options{NoStreaming: true}, func(c *mastodon.Config) { c.Since = since })
		old := d.server.Write("ana", mastodontest.Status{Text: "@shop long ago"})
		d.clock.Advance(2 * time.Hour)
		young := d.server.Write("ana", mastodontest.Status{Text: "@shop just now"})
		for range 100 {
			d.server.Write("ben", mastodontest.Status{Text: "@shop spam", Muted: true})
		}
		d.run()
		d.until("a round", func() bool { return d.n.Health().Mode == "poll" })
		d.got("the new post", of(d.server.Write("ana", mastodontest.Status{Text: "@shop now"})))
		if d.count(old) != 0 || (d.count(young) != 0) != (since > 0) {
			t.Errorf("since %v: the old post came %d times, the young one %d times", since, d.count(old), d.count(young))
		}
	}
}

// TestLetThroughWhileItIsLooked: what is let through while the pages are read
// comes with the next round.
func TestLetThroughWhileItIsLooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{NoStreaming: true}, nil)
	first := d.server.Write("ben", mastodontest.Status{Text: "@shop first", Muted: true})
	second := d.server.Write("ben", mastodontest.Status{Text: "@shop second", Muted: true})
	var last string
	for range 100 { // more than the newest page
		last = d.server.Write("ana", mastodontest.Status{Text: "@shop hello"})
	}
	var looks atomic.Int64 // further back, since the first was let through; below 0: none yet
	looks.Store(-1000)
	d.between(func(r *http.Request) *http.Response {
		if r.URL.Path != notifications || r.URL.Query().Get("max_id") == "" {
			return nil
		}
		switch looks.Add(1) {
		case 1: // a look that fails is made again
			return &http.Response{StatusCode: http.StatusInternalServerError}
		case 3: // the second page has been read
			d.server.Unmute(second)
			d.n.LetThrough()
		}
		return nil
	})
	d.run()
	d.got("the last post", of(last))
	d.server.Unmute(first)
	looks.Store(0)
	d.n.LetThrough()
	d.got("what was let through", of(first))
	d.got("what was let through meanwhile", of(second))
}

// TestOurOwnPostsCutNoStream, where they cannot be had; that is told.
func TestOurOwnPostsCutNoStream(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{"refused": {}, "refused for a while": {"Retry-After": {"30"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, mastodontest.Options{}, nil)
			var asked atomic.Int64
			d.between(func(r *http.Request) *http.Response {
				if !strings.HasSuffix(r.URL.Path, "/statuses") || r.Method != http.MethodGet {
					return nil
				}
				asked.Add(1)
				return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: header}
			})
			d.run()
			d.until("rounds", func() bool { return asked.Load() > 3 })
			d.until("listening, and the trouble is told", func() bool { h := d.n.Health(); return h.Mode == "stream" && h.Trouble != "" })
			d.got("what comes by the stream", of(d.server.Write("ana", mastodontest.Status{Text: "@shop hello"})))
			if n := d.server.Requests("/api/v1/streaming"); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestEachWaysTroubleIsTold although the main way goes on, until it is over.
func TestEachWaysTroubleIsTold(t *testing.T) {
	t.Parallel()
	for way, path := range map[string]string{"notifications": notifications, "our own posts": "/statuses?", "searches": "/tag/first"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, mastodontest.Options{}, func(c *mastodon.Config) { c.Search = []string{"#first", "#second"} })
			d.run()
			d.until("listening", func() bool {
				return d.n.Health().Mode == "stream" && d.server.Requests("/api/v1/timelines/tag/first") > 0
			})
			d.server.Refuse(path, true)
			d.until("the trouble is told", func() bool {
				h := d.n.Health()
				return h.Mode == "stream" && strings.HasPrefix(h.Trouble, way+": ")
			})
			if way == "searches" {
				d.got("what the other search finds", of(d.server.Write("ana", mastodontest.Status{Text: "telling everybody #second"})))
			}
			d.server.Refuse(path, false)
			d.until("its end is told", func() bool { h := d.n.Health(); return h.Mode == "stream" && h.Trouble == "" })
		})
	}
}
