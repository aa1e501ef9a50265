package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Nodes opens an empty database twice, as two processes would, and closes both
// with the test.
type Nodes func(t testing.TB) (a, b store.Store)

// RunConcurrent runs the cases of stores that are not Serial: transactions
// beside each other, on one node and on two.
func RunConcurrent(t *testing.T, open Nodes) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Nodes)
	}{
		{"Locks", testLocks}, {"WakeUp", testWakeUp}, {"ClaimsApart", testClaimsApart}, {"DueApart", testDueApart}, {"EachInputOnce", testEachInputOnce},
		{"EffectsApart", testEffectsApart}, {"LateOutcome", testLateOutcome}, {"LineUp", testLineUp}, {"Deadlock", testDeadlock}, {"OrderFacts", testOrderFacts},
		{"NewAuthor", testNewAuthor}, {"LookedTwice", testLookedTwice}, {"Reference", testReference}, {"SeenTwice", testSeenTwice}, {"Versions", testVersions},
		{"Tail", testTail}, {"EventMeetsSubscription", testEventMeetsSubscription}, {"FanoutApart", testFanoutApart}, {"FanoutMeetsCatchUp", testFanoutMeetsCatchUp}, {"EachEventOnce", testEachEventOnce},
		{"PruneApart", testPruneApart}, {"Waiting", testWaiting}, {"AttemptsCounted", testAttemptsCounted}, {"NodeGone", testNodeGone},
		{"DocumentsApart", testDocumentsApart}, {"DocumentConflict", testDocumentConflict}, {"KeyRace", testKeyRace}, {"PrunedApart", testPrunedApart}, {"DeliveriesApart", testDeliveriesApart},
	} {
		t.Run(part.name, func(t *testing.T) { t.Parallel(); part.run(t, open) })
	}
}

// actor is a transaction that is carried out step by step.
type actor struct {
	t      testing.TB
	steps  chan func(store.Tx) error
	said   chan error
	ended  chan error
	closed bool
}

func begin(t testing.TB, s store.Store) *actor {
	t.Helper()
	a := &actor{t: t, steps: make(chan func(store.Tx) error), said: make(chan error, 1), ended: make(chan error, 1)}
	go func() {
		a.ended <- s.Update(context.Background(), func(tx store.Tx) error {
			for f := range a.steps {
				err := f(tx)
				a.said <- err
				if err != nil {
					return err
				}
			}
			return nil
		})
	}()
	t.Cleanup(func() { // a test that failed half-way
		if !a.closed {
			close(a.steps)
			<-a.ended
		}
	})
	return a
}

// start has the transaction do something; wait returns when it is done.
func (a *actor) start(f func(store.Tx) error) { a.steps <- f }

func (a *actor) wait() {
	a.t.Helper()
	if err := <-a.said; err != nil {
		a.t.Fatal(err)
	}
}

func (a *actor) do(f func(store.Tx) error) {
	a.t.Helper()
	a.start(f)
	a.wait()
}

func (a *actor) commit() {
	a.t.Helper()
	a.closed = true
	close(a.steps)
	if err := <-a.ended; err != nil {
		a.t.Fatal(err)
	}
}

var errBack = errors.New("taken back")

func (a *actor) rollback() {
	a.t.Helper()
	a.closed = true
	a.steps <- func(store.Tx) error { return errBack }
	<-a.said
	if err := <-a.ended; !errors.Is(err, errBack) {
		a.t.Fatal(err)
	}
}

// until repeats something until it holds. What it repeats asks the store, so
// it takes its time.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not in 20 s", what)
		}
	}
}

func locked(rows []store.Advocate) (out []domain.CustomerID) {
	for _, a := range rows {
		out = append(out, a.ID)
	}
	return out
}

