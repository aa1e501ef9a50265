package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func testWorkItem(t *testing.T, open Factory) {
	s := open(t)
	item := func(id string, c domain.CustomerID, state domain.WorkItemState, queue string, created, updated time.Duration) domain.WorkItem {
		return domain.WorkItem{ID: id, Customer: c, Kind: domain.Callback, State: state, Queue: queue, Skills: []string{"a"}, PostText: "人 \u202e", CreatedAt: at(created), UpdatedAt: at(updated), Due: T0}
	}
	waiting := item("w2", 1, domain.WorkPending, "care", 0, 0)
	waiting.NotBefore = at(time.Minute)
	items := []domain.WorkItem{
		item("w1", 1, domain.WorkPending, "care", 0, 0), waiting, item("w3", 2, domain.WorkAssigned, "care", time.Second, time.Second),
		item("w4", 2, domain.WorkCompleted, "care", 0, time.Hour), item("w5", 2, domain.WorkCompleted, "care", 0, 3*time.Hour),
		item("w6", 3, domain.WorkCanceled, "sales", 0, time.Hour),
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.WorkItemPut(items))
		if tx.WorkItemPut([]domain.WorkItem{{}}) == nil {
			t.Fatal("a work item without an id was kept")
		}
	})
	both(t, s, func(r store.Reader) {
		want(t, "item", must[domain.WorkItem](t)(r.WorkItemGet("w1")), items[0])
		_, err := r.WorkItemGet("nope")
		wantErr(t, err, store.ErrNotFound)
		list := func(p store.WorkItemListParams) []string {
			return ids(must[[]domain.WorkItem](t)(r.WorkItemList(p)), func(w domain.WorkItem) string { return w.ID })
		}
		want(t, "newest first", list(store.WorkItemListParams{}), []string{"w3", "w6", "w5", "w4", "w2", "w1"})
		want(t, "page", list(store.WorkItemListParams{After: "w5", Limit: 2}), []string{"w4", "w2"})
		want(t, "state", list(store.WorkItemListParams{State: domain.WorkPending}), []string{"w2", "w1"})
		want(t, "all filters", list(store.WorkItemListParams{State: domain.WorkCompleted, Queue: "care", Customer: 2, After: "w5"}), []string{"w4"})
		want(t, "behind a place", list(store.WorkItemListParams{At: T0, After: "w4z", Limit: 2}), []string{"w4", "w2"})
		want(t, "older than a time", list(store.WorkItemListParams{At: at(time.Second)}), []string{"w6", "w5", "w4", "w2", "w1"})
		want(t, "open, behind a place", list(store.WorkItemListParams{At: at(time.Second), Open: true}), []string{"w2", "w1"})
		_, err = r.WorkItemList(store.WorkItemListParams{After: "gone"})
		wantErr(t, err, store.ErrNotFound)
		want(t, "queues", must[[]store.QueueStats](t)(r.QueueStats(at(4*time.Hour))), []store.QueueStats{
			{Queue: "care", Waiting: 2, Oldest: 4 * time.Hour, Handled: 2, MeanWait: 2 * time.Hour}, {Queue: "sales"}})
		want(t, "queues early and a day on", []int{must[[]store.QueueStats](t)(r.QueueStats(T0))[0].Waiting, must[[]store.QueueStats](t)(r.QueueStats(at(26 * time.Hour)))[0].Handled}, []int{1, 1})
		want(t, "open", must[store.Counts](t)(r.Counts()).WorkItemsOpen, int64(3))
	})
	update(t, s, func(tx store.Tx) {
		items[0].State, items[0].Queue = domain.WorkReserved, "other"
		ok(t, tx.WorkItemPut(items[:1]))
		c := domain.Case{ID: "k1", State: domain.CaseResolved, Posts: []domain.CasePost{{ID: "p", From: "customer", At: T0}}, OpenedAt: T0, UpdatedAt: T0}
		c2 := c
		c2.ID, c2.UpdatedAt = "k2", at(time.Second)
		ok(t, tx.CasePut(1, []domain.Case{c, c2}))
		c.Outcome = "answered"
		ok(t, tx.CasePut(1, []domain.Case{c}))
		want(t, "case", must[domain.Case](t)(tx.CaseGet("k1")), c)
	})
	both(t, s, func(r store.Reader) {
		want(t, "changed", must[domain.WorkItem](t)(r.WorkItemGet("w1")), items[0])
		want(t, "cases", ids(must[[]domain.Case](t)(r.CaseList(1, 0)), func(c domain.Case) string { return c.ID }), []string{"k2", "k1"})
		_, err := r.CaseGet("nope")
		wantErr(t, err, store.ErrNotFound)
	})
	// Pages hold still while rows come in.
	update(t, s, func(tx store.Tx) {
		for i := range 50 {
			ok(t, tx.WorkItemPut([]domain.WorkItem{item(fmt.Sprintf("p%02d", i), 5, domain.WorkPending, "page", time.Duration(i/7)*time.Second, 0)}))
		}
	})
	seen, after := map[string]bool{}, ""
	for round := 0; ; round++ {
		var page []domain.WorkItem
		update(t, s, func(tx store.Tx) {
			page = must[[]domain.WorkItem](t)(tx.WorkItemList(store.WorkItemListParams{Queue: "page", After: after, Limit: 6}))
			ok(t, tx.WorkItemPut([]domain.WorkItem{item(fmt.Sprintf("n%02d", round), 5, domain.WorkPending, "page", time.Hour, 0)}))
		})
		for _, w := range page {
			if seen[w.ID] {
				t.Fatalf("%s came twice", w.ID)
			}
			seen[w.ID], after = true, w.ID
		}
		if len(page) < 6 {
			break
		}
	}
	want(t, "pages", len(seen), 50)
}

