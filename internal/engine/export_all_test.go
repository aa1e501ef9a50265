package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestExportIsComplete: an export has every work item and effect, however many
// pages they fill, each once.
func TestExportIsComplete(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.take(k.post("ann", "hello"))
		k.settle()
		for _, n := range []int{1, 200, 400} {
			var items []domain.WorkItem
			var effects []store.EffectRow
			for i := range n {
				at := start.Add(time.Duration(i/2) * time.Second) // two of each time
				items = append(items, domain.WorkItem{
					ID: domain.ObjectID(id, domain.KindWorkItem, int64(i+1)), Customer: id, Kind: domain.Review, State: domain.WorkCompleted, Queue: "care", CreatedAt: at, UpdatedAt: at,
				})
				e := store.EffectRow{State: domain.EffectHeld, CreatedAt: at}
				e.ID, e.Customer, e.Kind, e.Emit = domain.ObjectID(id, domain.KindEffect, int64(1000*n+i)), id, domain.EffectEmit, &domain.Event{Type: "x"}
				effects = append(effects, e)
			}
			if err := k.store.Update(k.ctx, func(tx store.Tx) error {
				if err := tx.WorkItemPut(items); err != nil {
					return err
				}
				return tx.EffectAdd(effects)
			}); err != nil {
				t.Fatal(err)
			}
			x, err := k.engine.Export(k.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, w := range x.WorkItems {
				seen[w.ID] = true
			}
			if len(x.WorkItems) != n || len(seen) != n {
				t.Errorf("%d work items of %d, %d different", len(x.WorkItems), n, len(seen))
			}
			for i := range effects {
				if !slices.ContainsFunc(x.Effects, func(e store.EffectRow) bool { return e.ID == effects[i].ID }) {
					t.Fatalf("effect %s of %d is missing", effects[i].ID, n)
				}
			}
		}
	})
}
