package bluesky

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// healthOf waits until Health is as wanted.
func healthOf(t *testing.T, n *Network, what string, is func(mode, trouble string) bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(10 * time.Second)
	for {
		h := n.Health()
		if is(h.Mode, h.Trouble) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: is not told; health is %+v", what, h)
		}
	}
}

// TestEachWaysTroubleIsTold although the main way goes on, until it is over.
func TestEachWaysTroubleIsTold(t *testing.T) {
	t.Parallel()
	for way, call := range map[string]string{
		"searches": "app.bsky.feed.searchPosts", "direct messages": "chat.bsky.convo.getLog", "notifications": "app.bsky.notification.listNotifications",
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			mode, main := Notifications, "poll"
			if way == "notifications" {
				mode, main = Both, "stream"
			}
			u := newSetup(t, mode)
			u.c.DirectMessages, u.c.Search = true, []string{searched}
			if mode == Both {
				u.keep(t, cursor{Seq: 1, Time: time.Now()})
				u.s.post(ben, "nothing", false, "")
			}
			u.s.failing[call] = 2
			n := u.open(t)
			running(t, n, newInbox())
			healthOf(t, n, "the trouble", func(mode, trouble string) bool { return mode == main && strings.HasPrefix(trouble, way+": ") })
			healthOf(t, n, "its end", func(mode, trouble string) bool { return mode == main && trouble == "" })
		})
	}
}

// TestOneSearchThatFailsStopsNoOther.
func TestOneSearchThatFailsStopsNoOther(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Notifications)
	u.c.Search = []string{"first", searched}
	u.s.failing["first"] = 1
	n, box := u.open(t), newInbox()
	running(t, n, box)
	healthOf(t, n, "the trouble", func(_, trouble string) bool { return strings.HasPrefix(trouble, "searches: ") })
	id := u.s.post(ana, searched+" is late", false, "")
	box.until(t, 10*time.Second, "what the other finds", func(p domain.Post) bool { return p.ID == id })
}

// TestAGapThatCannotBeAskedForIsAskedForAgain: the stream leaves something out,
// or does not know where we were, and the AppView is away for a moment.
func TestAGapThatCannotBeAskedForIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, seq := range map[string]int64{"outdated": 1, "future": 1_000_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newSetup(t, Firehose)
			u.s.post(ana, "the first", true, "")
			u.keep(t, cursor{Seq: seq, Time: time.Now()})
			lost := u.s.post(ana, "in the time that is not kept", true, "")
			ours := u.s.post(shopDID, "we are on it", false, lost)
			kept := u.s.post(ben, "what the stream has", true, "")
			u.s.oldest = 4
			u.s.failing["app.bsky.notification.listNotifications"] = 2
			box := newInbox()
			running(t, u.open(t), box)
			for _, uri := range []string{lost, ours, kept} {
				box.until(t, 20*time.Second, uri, func(p domain.Post) bool { return p.ID == uri })
			}
		})
	}
}

// TestAGapOfAnyLengthIsRead: more than one reading takes.
func TestAGapOfAnyLengthIsRead(t *testing.T) {
	t.Parallel()
	u := newSetup(t, Firehose)
	since := time.Now()
	u.s.page = 1
	const many = windowSize*maxWindows + 10
	for i := range many {
		u.s.post(ana, fmt.Sprint(i), true, "")
	}
	box := newInbox()
	if err := u.open(t).catchUp(t.Context(), box, since); err != nil {
		t.Fatal(err)
	}
	if got := len(box.all()); got != many {
		t.Errorf("%d of %d came", got, many)
	}
}

// slowState waits in Put until it may go on.
type slowState struct {
	socialtest.State
	putting, goOn chan struct{}
}

func (s *slowState) Put(ctx context.Context, name string, value []byte, keep time.Duration) error {
	select {
	case s.putting <- struct{}{}:
		<-s.goOn
		return errors.New("the store is away")
	case <-s.goOn:
		return s.State.Put(ctx, name, value, keep)
	}
}

// TestTheStreamDoesNotWaitForTheStore while it is kept what was heard; and what
// could not be kept is kept later.
func TestTheStreamDoesNotWaitForTheStore(t *testing.T) {
	t.Parallel()
	s := &slowState{putting: make(chan struct{}), goOn: make(chan struct{})}
	var h heard
	h.add("one")
	saved := make(chan error)
	go func() { saved <- h.save(t.Context(), s) }()
	<-s.putting
	asked := make(chan bool)
	go func() {
		h.add("two")
		asked <- h.has("one")
	}()
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Fatal("what was heard cannot be asked for while it is kept")
	}
	close(s.goOn)
	if err := <-saved; err == nil {
		t.Fatal("the store was away")
	}
	if err := h.save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var again heard
	if err := again.load(t.Context(), &s.State); err != nil || !again.has("one") || !again.has("two") {
		t.Errorf("not all is kept: %v", err)
	}
}
