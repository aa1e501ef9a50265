package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestTheCopyOfAnOrderFollowsTheTable: an import with a version and no time,
// and an event with a time and no version, end in one date in both.
func TestTheCopyOfAnOrderFollowsTheTable(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.known("ann", "C-1", "A-1")
		eta := start.AddDate(0, 0, 3)
		if _, err := k.engine.OrdersImport(k.ctx, []domain.Order{{ID: "A-10234", CustomerRef: "C-1", Status: domain.OrderShipped, ETA: eta, Version: 1}}); err != nil {
			t.Fatal(err)
		}
		k.take(k.post("ann", "where is my order A-10234? it should be here"))
		k.settle()
		late := eta.AddDate(0, 0, 5)
		ev := orderEvent("e1", "delayed", "A-10234")
		ev.Data = json.RawMessage(`{"eta":"` + late.Format(time.RFC3339) + `"}`)
		k.events(ev)
		k.settle()
		snap := k.snapshot(id)
		table, copied := k.order("A-10234"), snap.Order("A-10234")
		if !table.ETA.Equal(late) || copied == nil || !copied.ETA.Equal(late) || copied.Revision != table.Revision {
			t.Fatalf("the table says %+v, the copy %+v", table, copied)
		}
	})
}