func testOps(t *testing.T, open Factory) {
	s := open(t)
	hash := [32]byte{1, 2}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.AttemptAdd([]domain.Attempt{{Order: "A", Network: "n"}, {Order: "B", Network: "n"}, {}}, T0))
		ok(t, tx.AttemptAdd([]domain.Attempt{{Order: "A", Network: "m"}}, at(time.Second)))
		ok(t, tx.AttemptAdd([]domain.Attempt{{Order: "A", Shown: "2"}, {Order: "A", Shown: "1"}, {Order: "A", Shown: "2"}, {Order: "B", Shown: "3"}}, T0))
		ok(t, tx.AttemptAdd([]domain.Attempt{{Order: "A", Shown: "4"}}, at(time.Second)))
		_, err := tx.PlaybookActive()
		wantErr(t, err, store.ErrNotFound)
		for i := range 3 {
			want(t, "version", must[int64](t)(tx.PlaybookAdd(store.PlaybookRow{Version: 99, Active: true, Name: "p", Hash: "h", Source: []byte{byte(i)}, Policy: []byte("{}"), At: T0, By: "me"})), int64(i+1))
		}
		wantErr(t, tx.PlaybookActivate(9, T0, "x"), store.ErrNotFound)
		ok(t, tx.PlaybookActivate(2, T0, "x"))
		ok(t, tx.PlaybookActivate(3, at(time.Second), "y"))
		ok(t, tx.SwitchPut(store.Switch{Scope: "rule:a", Mode: "shadow", By: "me", At: T0}))
		ok(t, tx.SwitchPut(store.Switch{Scope: "all", Mode: "stopped", At: T0}))
		ok(t, tx.SwitchPut(store.Switch{Scope: "all", Mode: "live", At: T0}))
		ok(t, tx.TokenPut(store.Token{Name: "b", Hash: hash, Role: "admin", CreatedAt: T0, ExpiresAt: at(time.Hour)}))
		ok(t, tx.TokenPut(store.Token{Name: "a", Hash: [32]byte{9}}))
		wantErr(t, tx.TokenPut(store.Token{Name: "c", Hash: hash}), store.ErrConflict)
	})
	both(t, s, func(r store.Reader) {
		want(t, "attempts", must[domain.AttemptCounts](t)(r.AttemptCount("A", "n", T0)), domain.AttemptCounts{Order: 2, Network: 2})
		want(t, "attempts since", must[domain.AttemptCounts](t)(r.AttemptCount("A", "n", at(time.Second))), domain.AttemptCounts{Order: 1})
		want(t, "attempts at nothing", must[domain.AttemptCounts](t)(r.AttemptCount("", "", T0)), domain.AttemptCounts{})
		want(t, "shown", must[[]string](t)(r.AttemptShown("A", T0, 5)), []string{"1", "2", "4"})
		want(t, "shown, bounded", must[[]string](t)(r.AttemptShown("A", T0, 2)), []string{"1", "2"})
		want(t, "shown since", must[[]string](t)(r.AttemptShown("A", at(time.Second), 5)), []string{"4"})
		want(t, "shown of another", len(must[[]string](t)(r.AttemptShown("C", T0, 5))), 0)
		p := store.PlaybookRow{Version: 3, Name: "p", Hash: "h", Source: []byte{2}, Policy: []byte("{}"), At: T0, By: "me", Active: true, ActivatedAt: at(time.Second), ActivatedBy: "y"}
		want(t, "active", must[store.PlaybookRow](t)(r.PlaybookActive()), p)
		want(t, "get", must[store.PlaybookRow](t)(r.PlaybookGet(2)).Active, false)
		_, err := r.PlaybookGet(77)
		wantErr(t, err, store.ErrNotFound)
		p.Source = nil
		list := must[[]store.PlaybookRow](t)(r.PlaybookList(2))
		want(t, "list", []any{len(list), list[0], list[1].Version}, []any{2, p, int64(2)})
		want(t, "switches", must[[]store.Switch](t)(r.SwitchList()), []store.Switch{{Scope: "all", Mode: "live", At: T0}, {Scope: "rule:a", Mode: "shadow", By: "me", At: T0}})
		want(t, "token", must[store.Token](t)(r.TokenFind(hash)), store.Token{Name: "b", Hash: hash, Role: "admin", CreatedAt: T0, ExpiresAt: at(time.Hour)})
		_, err = r.TokenFind([32]byte{})
		wantErr(t, err, store.ErrNotFound)
		want(t, "tokens", ids(must[[]store.Token](t)(r.TokenList()), func(t store.Token) string { return t.Name }), []string{"a", "b"})
	})
	update(t, s, func(tx store.Tx) {
		ok(t, tx.TokenDelete("b"))
		ok(t, tx.SwitchDelete("all"))
		_, err := tx.TokenFind(hash)
		wantErr(t, err, store.ErrNotFound)
		want(t, "switches", len(must[[]store.Switch](t)(tx.SwitchList())), 1)
	})
}
