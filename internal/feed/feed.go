// Package feed follows the store's event log, once for a whole process: many
// readers (open streams, the desk, webhooks, reports) each keep their own place
// and share what was read.
//
// A place is an event's Seq. Whoever goes on from the place that Next returned
// misses nothing: what the feed does not hold any more is read from the store.
// Events are shared between readers and must not be changed.
//
// Who folds the log into documents of its own, once in a cluster, is a
// Projection, and keeps how far it has come at a Place.
package feed

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// held is how many events the feed keeps in memory for readers that are a
	// little behind.
	held = 4096
	// batch is how many are read from the store at once.
	batch = 512
	// lookAgain is when the log is looked at without a word from anybody:
	// another process may have written to it, and a wake-up may be lost.
	lookAgain = time.Second
)

// Feed is one process's view of the log.
type Feed struct {
	store store.Store
	log   *slog.Logger
	wake  chan struct{}

	mu     sync.Mutex
	events []domain.Event // ascending; the newest held of those read
	from   int64          // everything after this place and up to upto is in events
	upto   int64
	more   chan struct{} // closed when upto moves
}

// New makes a feed; Run makes it follow.
func New(st store.Store, log *slog.Logger) *Feed {
	if st == nil || log == nil {
		panic("feed: New needs a store and a logger")
	}
	return &Feed{store: st, log: log, wake: make(chan struct{}, 1), more: make(chan struct{})}
}

// Changed says that there may be something new. It never blocks.
func (f *Feed) Changed() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run follows the log from its end on, until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	failing := false
	begun := false
	for ctx.Err() == nil {
		var n int
		var err error
		if !begun {
			begun, err = f.begin(ctx)
		}
		if begun && err == nil {
			n, err = f.pull(ctx)
		}
		if err != nil && ctx.Err() == nil && !failing {
			f.log.WarnContext(ctx, "the event log cannot be read", "error", err)
		}
		failing = err != nil
		if n == batch {
			continue
		}
		t := time.NewTimer(lookAgain)
		select {
		case <-ctx.Done():
		case <-f.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// begin finds the log's end. Readers that ask for what came before read it from
// the store.
func (f *Feed) begin(ctx context.Context) (bool, error) {
	end, err := End(ctx, f.store, 0)
	if err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.from, f.upto = end, end
	close(f.more)
	f.more = make(chan struct{})
	return true, nil
}

func (f *Feed) pull(ctx context.Context) (int, error) {
	var events []domain.Event
	err := f.store.View(ctx, func(r store.Reader) (err error) {
		events, err = r.EventTail(f.upto, batch)
		return err
	})
	if err != nil || len(events) == 0 {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, events...)
	f.upto = events[len(events)-1].Seq
	if over := len(f.events) - held; over > held/2 {
		f.from = f.events[over-1].Seq
		f.events = append([]domain.Event(nil), f.events[over:]...)
	}
	close(f.more)
	f.more = make(chan struct{})
	return len(events), nil
}

// Next returns what came after a place, ascending, and the place to go on from.
// It waits until there is something or ctx ends; then its error is ctx's.
func (f *Feed) Next(ctx context.Context, after int64) ([]domain.Event, int64, error) {
	for {
		events, next, more, old := f.have(after)
		switch {
		case old:
			return f.past(ctx, after)
		case len(events) > 0:
			return events, next, nil
		}
		select {
		case <-ctx.Done():
			return nil, after, ctx.Err()
		case <-more:
		}
	}
}

// Moved returns a channel that is closed when there is something after a
// place. It may be closed already.
func (f *Feed) Moved(after int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.upto > after {
		done := make(chan struct{})
		close(done)
		return done
	}
	return f.more
}

// Upto is the place up to which the log has been read.
func (f *Feed) Upto() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.upto
}

// have returns what is held after a place; old says that the store must be
// asked, more is closed when there is news.
func (f *Feed) have(after int64) (events []domain.Event, next int64, more <-chan struct{}, old bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if after < f.from {
		return nil, after, nil, true
	}
	low, high := 0, len(f.events)
	for low < high {
		if mid := (low + high) / 2; f.events[mid].Seq > after {
			high = mid
		} else {
			low = mid + 1
		}
	}
	events = f.events[low:len(f.events):len(f.events)]
	return events, max(after, f.upto), f.more, false
}

// past reads what the feed does not hold.
func (f *Feed) past(ctx context.Context, after int64) ([]domain.Event, int64, error) {
	var events []domain.Event
	err := f.store.View(ctx, func(r store.Reader) (err error) {
		events, err = r.EventTail(after, batch)
		return err
	})
	switch {
	case err != nil:
		return nil, after, err
	case len(events) == 0: // what was there has been pruned or erased
		f.mu.Lock()
		defer f.mu.Unlock()
		return nil, max(after, f.from), nil
	}
	return events, events[len(events)-1].Seq, nil
}

// End finds the log's last place, at least one that was seen before: events may
// be erased at the log's end, and their numbers are not given again.
func End(ctx context.Context, st store.Store, seen int64) (end int64, err error) {
	err = st.View(ctx, func(r store.Reader) (err error) {
		end, err = EndOf(r, seen)
		return err
	})
	return end, err
}

// EndOf is End in a transaction. It goes on in growing steps from seen and then
// halves the last of them, so that it asks about as often as what is new has
// binary digits.
func EndOf(r store.Reader, seen int64) (int64, error) {
	low, high := seen, seen
	for step := int64(1); ; step *= 2 {
		next, err := r.EventTail(high, 1)
		if err != nil {
			return 0, err
		}
		if len(next) == 0 {
			break // nothing after high
		}
		low = next[0].Seq
		high = low + step
	}
	for high > low {
		mid := low + (high-low)/2
		next, err := r.EventTail(mid, 1)
		if err != nil {
			return 0, err
		}
		if len(next) > 0 {
			low = next[0].Seq
		} else {
			high = mid
		}
	}
	return low, nil
}
