package sqlite

import (
	"context"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
)

// TestAside: beside an Update, what it began with is read, neither what it
// has written since nor less than what was committed before it.
func TestAside(t *testing.T) {
	t.Parallel()
	s, ctx := open(t, Options{}), context.Background()
	scopes := func(r store.Reader) (n int) {
		list, err := r.SwitchList()
		if err != nil {
			t.Error(err)
		}
		return len(list)
	}
	for i := range 20 {
		put(t, s, func(tx store.Tx) error {
			if err := tx.SwitchPut(store.Switch{Scope: string(rune('a' + i)), Mode: "live"}); err != nil {
				return err
			}
			seen := make(chan int, 1)
			go s.Aside(ctx, func(r store.Reader) error { seen <- scopes(r); return nil })
			if n := <-seen; n != i {
				t.Errorf("%d rows are seen; want %d", n, i)
			}
			if n := scopes(tx); n != i+1 {
				t.Errorf("the transaction itself sees %d; want %d", n, i+1)
			}
			return nil
		})
	}
	// With all connections taken it does nothing and waits for nobody.
	held, free := make(chan struct{}), make(chan struct{})
	for range maxReaders {
		go s.View(ctx, func(store.Reader) error { held <- struct{}{}; <-free; return nil })
		<-held
	}
	put(t, s, func(store.Tx) error {
		if ran, err := s.Aside(ctx, func(store.Reader) error { t.Error("it ran"); return nil }); ran || err != nil {
			t.Error(ran, err)
		}
		return nil
	})
	close(free)
}
