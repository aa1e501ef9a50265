package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestOneCustomersChangesAreToldInOrder lets many turns decide for few
// customers at once.
func TestOneCustomersChangesAreToldInOrder(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		var wg sync.WaitGroup
		for side := range 6 {
			posts := make([]domain.Post, 30)
			for i := range posts {
				posts[i] = k.post(fmt.Sprintf("author%d", (i+side)%4), "hello there")
			}
			wg.Go(func() {
				for _, p := range posts {
					if _, err := k.engine.PostsSubmit(k.ctx, []domain.Post{p}); err != nil {
						t.Error(err)
					}
					for _, step := range []func(context.Context) (int, error){k.engine.StepReady, k.engine.StepDispatch} {
						if _, err := step(k.ctx); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		k.settle()
		last := map[domain.CustomerID]int64{}
		for _, c := range k.changes {
			if c.Record.Version != last[c.Customer]+1 {
				t.Fatalf("customer %v: version %d was told after %d", c.Customer, c.Record.Version, last[c.Customer])
			}
			last[c.Customer] = c.Record.Version
		}
		if len(last) != 4 {
			t.Fatalf("changes of %d customers were told", len(last))
		}
	})
}
