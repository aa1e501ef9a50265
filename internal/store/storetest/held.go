package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func workItemIDs(items []domain.WorkItem) []string {
	return ids(items, func(w domain.WorkItem) string { return w.ID })
}

// testHeld: who holds what, what is open, and the way through all of it.
func testHeld(t *testing.T, open Factory) {
	s := open(t)
	item := func(id string, state domain.WorkItemState, agent string, created time.Duration) domain.WorkItem {
		w := domain.WorkItem{ID: id, Customer: 1, State: state, Queue: "care", Agent: agent, CreatedAt: at(created), UpdatedAt: T0}
		if state == domain.WorkReserved {
			w.Agent, w.Reservation = "", &domain.Reservation{ID: id + "-r1", Agent: agent, State: domain.ReservationPending, OfferedAt: T0}
		}
		return w
	}
	items := []domain.WorkItem{
		item("w1", domain.WorkPending, "", 0), item("w2", domain.WorkReserved, "ann", 1*time.Second), item("w3", domain.WorkAssigned, "ann", 2*time.Second),
		item("w4", domain.WorkWrapping, "ann", 3*time.Second), item("w5", domain.WorkCompleted, "ann", 4*time.Second),
		item("w6", domain.WorkCanceled, "", 5*time.Second), item("w7", domain.WorkAssigned, "bob", 6*time.Second),
		item("w8", domain.WorkPending, "ann", 7*time.Second), // ann had it before
	}
	items[3].Queue = "sales"
	update(t, s, func(tx store.Tx) { ok(t, tx.WorkItemPut(items)) })
	list := func(p store.WorkItemListParams) (out []string) {
		t.Helper()
		both(t, s, func(r store.Reader) { t.Helper(); out = workItemIDs(must[[]domain.WorkItem](t)(r.WorkItemList(p))) })
		return out
	}
	scan := func(p store.WorkItemScanParams) (out []string) {
		both(t, s, func(r store.Reader) { out = workItemIDs(must[[]domain.WorkItem](t)(r.WorkItemScan(p))) })
		return out
	}
	want(t, "held", list(store.WorkItemListParams{Holder: "ann"}), []string{"w4", "w3", "w2"})
	want(t, "held, open", list(store.WorkItemListParams{Holder: "ann", Open: true, After: "w4", Limit: 1}), []string{"w3"})
	want(t, "held, all filters", list(store.WorkItemListParams{Holder: "ann", State: domain.WorkWrapping, Queue: "sales", Customer: 1}), []string{"w4"})
	want(t, "held by nobody", list(store.WorkItemListParams{Holder: "carl"}), []string{})
	want(t, "open", list(store.WorkItemListParams{Open: true}), []string{"w8", "w7", "w4", "w3", "w2", "w1"})
	want(t, "open, a page", list(store.WorkItemListParams{Open: true, After: "w7", Limit: 2}), []string{"w4", "w3"})
	want(t, "open, after what is not", list(store.WorkItemListParams{Open: true, After: "w5"}), []string{"w4", "w3", "w2", "w1"})
	want(t, "open, with filters", list(store.WorkItemListParams{Open: true, State: domain.WorkPending, Queue: "care", Customer: 1, Limit: 1}), []string{"w8"})
	want(t, "open, of a queue", list(store.WorkItemListParams{Open: true, Queue: "sales"}), []string{"w4"})
	want(t, "open, and final", list(store.WorkItemListParams{Open: true, State: domain.WorkCompleted}), []string{})
	want(t, "scan", scan(store.WorkItemScanParams{}), []string{"w1", "w2", "w3", "w4", "w7", "w8"})
	want(t, "scan, a page", scan(store.WorkItemScanParams{After: "w4", Limit: 1}), []string{"w7"})
	update(t, s, func(tx store.Tx) {
		ok(t, tx.WorkItemPut([]domain.WorkItem{item("w2", domain.WorkPending, "", time.Second), item("w3", domain.WorkAssigned, "bob", 2*time.Second), item("w4", domain.WorkCompleted, "ann", 3*time.Second)}))
	})
	want(t, "let go", list(store.WorkItemListParams{Holder: "ann"}), []string{})
	want(t, "taken over", list(store.WorkItemListParams{Holder: "bob"}), []string{"w7", "w3"})
	want(t, "scan", scan(store.WorkItemScanParams{}), []string{"w1", "w2", "w3", "w7", "w8"})
	// A scan passes everything once that stays, whatever comes and goes.
	update(t, s, func(tx store.Tx) {
		for i := range 40 {
			ok(t, tx.WorkItemPut([]domain.WorkItem{item(fmt.Sprintf("x%02d", i), domain.WorkPending, "", 0)}))
		}
	})
	var seen []string
	for after, round := "w8", 0; ; round++ {
		page := scan(store.WorkItemScanParams{After: after, Limit: 7})
		seen = append(seen, page...)
		if len(page) < 7 {
			break
		}
		after = page[6]
		update(t, s, func(tx store.Tx) {
			ok(t, tx.WorkItemPut([]domain.WorkItem{item(after, domain.WorkCompleted, "", 0), item(fmt.Sprint("v", round), domain.WorkPending, "", time.Hour)}))
		})
	}
	if !slices.IsSorted(seen) || len(slices.Compact(seen)) != 40 {
		t.Fatalf("%d were seen: %v", len(seen), seen)
	}
}

// HeldItems are work items in each state, as a database may have them that does
// not know yet who holds which.
func HeldItems() (out []domain.WorkItem) {
	for i, state := range append(slices.Clone(store.OpenStates), domain.WorkCompleted) {
		for _, agent := range []string{"ann", "bob"} {
			w := domain.WorkItem{ID: fmt.Sprint(agent, i), Customer: 1, State: state, Queue: "care", Agent: agent, CreatedAt: at(time.Duration(i) * time.Second), UpdatedAt: T0}
			if state == domain.WorkReserved {
				w.Agent, w.Reservation = "", &domain.Reservation{Agent: agent, State: domain.ReservationPending}
			}
			out = append(out, w)
		}
	}
	return out
}

// CheckHeld looks for those of HeldItems that an agent holds, and whether a
// database that was brought up to date takes what is new.
func CheckHeld(t testing.TB, s store.Store, items []domain.WorkItem) {
	t.Helper()
	both(t, s, func(r store.Reader) {
		t.Helper()
		var held []domain.WorkItem
		for _, w := range slices.Backward(items) {
			if w.Holder() == "bob" {
				held = append(held, w)
			}
		}
		want(t, "held", len(held), 3)
		want(t, "who holds", workItemIDs(must[[]domain.WorkItem](t)(r.WorkItemList(store.WorkItemListParams{Holder: "bob"}))), workItemIDs(held))
		want(t, "scan", len(must[[]domain.WorkItem](t)(r.WorkItemScan(store.WorkItemScanParams{}))), 8)
	})
	update(t, s, func(tx store.Tx) {
		rows := []store.AuditRow{{At: T0}}
		ok(t, tx.AuditAppend(rows))
		want(t, "first audit row", rows[0].Seq, int64(1))
		ok(t, tx.DocumentPut([]store.Document{{Kind: "k", ID: "1", Keys: []string{"x"}}}))
		ok(t, tx.DeliveryAdd([]store.DeliveryRow{delivery("e/1", 0)}))
	})
}
