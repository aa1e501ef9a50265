package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Secret stands in every text of the customers that Fill makes; after they
// are erased no table may hold it.
const Secret = "geheimnis"

// Fill gives a customer a row of every kind, each with Secret in it.
func Fill(t testing.TB, s store.Store, c domain.CustomerID) {
	t.Helper()
	id := func(kind domain.ObjectKind) string { return domain.ObjectID(c, kind, 1) }
	ref, order := Secret+c.String(), orderOf(Secret+c.String())
	update(t, s, func(tx store.Tx) {
		ok(t, tx.AdvocateInsert([]store.Advocate{{ID: c, State: []byte(Secret), CreatedAt: T0}}))
		ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: c, Version: 1, State: []byte(Secret), NextDue: T0, Ref: ref, Search: Secret, At: at(time.Duration(c) * time.Second), Record: []byte(Secret)}}))
		ok(t, tx.IdentitySet([]store.IdentityRow{{Key: domain.IdentityKey{Network: "n", Author: ref}, Customer: c}}))
		ok(t, tx.PostPut([]store.PostRow{{Key: domain.PostKey{Network: "n", ID: ref}, Customer: c, At: T0, Revision: Secret}}))
		ok(t, tx.InboxAppend([]store.InboxRow{{Customer: c, ReadyAt: T0, Body: []byte(Secret)}}))
		ok(t, tx.OrderPut([]domain.Order{{ID: order, CustomerRef: ref, Email: Secret}}))
		ok(t, tx.EventAppend([]domain.Event{
			{Source: Secret, ID: ref, Type: "customer.updated", CustomerRef: ref, Time: T0},
			{Source: "s", ID: ref + "o", Type: "order.paid", OrderID: order, Time: T0, Data: []byte(`"` + Secret + `"`)},
			{Source: "s", ID: ref + "k", Type: "advocate.case.opened", CaseID: id(domain.KindCase), Time: T0},
			{Source: "s", ID: ref + "w", Type: "advocate.workitem.created", WorkItemID: id(domain.KindWorkItem), Time: T0},
		}))
		row := sub(c, id(domain.KindSubscription), order)
		row.Reason = Secret
		ok(t, tx.SubscriptionAdd([]store.SubscriptionRow{row}))
		ok(t, tx.CatchUpAdd([]store.CatchUpRow{{Customer: c, Subscription: row.ID, Anchor: row.Anchor}}))
		ok(t, tx.WorkItemPut([]domain.WorkItem{{ID: id(domain.KindWorkItem), Customer: c, State: domain.WorkPending, PostText: Secret, CreatedAt: T0}}))
		ok(t, tx.CasePut(c, []domain.Case{{ID: id(domain.KindCase), Phone: Secret}}))
		e := effect(id(domain.KindEffect), c, Secret, 1)
		e.Reply.Text = Secret
		ok(t, tx.EffectAdd([]store.EffectRow{e}))
		ok(t, tx.AuditAppend([]store.AuditRow{{At: T0, By: "ann", Customer: c, Detail: []byte(Secret)}}))
		d := delivery("e/"+c.String(), 0)
		d.Customer, d.Error, d.Body = c, Secret, []byte(Secret)
		ok(t, tx.DeliveryAdd([]store.DeliveryRow{d}))
		ok(t, tx.MergePut(store.MergeRow{ID: "m" + ref, From: c, To: 500, At: at(time.Duration(c) * time.Second), Body: []byte(Secret)}))
	})
}

// orderOf is the order of a reference, as it is folded.
func orderOf(ref string) string { return strings.ToUpper("O" + ref) }

// owned counts a customer's rows of each kind, as far as they can be listed.
func owned(t testing.TB, r store.Reader, c domain.CustomerID, wasRef string) map[string]int {
	who := must[[]domain.CustomerID](t)(r.IdentityFind([]domain.IdentityKey{{Network: "n", Author: wasRef}}))[0]
	post := must[[]store.PostRow](t)(r.PostFind([]domain.PostKey{{Network: "n", ID: wasRef}}))[0]
	subs := 0
	for _, row := range must[[][]store.SubscriptionRow](t)(r.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{orderAnchor(orderOf(wasRef))}}}))[0] {
		if row.Customer == c {
			subs++
		}
	}
	catchUps := 0
	for _, row := range must[[]store.CatchUpRow](t)(r.CatchUpList(0)) {
		if row.Customer == c {
			catchUps++
		}
	}
	is := map[bool]int{true: 1}
	return map[string]int{
		"identity": is[who == c], "post": is[post.Customer == c], "subscription": subs, "catch-up": catchUps,
		"inbox":    len(must[[]store.InboxRow](t)(r.InboxRead([]domain.CustomerID{c}))),
		"workitem": len(must[[]domain.WorkItem](t)(r.WorkItemList(store.WorkItemListParams{Customer: c}))),
		"case":     len(must[[]domain.Case](t)(r.CaseList(c, 0))),
		"effect":   len(must[[]store.EffectRow](t)(r.EffectList(store.EffectListParams{Customer: c}))),
		"journal":  len(must[[]store.JournalRow](t)(r.JournalRead(store.JournalReadParams{Customer: c}))),
	}
}

