package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, st store.Store, from, n int) {
	t.Helper()
	var events []domain.Event
	for i := range n {
		events = append(events, domain.Event{Source: "/t", ID: fmt.Sprint(from + i), Type: "order.paid", Time: time.Unix(int64(from+i), 0).UTC()})
	}
	if err := st.Update(t.Context(), func(tx store.Tx) error { return tx.EventAppend(events) }); err != nil {
		t.Fatal(err)
	}
}

// read goes on until it has n events and checks that none is missing or twice.
func read(ctx context.Context, f *feed.Feed, after int64, first, n int) error {
	for got := 0; got < n; {
		events, next, err := f.Next(ctx, after)
		if err != nil {
			return fmt.Errorf("after %d of %d: %w", got, n, err)
		}
		for _, e := range events {
			if e.ID != fmt.Sprint(first+got) {
				return fmt.Errorf("event %s at place %d, want %d", e.ID, e.Seq, first+got)
			}
			got++
		}
		after = next
	}
	return nil
}

// TestReadersMissNothing: readers who keep up, who begin late, and who begin
// with what the feed never held, all see the whole log in its order.
func TestReadersMissNothing(t *testing.T) {
	t.Parallel()
	st := memory.New()
	write(t, st, 1, 100)
	f := feed.New(st, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var run, readers sync.WaitGroup
	run.Go(func() { f.Run(ctx) })
	defer run.Wait()
	defer cancel()
	const n = 20_000
	errs := make(chan error, 8)
	for range 4 {
		readers.Go(func() { errs <- read(ctx, f, 0, 1, 100+n) })
	}
	for i := 0; i < n; i += 500 {
		write(t, st, 101+i, 500)
		f.Changed()
	}
	readers.Go(func() { errs <- read(ctx, f, 0, 1, 100+n) })
	readers.Go(func() { errs <- read(ctx, f, 9000, 9001, 100+n-9000) })
	readers.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if f.Upto() != 100+n {
		t.Errorf("read up to %d", f.Upto())
	}
	done, stop := context.WithCancel(ctx)
	stop()
	if _, at, err := f.Next(done, 100+n); err == nil || at != 100+n {
		t.Errorf("waiting at the end: %d, %v", at, err)
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	st := memory.New()
	for _, n := range []int{0, 1, 6, 93} {
		if n > 0 {
			write(t, st, 1000*n, n)
		}
	}
	for _, seen := range []int64{0, 1, 50, 99, 100, 1000} {
		if end, err := feed.End(t.Context(), st, seen); err != nil || end != max(100, seen) {
			t.Errorf("from %d: %d, %v", seen, end, err)
		}
	}
}