// testLocks: a lock is waited for by nobody, and is free once its transaction
// has ended, however it ends.
func testLocks(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1, 2, 3, 4)
	for _, end := range []func(*actor){(*actor).commit, (*actor).rollback} {
		first := begin(t, a)
		first.do(func(tx store.Tx) error { _, err := tx.AdvocateLock([]domain.CustomerID{3, 1}); return err })
		for _, s := range []store.Store{a, b} {
			update(t, s, func(tx store.Tx) {
				rows := must[[]store.Advocate](t)(tx.AdvocateLock([]domain.CustomerID{1, 2, 3, 4, 9}))
				want(t, "locked", locked(rows), []domain.CustomerID{0, 2, 0, 4, 0})
				want(t, "taken", []bool{rows[0].Taken, rows[1].Taken, rows[2].Taken, rows[4].Taken}, []bool{true, false, true, false})
				want(t, "reads do not mind", must[[]store.Advocate](t)(tx.AdvocateGet([]domain.CustomerID{1}))[0].ID, domain.CustomerID(1))
			})
		}
		end(first)
		update(t, b, func(tx store.Tx) {
			want(t, "free again", locked(must[[]store.Advocate](t)(tx.AdvocateLock([]domain.CustomerID{1, 3}))), []domain.CustomerID{1, 3})
		})
	}
}

// testWakeUp: what is left for an advocate while another transaction decides
// is not overlooked by both.
func testWakeUp(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	decides := begin(t, a)
	decides.do(func(tx store.Tx) error {
		rows, err := tx.AdvocateLock([]domain.CustomerID{1})
		if err == nil && rows[0].Pending {
			err = errors.New("pending too early")
		}
		return err
	})
	update(t, b, func(tx store.Tx) {
		want(t, "taken", must[[]store.Advocate](t)(tx.AdvocateLock([]domain.CustomerID{1}))[0].Taken, true)
		ok(t, tx.InboxAppend([]store.InboxRow{{Customer: 1, ReadyAt: T0}}))
	})
	update(t, b, func(tx store.Tx) {
		want(t, "passed over", must[[]domain.CustomerID](t)(tx.InboxClaim(T0, 0)), []domain.CustomerID(nil))
	})
	decides.do(func(tx store.Tx) error {
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: T0, Record: []byte("x")}})
	})
	decides.commit()
	for _, s := range []store.Store{a, b} {
		update(t, s, func(tx store.Tx) {
			want(t, "claimed", must[[]domain.CustomerID](t)(tx.InboxClaim(T0, 0)), []domain.CustomerID{1})
			want(t, "pending", must[[]store.Advocate](t)(tx.AdvocateLock([]domain.CustomerID{1}))[0].Pending, true)
		})
	}
}

// testClaimsApart: two nodes that claim beside each other get different
// customers, and both get as many as they want.
func testClaimsApart(t *testing.T, open Nodes) {
	a, b := open(t)
	var rows []store.InboxRow
	for i := range domain.CustomerID(60) {
		people(t, a, 1+i)
		rows = append(rows, store.InboxRow{Customer: 1 + i, ReadyAt: at(time.Duration(i) * time.Second)}, store.InboxRow{Customer: 1 + i, ReadyAt: at(time.Hour)})
	}
	update(t, a, func(tx store.Tx) { ok(t, tx.InboxAppend(rows)) })
	claimsApart(t, []store.Store{a, b, a, b}, 60, func(tx store.Tx) ([]domain.CustomerID, error) { return tx.InboxClaim(at(2*time.Hour), 15) })
}

func testDueApart(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) {
		for i := range domain.CustomerID(60) {
			ok(t, tx.AdvocateInsert([]store.Advocate{{ID: 1 + i, NextDue: at(time.Duration(i) * time.Second), CreatedAt: T0}}))
			if i%5 == 0 { // some are put off, and may stand in the queue too early
				ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1 + i, Version: 1, NextDue: at(time.Hour), At: T0}}))
			}
		}
	})
	claimsApart(t, []store.Store{a, b, a, b}, 48, func(tx store.Tx) ([]domain.CustomerID, error) { return tx.DueClaim(at(time.Minute), 12) })
	update(t, b, func(tx store.Tx) {
		want(t, "all in the end", len(must[[]domain.CustomerID](t)(tx.DueClaim(at(time.Hour), 0))), 60)
	})
}

