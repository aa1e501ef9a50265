package bluesky

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// connected waits until the stream is open.
func connected(t *testing.T, n *Network, within time.Duration) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(within)
	for n.Health().Mode != "stream" {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not connected: %s", n.Health().Trouble)
		}
	}
}

func TestNothingIsLostBetweenTheFirstStartAndTheFirstEvent(t *testing.T) {
	t.Parallel()
	for _, appview := range []bool{true, false} {
		u := newSetup(t, Firehose)
		u.s.appview = appview
		n := u.open(t)
		stop := running(t, n, newInbox())
		connected(t, n, 10*time.Second)
		stop()
		heardFrom(t, u.open(t), u.s.post(ana, "anybody there?", true, ""))
	}
}

// A cursor that the server does not know (lexicons/com/atproto/sync/subscribeRepos.json,
// "FutureCursor"): it was set up anew.
func TestFutureCursor(t *testing.T) {
	t.Parallel()
	for _, appview := range []bool{true, false} {
		u := newSetup(t, Firehose)
		u.s.appview = appview
		u.keep(t, cursor{Seq: 1_000_000, Time: time.Now().Add(-time.Minute)})
		heardFrom(t, u.open(t), u.s.post(ana, "hello?", true, ""))
	}
}

// A server keeps events for a limited time (https://atproto.com/specs/event-stream,
// "Sequence Numbers": #info OutdatedCursor).
func TestOutdatedCursorIsMadeUpForByNotifications(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ana, "the first", true, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	lost := u.s.post(ana, "in the time that is not kept", true, "")
	u.s.post(ben, "nothing", false, "")
	u.s.oldest = 3
	heardFrom(t, u.open(t), lost)
}

func TestStreamGoesOnAfterWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ben, "nothing", false, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	good := encode(t, u.s.draft("hello", true, ""))
	wrong := cidOf([]byte("something else"))
	u.s.extra = [][]byte{
		nil, []byte("x"), {0xa1}, []byte(strings.Repeat("\x9f", 5000)),
		twoObjects(t, map[string]any{"op": 7}, map[string]any{}),
		twoObjects(t, map[string]any{"op": 1, "t": "#future"}, map[string]any{"seq": 1}),
		twoObjects(t, map[string]any{"op": 1, "t": "#commit"}, map[string]any{"seq": 1, "repo": "not a did", "ops": []any{}}),
		twoObjects(t, map[string]any{"op": 1, "t": "#commit"}, map[string]any{"seq": 1, "repo": ana, "blocks": []byte{0xff, 0xff, 1}, "ops": []any{map[string]any{"action": "create", "path": postCollection + "/x", "cid": link(wrong)}}}),
		// A record that is not the one that is named.
		commitFrame(t, 1, ana, time.Now(), op{"create", postCollection + "/3kaaaaaaaaa2a", &wrong, good}),
		// Records that are no posts, or hostile ones.
		frameOf(t, ana, `{"$type":"app.bsky.feed.like","text":"`+shopDID+`"}`),
		frameOf(t, ana, `{"$type":"app.bsky.feed.post","text":{"a":"`+shopDID+`"}}`),
	}
	box := newInbox()
	running(t, u.open(t), box)
	id := u.s.post(ana, "hello", true, "")
	box.until(t, 10*time.Second, "the good post", func(p domain.Post) bool { return p.ID == id })
	if all := box.all(); len(all) != 1 {
		t.Errorf("%d posts came: %+v", len(all), all)
	}
}

func frameOf(t *testing.T, did, value string) []byte {
	b := encode(t, []byte(value))
	c := cidOf(b)
	return commitFrame(t, 1, did, time.Now(), op{"create", postCollection + "/3kaaaaaaaaa2a", &c, b})
}

// The server ends a stream that is read too slowly (subscribeRepos.json,
// "ConsumerTooSlow"); it goes on where it was.
func TestStreamIsOpenedAgain(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ben, "nothing", false, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	u.s.extra = [][]byte{twoObjects(t, map[string]any{"op": -1}, map[string]any{"error": "ConsumerTooSlow"})}
	id := u.s.post(ana, "hello", true, "")
	n := u.open(t)
	heardFrom(t, n, id)
	if n.Health().Lost != 1 {
		t.Errorf("%d connections were lost, want 1", n.Health().Lost)
	}
}

