package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// illStore refuses to commit what changes something while it is ill.
type illStore struct {
	store.Store
	mu   sync.Mutex
	ill  error
	asks int // writing transactions that were tried while ill
}

func (s *illStore) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill = err
}

func (s *illStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.mu.Lock()
	ill := s.ill
	if ill != nil {
		s.asks++
	}
	s.mu.Unlock()
	return s.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return ill
	})
}

// TestStoreThatTakesNoWrites: what is handed in is refused with the reason,
// the status tells it, whoever asks first, and both end by themselves.
func TestStoreThatTakesNoWrites(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{fmt.Errorf("commit: %w", store.ErrFull), "the store has no space left"},
		{fmt.Errorf("commit: %w", store.ErrIO), "the store cannot read or write its files"},
		{fmt.Errorf("commit: %w", store.ErrDamaged), "the store's files are damaged"},
		{fmt.Errorf("commit: %w", store.ErrDenied), "the server's user lacks rights in the database"},
	} {
		t.Run(c.says, func(t *testing.T) {
			onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
				s := &illStore{}
				var log bytes.Buffer
				k := newKit(t, open(t), setup{wrap: func(inner store.Store) store.Store { s.Store = inner; return s }})
				k.options.Logger = slog.New(slog.NewTextHandler(&log, nil))
				k.open()
				failing := func() string {
					t.Helper()
					st, err := k.engine.Status(k.ctx)
					if err != nil {
						t.Fatal(err)
					}
					return st.Store.Failing
				}
				if got := failing(); got != "" {
					t.Fatalf("a sound store is said to fail: %s", got)
				}
				s.set(c.err)
				post := func() error {
					_, err := k.engine.PostsSubmit(k.ctx, []domain.Post{{Network: "sandbox", ID: "x1", Author: domain.Author{ID: "ann"}, Text: "hello", At: start}})
					return err
				}
				for range 3 {
					err := post()
					if domain.ErrorCode(err) != domain.CodeUnavailable || err.Error() != c.says {
						t.Fatalf("a post: %v", err)
					}
				}
				if got := failing(); got != c.says {
					t.Errorf("after a refusal the status says %q", got)
				}
				if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
					t.Errorf("%d lines of one failure:\n%s", n, log.String())
				}
				k.clock.Advance(time.Minute)
				if got := failing(); got != c.says {
					t.Errorf("while it goes on: %q", got)
				}
				s.set(nil)
				k.clock.Advance(2 * time.Second)
				if got := failing(); got != "" {
					t.Errorf("once it works: %q", got)
				}
				if err := post(); err != nil {
					t.Errorf("once it works: %v", err)
				}
				// nobody hands anything in: the status finds out by itself
				s.set(c.err)
				k.clock.Advance(time.Minute)
				if got := failing(); got != c.says {
					t.Errorf("a status that nobody's refusal preceded says %q", got)
				}
				s.set(nil)
				switches := 0
				if err := s.View(k.ctx, func(r store.Reader) error {
					rows, err := r.SwitchList()
					switches = len(rows)
					return err
				}); err != nil || switches != 0 {
					t.Errorf("the looks left %d switches, %v", switches, err)
				}
			})
		})
	}
}

// TestStatusLooksSeldom: asking often costs the store little.
func TestStatusLooksSeldom(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		s := &illStore{}
		k := newKit(t, open(t), setup{wrap: func(inner store.Store) store.Store { s.Store = inner; return s }})
		s.set(store.ErrFull)
		for range 100 {
			if _, err := k.engine.Status(k.ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.asks; n != 1 {
			t.Errorf("a hundred questions wrote %d times", n)
		}
	})
}

// hangingStore keeps a write until it is let go.
type hangingStore struct {
	store.Store
	entered, release chan struct{}
}

func (s *hangingStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.entered != nil {
		close(s.entered)
		<-s.release
	}
	return s.Store.Update(ctx, fn)
}

// TestWriteThatDoesNotEnd: a disk that hangs answers neither yes nor no.
func TestWriteThatDoesNotEnd(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		s := &hangingStore{}
		k := newKit(t, open(t), setup{wrap: func(inner store.Store) store.Store { s.Store = inner; return s }})
		s.entered, s.release = make(chan struct{}), make(chan struct{})
		done := make(chan error)
		go func() {
			_, err := k.engine.Status(k.ctx)
			done <- err
		}()
		<-s.entered
		k.clock.Advance(3 * time.Second)
		if st, err := k.engine.Status(k.ctx); err != nil || st.Store.Failing != "a write to the store does not end" {
			t.Errorf("%+v, %v", st.Store, err)
		}
		close(s.release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if st, err := k.engine.Status(k.ctx); err != nil || st.Store.Failing != "" {
			t.Errorf("once it ended: %+v, %v", st.Store, err)
		}
	})
}
