package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// feed is a network that brings posts by itself.
type feed struct {
	social.Network
	posts chan domain.Post
	taken chan error
}

func (*feed) Name() string    { return "feed" }
func (*feed) Account() string { return "shop" }

func (*feed) Capabilities() social.Capabilities {
	return social.Capabilities{PublicReply: true, PrivateMessage: true}
}

func (f *feed) Run(ctx context.Context, sink social.Sink) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case p := <-f.posts:
			_, err := sink.PostsAccept(ctx, []domain.Post{p})
			f.taken <- err
		}
	}
}

func (f *feed) Send(context.Context, social.Message) (social.Sent, error) {
	return social.Sent{PostID: "s1"}, nil
}

func TestStartAndStop(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := &feed{posts: make(chan domain.Post), taken: make(chan error, 1)}
		k := newKit(t, open(t), setup{networks: []social.Network{f}})
		told := make(chan string, 100)
		k.options.Clock, k.options.Workers = clock.Real(), 4
		k.options.Observer = func(c engine.Change) {
			for _, in := range c.Record.Inputs {
				told <- inputWord(in)
			}
		}
		k.open()
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		f.posts <- domain.Post{Network: "feed", Account: "shop", ID: "f1", Author: domain.Author{ID: "ann"}, Text: "where is my order A-1000?", Visibility: domain.Private}
		if err := <-f.taken; err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{"post f1": true, "answer orders": true, "reply done": true}
		deadline := time.After(30 * time.Second)
		for len(want) > 0 {
			select {
			case s := <-told:
				delete(want, s)
			case <-deadline:
				t.Fatalf("still waiting for %v", want)
			}
		}
		if err := k.engine.Stop(k.ctx); err != nil {
			t.Fatal(err)
		}
		if err := k.engine.Stop(k.ctx); err != nil {
			t.Fatal(err)
		}
		p := k.post("ann", "hello")
		p.At = time.Time{} // now
		_, err := k.engine.PostsSubmit(k.ctx, []domain.Post{p})
		wantCode(t, err, domain.CodeUnavailable)
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := k.engine.PostsSubmit(k.ctx, []domain.Post{p}); err != nil {
			t.Fatal(err)
		}
		if err := k.engine.Stop(k.ctx); err != nil {
			t.Fatal(err)
		}
	})
}

// stuckNetwork holds every send until its context ends.
type stuckNetwork struct {
	feed
	sends atomic.Int32
	begun chan struct{}
}

func (s *stuckNetwork) Run(ctx context.Context, _ social.Sink) error { <-ctx.Done(); return ctx.Err() }

func (s *stuckNetwork) Send(ctx context.Context, _ social.Message) (social.Sent, error) {
	s.sends.Add(1)
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return social.Sent{}, ctx.Err()
}

func TestStopCutsOffWhatHangs(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		n := &stuckNetwork{begun: make(chan struct{}, 1)}
		k := newKit(t, open(t), setup{networks: []social.Network{n}})
		k.options.Clock, k.options.Workers = clock.Real(), 4
		k.open()
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := k.engine.PostsSubmit(k.ctx, []domain.Post{{Network: "feed", Account: "shop", ID: "f1", Author: domain.Author{ID: "ann"}, Text: "hello", Visibility: domain.Private}}); err != nil {
			t.Fatal(err)
		}
		<-n.begun
		ctx, cancel := context.WithCancel(k.ctx)
		cancel()
		if err := k.engine.Stop(ctx); err == nil {
			t.Fatal("stopping cut a send off and did not say so")
		}
		rows := k.effects("")
		if len(rows) != 1 || rows[0].State != domain.EffectPending && rows[0].State != domain.EffectSending {
			t.Fatalf("the effect that was cut off is lost: %+v", rows)
		}
	})
}

func TestPanicsHandOver(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		all := false
		k.engine.DecideWith(func(pb *playbook.Playbook, s domain.Snapshot, in []domain.Input, now time.Time) domain.Decision {
			for i := range in {
				if in[i].Post != nil && strings.Contains(in[i].Post.Text, "boom") || all {
					panic("a defect")
				}
			}
			return advocate.Decide(pb, s, in, now)
		})
		r := k.submit(k.post("ann", "boom"), k.post("ben", "hello"))
		ann, ben := r[0].Customer, r[1].Customer
		if k.count(ben, "post") != 1 {
			t.Fatal("another customer pays for it")
		}
		if got := k.inputs(ann); len(got) != 2 || got[0] != "post p1" || got[1] != "command panic" {
			t.Fatalf("inputs %v", got)
		}
		all = true
		k.take(k.post("ann", "boom again"))
		var items []domain.WorkItem
		k.view(func(r store.Reader) (err error) {
			items, err = r.WorkItemList(store.WorkItemListParams{Customer: ann})
			return err
		})
		if len(items) == 0 || items[0].Kind != domain.Review || items[0].PostText != "boom again" {
			t.Fatalf("no review by a person: %+v", items)
		}
		if got := k.inputs(ann); len(got) != 4 || got[2] != "post p3" {
			t.Fatalf("inputs %v", got)
		}
		all = false
		k.take(k.post("ann", "hello"))
		k.settle()
		if m := k.status().Metrics; m.Panics != 2 {
			t.Fatalf("%d panics counted", m.Panics)
		}
	})
}

func TestBackoffGrowsAndIsSpread(t *testing.T) {
	t.Parallel()
	var last time.Duration
	for n := 1; n < 9; n++ {
		d := engine.Backoff("c0000000000001-e1", n)
		base := 2 * time.Second << (n - 1)
		if d < base*3/4 || d > base*5/4 || d < last/2 {
			t.Errorf("attempt %d waits %v, want about %v", n, d, base)
		}
		last = d
	}
	again := engine.Backoff("a", 3)
	if again == engine.Backoff("b", 3) || again != engine.Backoff("a", 3) {
		t.Error("backoff must differ between effects and be the same for one")
	}
	if d := engine.Backoff("a", 60); d > 20*time.Minute || d <= 0 {
		t.Errorf("after many attempts the wait is %v", d)
	}
}

func TestTimersAreReleasedGradually(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		posts := make([]domain.Post, 600)
		for i := range posts {
			posts[i] = k.post("author"+string(rune('a'+i%26))+string(rune('a'+i/26)), "I want to speak to a person")
		}
		k.submit(posts...)
		k.settle()
		k.clock.Advance(48 * time.Hour)
		first, err := k.engine.StepDue(k.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if first == 0 || first >= 600 {
			t.Fatalf("%d of 600 overdue advocates were released at once", first)
		}
		k.settle()
	})
}