func testMerge(t *testing.T, open Factory) {
	s := open(t)
	Fill(t, s, 1)
	Fill(t, s, 2)
	Fill(t, s, 3)
	ref := func(c domain.CustomerID) string { return Secret + c.String() }
	update(t, s, func(tx store.Tx) {
		wantErr(t, tx.CustomerMove(1, 1), store.ErrConflict)
		wantErr(t, tx.CustomerMove(1, 9), store.ErrNotFound)
		wantErr(t, tx.CustomerSplit(1), store.ErrConflict)
		ok(t, tx.CustomerMove(1, 2))
		wantErr(t, tx.CustomerMove(1, 3), store.ErrConflict)
		wantErr(t, tx.CustomerMove(3, 1), store.ErrConflict)
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 2}}), store.ErrVersion)
		ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 2, Version: 2, Ref: ref(1), Search: Secret, At: at(time.Minute), Record: []byte("merged")}})) // its reference is free
	})
	both(t, s, func(r store.Reader) {
		want(t, "redirect", must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{1}))[0], store.Advocate{ID: 1, Version: 1, Redirect: 2, CreatedAt: T0})
		want(t, "nothing left", owned(t, r, 1, ref(1)), map[string]int{"identity": 0, "post": 0, "subscription": 0, "catch-up": 0, "inbox": 0, "workitem": 0, "case": 0, "effect": 0, "journal": 0})
		want(t, "everything there", owned(t, r, 2, ref(1)), map[string]int{"identity": 1, "post": 1, "subscription": 1, "catch-up": 2, "inbox": 2, "workitem": 2, "case": 2, "effect": 2, "journal": 3})
		want(t, "work item's owner", must[domain.WorkItem](t)(r.WorkItemGet(domain.ObjectID(1, domain.KindWorkItem, 1))).Customer, domain.CustomerID(2))
		inbox := must[[]store.InboxRow](t)(r.InboxRead([]domain.CustomerID{2}))
		if inbox[0].Seq >= inbox[1].Seq {
			t.Fatal("pending inputs are not in order of arrival")
		}
		want(t, "list", len(must[[]store.Advocate](t)(r.AdvocateList(store.AdvocateListParams{}))), 2)
		want(t, "search", len(must[[]store.Advocate](t)(r.AdvocateList(store.AdvocateListParams{Query: Secret}))), 2)
		want(t, "customers", must[store.Counts](t)(r.Counts()).Customers, int64(2))
		want(t, "merges", ids(must[[]store.MergeRow](t)(r.MergeList(500)), func(m store.MergeRow) string { return m.ID }), []string{"m" + ref(3), "m" + ref(2), "m" + ref(1)})
	})
	update(t, s, func(tx store.Tx) { // a chain of merges, and its journal in order of time
		want(t, "not due", must[[]domain.CustomerID](t)(tx.DueClaim(T0, 0)), []domain.CustomerID{3})
		ok(t, tx.CustomerMove(2, 3))
		journal := must[[]store.JournalRow](t)(tx.JournalRead(store.JournalReadParams{Customer: 3}))
		var who []domain.CustomerID
		for _, j := range journal {
			who = append(who, j.Customer)
		}
		want(t, "merged journal", who, []domain.CustomerID{2, 3, 2, 1})
		rest := must[[]store.JournalRow](t)(tx.JournalRead(store.JournalReadParams{Customer: 3, BeforeSeq: journal[1].Seq}))
		want(t, "its second page", len(rest), 2)
		ok(t, tx.CustomerSplit(2)) // and 1 goes with it
		want(t, "journal of 3", len(must[[]store.JournalRow](t)(tx.JournalRead(store.JournalReadParams{Customer: 3}))), 1)
		want(t, "journal of 2", len(must[[]store.JournalRow](t)(tx.JournalRead(store.JournalReadParams{Customer: 2}))), 3)
		ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 2, Version: 3, State: []byte("alone")}}))
		ok(t, tx.MergeDelete("m"+ref(1)))
	})
	both(t, s, func(r store.Reader) {
		want(t, "customers", must[store.Counts](t)(r.Counts()).Customers, int64(2))
		want(t, "merges left", len(must[[]store.MergeRow](t)(r.MergeList(1))), 0)
	})
}