func TestWhoAPostIsFor(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ben, "nothing", false, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	n, box := u.open(t), newInbox()
	stop := running(t, n, box)
	s := u.s
	came := func(id string) domain.Post {
		t.Helper()
		return box.until(t, 10*time.Second, id, func(p domain.Post) bool { return p.ID == id })
	}
	question := s.post(ana, "my parcel is late", true, "")
	came(question)
	more := s.post(ana, "and it was a present", false, question)
	if p := came(more); p.Unaddressed || p.InReplyTo != question {
		t.Errorf("what goes on with a post to us came as %+v", p)
	}
	aside := s.post(ben, "same here", false, question)
	ours := s.post(shopDID, "we are sorry", false, question)
	if p := came(ours); !p.Own {
		t.Errorf("our own post came as %+v", p)
	}
	if p := came(s.post(ben, "really?", false, ours)); p.Unaddressed {
		t.Errorf("an answer to us came as %+v", p)
	}
	news := s.post(shopDID, "news", false, "")
	comment := s.post(ana, "finally", false, news)
	came(comment)
	if p := came(s.post(ben, "you wish", false, comment)); !p.Unaddressed {
		t.Errorf("a word to somebody else in our thread came as %+v", p)
	}
	b := encode(t, []byte(`{"$type":"app.bsky.feed.post","text":"look at this","createdAt":"2026-01-01T00:00:00Z","embed":{"$type":"app.bsky.embed.record","record":{"uri":"`+news+`","cid":"x"}}}`))
	c := cidOf(b)
	s.mu.Lock()
	s.commit(ben, op{"create", postCollection + "/3kaaaaaaaaa2b", &c, b})
	s.mu.Unlock()
	if p := came(postURI(ben, "3kaaaaaaaaa2b")); p.Unaddressed || p.At.Year() != 2026 {
		t.Errorf("a quotation came as %+v", p)
	}
	s.delete(aside)
	// A restart does not forget what was heard: its deletion still comes.
	came(s.post(ana, "bye", true, ""))
	stop()
	for _, p := range box.all() {
		if p.ID == aside {
			t.Errorf("what was not for us came: %+v", p)
		}
	}
	box = newInbox()
	running(t, u.open(t), box)
	s.delete(question)
	if p := box.until(t, 10*time.Second, "the deletion", func(p domain.Post) bool { return p.ID == question && p.Deleted }); p.Author.ID != ana {
		t.Errorf("the deletion came as %+v", p)
	}
}

// TestBacklogOfNotifications has more of them than are read at once, and the
// process ends in the middle.
func TestBacklogOfNotifications(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n := u.open(t)
	r, err := n.loadReading(t.Context(), "notifications")
	if err != nil {
		t.Fatal(err)
	}
	const many = 2*windowSize*100 + 50
	want := map[string]bool{}
	for i := range many {
		want[u.s.post(ana, fmt.Sprint(i), true, "")] = true
	}
	got := map[string]int{}
	ctx, cancel := context.WithCancel(t.Context())
	box := newInbox()
	box.took = func(posts []domain.Post) error {
		if len(got) >= windowSize*100+150 {
			cancel() // the process ends
			return errors.New("away")
		}
		for _, p := range posts {
			got[p.ID]++
		}
		return nil
	}
	if err := n.readOn(ctx, box, r, list{"notifications", overlap, n.notifications}, true); err == nil {
		t.Fatal("it was to be ended")
	}
	box.took = func(posts []domain.Post) error {
		for _, p := range posts {
			got[p.ID]++
		}
		return nil
	}
	n = u.open(t)
	if r, err = n.loadReading(t.Context(), "notifications"); err != nil {
		t.Fatal(err)
	}
	if err := n.readOn(t.Context(), box, r, list{"notifications", overlap, n.notifications}, true); err != nil {
		t.Fatal(err)
	}
	if len(got) != many {
		t.Errorf("%d of %d came", len(got), many)
	}
	calls := u.s.called("app.bsky.notification.listNotifications")
	if err := n.readOn(t.Context(), box, r, list{"notifications", overlap, n.notifications}, true); err != nil {
		t.Fatal(err)
	}
	if more := u.s.called("app.bsky.notification.listNotifications") - calls; r.Cursor != "" || more > windowSize+25 {
		t.Errorf("once all is read, %d pages are asked for; reading %+v", more, r)
	}
}

// TestPageThatFailsLosesNothing: the second page cannot be had the first time.
func TestPageThatFailsLosesNothing(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	n, box := u.open(t), newInbox()
	r, err := n.loadReading(t.Context(), "notifications")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		u.s.post(ana, fmt.Sprint(i), true, "")
	}
	calls := 0
	ask := func(ctx context.Context, cursor string) (page, error) {
		if calls++; calls == 2 {
			return page{}, errors.New("away")
		}
		return n.notifications(ctx, cursor)
	}
	if err := n.readOn(t.Context(), box, r, list{"notifications", overlap, ask}, true); err == nil {
		t.Fatal("it was to fail")
	}
	if err := n.readOn(t.Context(), box, r, list{"notifications", overlap, ask}, true); err != nil {
		t.Fatal(err)
	}
	if got := len(box.all()); got != 150 {
		t.Errorf("%d of 150 came", got)
	}
}

// TestBurst is 2,000 mentions among 2,000 posts of others, as fast as they can
// be read.
func TestBurst(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	u.s.post(ben, "nothing", false, "")
	u.keep(t, cursor{Seq: 1, Time: time.Now()})
	n, box := u.open(t), newInbox()
	running(t, n, box)
	connected(t, n, 10*time.Second)
	began := time.Now()
	const many = 2000
	var last string
	for i := range many {
		last = u.s.post(ana, fmt.Sprint(i), true, "")
		u.s.post(ben, fmt.Sprint(i), false, "")
	}
	box.until(t, 30*time.Second, "the last", func(p domain.Post) bool { return p.ID == last })
	if got := len(box.all()); got != many {
		t.Errorf("%d came, want %d", got, many)
	}
	t.Logf("%d mentions in %v; names asked for %d times", many, time.Since(began), u.s.called("app.bsky.actor.getProfiles"))
}
