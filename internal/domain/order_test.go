package domain

import (
	"testing"
	"time"
)

// TestOrderFactsOfAVersionAndOfEvents: an order that was imported with a
// version goes on by events that have none, and each copy of it does.
func TestOrderFactsOfAVersionAndOfEvents(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	imported := Order{ID: "A-1", Status: OrderShipped, Version: 1, UpdatedAt: noon}
	late, ok := OrderFromEvent(&Event{Type: "order.delayed", OrderID: "A-1", Time: noon.Add(time.Hour), Data: []byte(`{"reason":"storm"}`)})
	if !ok {
		t.Fatal("no order")
	}
	stored := imported.Merge(late)
	if stored.Status != OrderDelayed || stored.Reason != "storm" || stored.Version != 1 {
		t.Fatalf("stored: %+v", stored)
	}
	if known := imported.Merge(stored); known.Status != OrderDelayed || known.Reason != "storm" {
		t.Errorf("the advocate's copy stays at %+v", known)
	}
	for name, o := range map[string]Order{
		"the import again":        imported,
		"the import without time": {ID: "A-1", Status: OrderShipped, Version: 1},
		"an older version":        {ID: "A-1", Status: OrderCreated, Version: -1, UpdatedAt: noon.Add(2 * time.Hour)},
		"an older event":          {ID: "A-1", Status: OrderPaid, UpdatedAt: noon.Add(-time.Hour)},
	} {
		if got := stored.Merge(o); got.Status != OrderDelayed || got.Reason != "storm" {
			t.Errorf("%s overwrote what is newer: %+v", name, got)
		}
	}
	if got := stored.Merge(Order{ID: "A-1", Status: OrderDelivered, Version: 2, UpdatedAt: noon}); got.Status != OrderDelivered {
		t.Errorf("a higher version did not count: %+v", got)
	}
}