// testJournalPart parts one customer's records with another: what goes leaves
// no gap, what comes is the newest, and both go on from there.
func testJournalPart(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2, 3, 4)
	write := func(tx store.Tx, c domain.CustomerID, version int64) {
		ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: c, Version: version, At: at(time.Duration(version) * time.Second), Record: fmt.Appendf(nil, "%d of %d", version, c)}}))
	}
	update(t, s, func(tx store.Tx) {
		for v := int64(1); v <= 2; v++ {
			write(tx, 2, v)
			write(tx, 3, v)
		}
		ok(t, tx.CustomerMove(3, 1)) // its records are not 1's own
		for v := int64(1); v <= 9; v++ {
			write(tx, 1, v)
		}
	})
	read := func(r store.Reader, c domain.CustomerID) (out []string) {
		var before int64
		for {
			page := must[[]store.JournalRow](t)(r.JournalRead(store.JournalReadParams{Customer: c, BeforeSeq: before, Limit: 2}))
			for _, row := range page {
				out = append(out, fmt.Sprintf("%d %d %s", row.Customer, row.Version, row.Record))
				want(t, "time", row.At, at(time.Duration(row.Version)*time.Second))
				before = row.Seq
			}
			if len(page) < 2 {
				return out
			}
		}
	}
	part := func(tx store.Tx, from, to domain.CustomerID, whole, split []int64) {
		p := store.JournalPartParams{From: from, To: to}
		for _, row := range must[[]store.JournalRow](t)(tx.JournalRead(store.JournalReadParams{Customer: from})) {
			switch {
			case row.Customer != from:
			case slices.Contains(whole, row.Version):
				p.Rows = append(p.Rows, store.JournalPart{JournalRow: row, Goes: row.Record})
			case slices.Contains(split, row.Version):
				p.Rows = append(p.Rows, store.JournalPart{JournalRow: row, Stays: []byte("left"), Goes: []byte("gone")})
			}
		}
		slices.Reverse(p.Rows)
		ok(t, tx.JournalPart(p))
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.JournalPart(store.JournalPartParams{From: 1, To: 2}))
		part(tx, 1, 2, []int64{3, 5, 6, 9}, []int64{2, 7})
		write(tx, 1, 10)
	})
	both(t, s, func(r store.Reader) {
		want(t, "what stays", read(r, 1), []string{"1 10 10 of 1", "1 8 8 of 1", "1 7 left", "1 4 4 of 1", "1 2 left", "3 2 2 of 3", "1 1 1 of 1", "3 1 1 of 3"})
		want(t, "what goes", read(r, 2), []string{"2 9 9 of 1", "2 7 gone", "2 6 6 of 1", "2 5 5 of 1", "2 3 3 of 1", "2 2 gone", "2 2 2 of 2", "2 1 1 of 2"})
	})
	update(t, s, func(tx store.Tx) { // the newest, and back again
		part(tx, 1, 2, []int64{10}, nil)
		part(tx, 2, 1, []int64{10}, nil)
		ok(t, tx.CustomerErase(2, T0))
		want(t, "of the erased", len(read(tx, 2)), 0)
	})
	both(t, s, func(r store.Reader) { want(t, "back again", read(r, 1)[:2], []string{"1 10 10 of 1", "1 8 8 of 1"}) })
	update(t, s, func(tx store.Tx) {
		part(tx, 1, 4, []int64{1, 2, 4, 7, 8, 10}, nil)
		write(tx, 1, 11)
	})
	both(t, s, func(r store.Reader) {
		want(t, "what began anew", read(r, 1), []string{"1 11 11 of 1", "3 2 2 of 3", "3 1 1 of 3"})
		want(t, "all that one had", len(read(r, 4)), 6)
	})
}

