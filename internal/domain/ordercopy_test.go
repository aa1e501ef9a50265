package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawFact is what some source says of an order, with neither of version and
// time, one of them or both.
func drawFact(t *rapid.T) Order {
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	at := func(name string) time.Time {
		return noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, name)) * time.Hour)
	}
	o := Order{
		ID:     "A-1",
		Status: rapid.SampledFrom([]OrderStatus{"", OrderPaid, OrderShipped, OrderDelayed}).Draw(t, "status"),
		Reason: rapid.SampledFrom([]string{"", "", "storm", "strike"}).Draw(t, "reason"),
		Email:  rapid.SampledFrom([]string{"", "ann@example.com"}).Draw(t, "email"),
	}
	if rapid.Bool().Draw(t, "dated") {
		o.ETA = at("eta")
	}
	if rapid.Bool().Draw(t, "versioned") {
		o.Version = int64(rapid.SampledFrom([]int{1, 1, 2, 3, 900, 1_000_000}).Draw(t, "version"))
	}
	if rapid.Bool().Draw(t, "timed") {
		o.UpdatedAt = at("updated_at")
	}
	return o
}

// TestOrderCopyIsTheTables: after any facts the copy that follows a table says
// what the table says, wherever it began to follow, whichever rows it missed
// and whatever older rows reach it late.
func TestOrderCopyIsTheTables(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var table Order
		var rows []Order
		var known *Order
		for range rapid.IntRange(1, 12).Draw(t, "facts") {
			before := table
			table = table.Take(drawFact(t))
			if changed := !table.sameFacts(&before); changed != (table.Revision > before.Revision) {
				t.Fatalf("revision %d after %d, changed %v", table.Revision, before.Revision, changed)
			}
			rows = append(rows, table)
			if !rapid.Bool().Draw(t, "told") {
				continue
			}
			if known == nil {
				first := table
				known = &first
			}
			*known = known.Follow(table)
			*known = known.Follow(rapid.SampledFrom(rows).Draw(t, "late"))
			*known = known.Follow(known.Public()) // the same again, without its secrets
			if !known.sameFacts(&table) || known.Revision != table.Revision {
				t.Fatalf("the copy says\n%+v\nthe table\n%+v", *known, table)
			}
		}
	})
}

// TestOrderCopyOfBefore: a copy of a row from before rows were counted catches
// up, too, when the import gave a version and no time and the event a time and
// no version.
func TestOrderCopyOfBefore(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	imported := Order{ID: "A-1", Status: OrderShipped, ETA: noon, Version: 1}
	table := imported.Take(Order{ID: "A-1", Status: OrderDelayed, ETA: noon.AddDate(0, 0, 4), UpdatedAt: noon})
	if known := imported.Follow(table); !known.ETA.Equal(table.ETA) || known.Status != OrderDelayed || known.Revision != table.Revision {
		t.Errorf("the copy stays at %+v", known)
	}
	if known := imported.Merge(table); !known.ETA.Equal(table.ETA) {
		t.Errorf("merged it is %+v", known)
	}
}

// TestOrderCopyWithOtherFacts: what another system said of an order is not
// thrown away by the table's next row.
func TestOrderCopyWithOtherFacts(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	table := Order{}.Take(Order{ID: "A-1", Status: OrderPaid, UpdatedAt: noon})
	known := table.Follow(Order{ID: "A-1", Status: OrderShipped, Email: "ann@example.com", UpdatedAt: noon.Add(2 * time.Hour)})
	if known.Revision != 0 || known.Status != OrderShipped {
		t.Fatalf("%+v", known)
	}
	table = table.Take(Order{ID: "A-1", Carrier: "DHL", UpdatedAt: noon.Add(time.Hour)})
	if known = known.Follow(table); known.Status != OrderShipped || known.Email == "" {
		t.Errorf("an older row took a newer fact: %+v", known)
	}
}
