// Package storetest is the one conformance suite for stores. A driver runs it
// with a factory; a bug found in one driver becomes a case for all.
package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Factory opens an empty store of the test's own and closes it with the test.
type Factory func(t testing.TB) store.Store

// Run runs the whole suite.
func Run(t *testing.T, open Factory) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Factory)
	}{
		{"Transaction", testTransaction}, {"Advocate", testAdvocate}, {"Due", testDue}, {"Journal", testJournal}, {"Seen", testSeen},
		{"Inbox", testInbox}, {"Post", testPost}, {"Order", testOrder}, {"Event", testEvent}, {"Subscription", testSubscription},
		{"Notice", testNotice}, {"WorkItem", testWorkItem}, {"Effect", testEffect}, {"Born", testBorn}, {"Most", testMost}, {"Line", testLine}, {"Ops", testOps},
		{"Merge", testMerge}, {"JournalPart", testJournalPart}, {"Erase", testErase}, {"Prune", testPrune}, {"Concurrency", testConcurrency},
		{"Document", testDocument}, {"DocumentKeys", testDocumentKeys}, {"DocumentList", testDocumentList}, {"DocumentPrune", testDocumentPrune},
		{"Audit", testAudit}, {"Delivery", testDelivery}, {"DeliveryShare", testDeliveryShare}, {"ErasedTraces", testErasedTraces}, {"Held", testHeld},
	} {
		t.Run(part.name, func(t *testing.T) { t.Parallel(); part.run(t, open) })
	}
}

// T0 is the suite's time; it has microseconds.
var T0 = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func at(d time.Duration) time.Time { return T0.Add(d) }

func update(t testing.TB, s store.Store, fn func(store.Tx)) {
	t.Helper()
	if err := s.Update(context.Background(), func(tx store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// both checks what a reader says, in a View and inside an Update.
func both(t testing.TB, s store.Store, fn func(store.Reader)) {
	t.Helper()
	if !s.Serial() {
		settle(t, s)
	}
	if err := s.View(context.Background(), func(r store.Reader) error { fn(r); return nil }); err != nil {
		t.Fatalf("View: %v", err)
	}
	update(t, s, func(tx store.Tx) { fn(tx) })
}

// settle waits until a View sees all that was committed: where transactions run
// beside each other, what belongs behind one under way is seen when that has
// ended, and others of the same server may have some. A row of nobody's, which
// is gone again afterwards, is the last of it.
func settle(t testing.TB, s store.Store) {
	t.Helper()
	last := []store.CatchUpRow{{Customer: 1 << 60, Subscription: "settle", Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: "settle"}, To: "settle", Since: T0, Upto: 1}}
	update(t, s, func(tx store.Tx) { ok(t, tx.CatchUpAdd(last)) })
	for deadline := time.Now().Add(20 * time.Second); ; {
		seen := false
		ok(t, s.View(context.Background(), func(r store.Reader) error {
			rows, err := r.CatchUpList(0)
			seen = slices.ContainsFunc(rows, func(c store.CatchUpRow) bool { return c.Customer == last[0].Customer })
			return err
		}))
		if seen {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what was committed cannot be seen after 20 s")
		}
	}
	update(t, s, func(tx store.Tx) { ok(t, tx.CatchUpDelete(last)) })
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must returns a call's value and fails on its error.
func must[V any](t testing.TB) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		ok(t, err)
		return v
	}
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func people(t testing.TB, s store.Store, ids ...domain.CustomerID) {
	t.Helper()
	update(t, s, func(tx store.Tx) {
		for _, id := range ids {
			ok(t, tx.AdvocateInsert([]store.Advocate{{ID: id, State: []byte("new"), CreatedAt: T0}}))
		}
	})
}

func ids[T any](rows []T, id func(T) string) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, id(r))
	}
	return out
}