func claimsApart(t *testing.T, nodes []store.Store, all int, claim func(store.Tx) ([]domain.CustomerID, error)) {
	seen := map[domain.CustomerID]bool{}
	var open []*actor
	for _, s := range nodes {
		act := begin(t, s)
		open = append(open, act)
		var got []domain.CustomerID
		act.do(func(tx store.Tx) (err error) {
			if got, err = claim(tx); err != nil {
				return err
			}
			rows, err := tx.AdvocateLock(got)
			for _, a := range rows {
				if a.ID == 0 {
					err = fmt.Errorf("%d was claimed and is taken", len(rows))
				}
			}
			return err
		})
		want(t, "claimed", len(got), all/len(nodes))
		for _, id := range got {
			if seen[id] {
				t.Fatalf("%v was claimed twice", id)
			}
			seen[id] = true
		}
	}
	last := begin(t, nodes[0])
	last.do(func(tx store.Tx) error {
		got, err := claim(tx)
		if len(got) > 0 {
			err = fmt.Errorf("%v are left", got)
		}
		return err
	})
	for _, act := range append(open, last) {
		act.commit()
	}
}

// testEachInputOnce: many workers on two nodes take every input exactly once,
// while inputs come in.
func testEachInputOnce(t *testing.T, open Nodes) {
	a, b := open(t)
	nodes := []store.Store{a, b}
	const customers, inputs = 20, 400
	for i := range domain.CustomerID(customers) {
		people(t, a, 1+i)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range inputs / 4 {
				row := store.InboxRow{Customer: domain.CustomerID(1 + (i*7+w)%customers), ReadyAt: T0, Body: []byte(fmt.Sprint(w, "/", i))}
				if err := nodes[w%2].Update(context.Background(), func(tx store.Tx) error { return tx.InboxAppend([]store.InboxRow{row}) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var mu sync.Mutex
	taken := map[string]int{}
	for w := range 6 {
		wg.Go(func() {
			deadline := time.Now().Add(20 * time.Second)
			for time.Now().Before(deadline) {
				mu.Lock()
				done := len(taken) == inputs
				mu.Unlock()
				if done {
					return
				}
				got, err := takeInputs(nodes[w%2])
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for _, body := range got {
					taken[body]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for body, n := range taken {
		if n != 1 {
			t.Errorf("%s was taken %d times", body, n)
		}
	}
	want(t, "taken", len(taken), inputs)
	both(t, a, func(r store.Reader) {
		want(t, "left", must[int](t)(r.InboxSize()), 0)
		total := int64(0)
		for i := range domain.CustomerID(customers) {
			rows := must[[]store.JournalRow](t)(r.JournalRead(store.JournalReadParams{Customer: 1 + i}))
			version := must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{1 + i}))[0].Version
			want(t, "a record a version", int64(len(rows)), version)
			total += version
		}
		if total == 0 {
			t.Fatal("nothing was decided")
		}
	})
}

// takeInputs claims some customers and decides for each, as an engine does.
func takeInputs(s store.Store) (taken []string, err error) {
	err = s.Update(context.Background(), func(tx store.Tx) error {
		taken = nil
		ids, err := tx.InboxClaim(T0, 5)
		if err != nil {
			return err
		}
		slices.Sort(ids)
		held, err := tx.AdvocateLock(ids)
		if err != nil {
			return err
		}
		for _, a := range held {
			if a.ID == 0 || !a.Pending {
				continue
			}
			rows, err := tx.InboxRead([]domain.CustomerID{a.ID})
			if err != nil {
				return err
			}
			keys := make([]store.InboxKey, len(rows))
			for i, row := range rows {
				keys[i] = store.InboxKey{Customer: row.Customer, Seq: row.Seq}
				taken = append(taken, string(row.Body))
			}
			if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: a.ID, Version: a.Version + 1, At: at(time.Duration(a.Version) * time.Second), Record: []byte("x")}}); err != nil {
				return err
			}
			if err := tx.InboxDelete(keys); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, err
}