func testErase(t *testing.T, open Factory) {
	s := open(t)
	for c := domain.CustomerID(1); c <= 4; c++ {
		Fill(t, s, c)
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.CustomerMove(1, 2))
		ok(t, tx.CustomerMove(2, 3))
		wantErr(t, tx.CustomerErase(1, T0), store.ErrConflict)
		wantErr(t, tx.CustomerErase(99, T0), store.ErrNotFound)
		ok(t, tx.CustomerErase(3, T0))
		ok(t, tx.CustomerErase(3, T0))
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 3, Version: 2}}), store.ErrVersion)
		wantErr(t, tx.CustomerMove(4, 3), store.ErrConflict)
		wantErr(t, tx.AdvocateInsert([]store.Advocate{{ID: 3}}), store.ErrConflict)
	})
	both(t, s, func(r store.Reader) {
		for c := domain.CustomerID(1); c <= 3; c++ {
			want(t, "tombstone", must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{c}))[0], store.Advocate{ID: c, Version: 1, Erased: true, CreatedAt: T0})
		}
		want(t, "tombstones", len(must[[]store.Advocate](t)(r.AdvocateList(store.AdvocateListParams{Erased: true}))), 3)
		want(t, "the living", len(must[[]store.Advocate](t)(r.AdvocateList(store.AdvocateListParams{}))), 1)
		for c := domain.CustomerID(1); c <= 3; c++ {
			want(t, "orders", must[[]domain.Order](t)(r.OrderGet([]string{orderOf(Secret + c.String())}))[0].ID, "")
		}
		want(t, "the other customer", owned(t, r, 4, Secret+domain.CustomerID(4).String()),
			map[string]int{"identity": 1, "post": 1, "subscription": 1, "catch-up": 1, "inbox": 1, "workitem": 1, "case": 1, "effect": 1, "journal": 1})
		want(t, "their events", len(must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: domain.Anchor{Attr: domain.AnchorCustomer, Value: Secret + domain.CustomerID(4).String()}}))), 1)
		c := must[store.Counts](t)(r.Counts())
		want(t, "counts", []int64{c.Customers, c.Posts, c.Subscriptions, c.Inbox, c.Orders, c.Events}, []int64{1, 1, 1, 1, 1, 4})
	})
}

func testPrune(t *testing.T, open Factory) {
	s := open(t)
	day := 24 * time.Hour
	var last int64
	update(t, s, func(tx store.Tx) {
		for i := range 40 {
			when := at(time.Duration(i) * day)
			e := []domain.Event{{Source: "s", ID: "e", Type: "x", OrderID: "A", Time: T0, Accepted: when}}
			ok(t, tx.EventAppend(e))
			last = e[0].Seq
			ok(t, tx.PostPut([]store.PostRow{{Key: domain.PostKey{Network: "n", ID: when.String()}, At: when}}))
			ok(t, tx.AttemptAdd([]domain.Attempt{{Order: "A"}}, when))
			ok(t, tx.WorkItemPut([]domain.WorkItem{
				{ID: "c" + when.String(), State: domain.WorkCompleted, UpdatedAt: when}, {ID: "o" + when.String(), State: domain.WorkPending, UpdatedAt: when},
			}))
		}
	})
	key := domain.MakeKey("old")
	update(t, s, func(tx store.Tx) { _, err := tx.SeenAdd([]store.SeenRow{{Key: key, At: T0}}); ok(t, err) })
	update(t, s, func(tx store.Tx) {
		_, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey("new"), At: at(20 * day)}})
		ok(t, err)
	})
	total := 0
	for {
		n := 0
		update(t, s, func(tx store.Tx) { n = must[int](t)(tx.Prune(at(10*day), 7)) })
		if total += n; n == 0 {
			break
		}
		if n > 7 {
			t.Fatalf("pruned %d, limit is 7", n)
		}
	}
	want(t, "pruned", total, 41)
	both(t, s, func(r store.Reader) {
		c := must[store.Counts](t)(r.Counts())
		want(t, "left", []int64{c.Events, c.Posts, c.WorkItemsOpen}, []int64{30, 30, 40})
		want(t, "found", len(must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: orderAnchor("A")}))), 30)
		want(t, "attempts", must[domain.AttemptCounts](t)(r.AttemptCount("A", "", T0)).Order, 30)
		want(t, "closed items", len(must[[]domain.WorkItem](t)(r.WorkItemList(store.WorkItemListParams{State: domain.WorkCompleted}))), 30)
	})
	update(t, s, func(tx store.Tx) {
		want(t, "keys", must[[]store.SeenResult](t)(tx.SeenAdd([]store.SeenRow{{Key: key, At: T0}, {Key: domain.MakeKey("new"), At: T0}})), []store.SeenResult{store.SeenNew, store.SeenSame})
		must[int](t)(tx.Prune(at(100*day), 0))
		e := []domain.Event{{Source: "s", ID: "e", Type: "x", Time: T0}}
		ok(t, tx.EventAppend(e))
		if e[0].Seq <= last {
			t.Fatalf("number %d was given before", e[0].Seq)
		}
	})
}
