package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// testEffectsApart: two nodes lease different effects, and a destination's
// share holds for each claim.
func testEffectsApart(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	var rows []store.EffectRow
	for i := range 40 {
		rows = append(rows, effect(fmt.Sprintf("e%02d", i), 1, "", 0))
	}
	update(t, a, func(tx store.Tx) { ok(t, tx.EffectAdd(rows)) })
	seen := map[string]bool{}
	var acts []*actor
	for _, s := range []store.Store{a, b, b, a} {
		act := begin(t, s)
		acts = append(acts, act)
		var got []store.EffectRow
		act.do(func(tx store.Tx) (err error) {
			got, err = tx.EffectClaim(store.EffectClaimParams{Now: T0, Lease: time.Minute, Limit: 10})
			return err
		})
		want(t, "leased", len(got), 10)
		for _, e := range got {
			if seen[e.ID] || e.Attempt != 1 {
				t.Fatalf("%s was leased at attempt %d", e.ID, e.Attempt)
			}
			seen[e.ID] = true
		}
	}
	for _, act := range acts {
		act.commit()
	}
}

// testLateOutcome: who was cut off learns that somebody else has the effect.
func testLateOutcome(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	update(t, a, func(tx store.Tx) { ok(t, tx.EffectAdd([]store.EffectRow{effect("e", 1, "", 0)})) })
	claim := func(s store.Store, now time.Time) (e store.EffectRow) {
		update(t, s, func(tx store.Tx) {
			rows := must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute}))
			if len(rows) == 1 {
				e = rows[0]
			}
		})
		return e
	}
	first := claim(a, T0)
	want(t, "leased", claim(b, at(59*time.Second)).ID, "")
	second := claim(b, at(time.Minute))
	want(t, "taken over", []any{second.ID, second.Attempt}, []any{"e", 2})
	first.State, second.State = domain.EffectDone, domain.EffectDead
	update(t, a, func(tx store.Tx) { wantErr(t, tx.EffectPut(first), store.ErrConflict) })
	update(t, b, func(tx store.Tx) { ok(t, tx.EffectPut(second)) })
	both(t, a, func(r store.Reader) {
		want(t, "what stands", must[store.EffectRow](t)(r.EffectGet("e")).State, domain.EffectDead)
	})
}

// testLineUp: the next of a conversation comes up, although it was added while
// the one before it was being removed.
func testLineUp(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	update(t, a, func(tx store.Tx) { ok(t, tx.EffectAdd([]store.EffectRow{effect("e1", 1, "line", 1)})) })
	var e store.EffectRow
	update(t, a, func(tx store.Tx) {
		e = must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: T0, Lease: time.Minute}))[0]
	})
	e.State = domain.EffectDone
	removes, adds := begin(t, a), begin(t, b)
	removes.do(func(tx store.Tx) error { return tx.EffectPut(e) })
	adds.do(func(tx store.Tx) error { return tx.EffectAdd([]store.EffectRow{effect("e2", 1, "line", 2)}) })
	removes.commit()
	adds.commit()
	update(t, b, func(tx store.Tx) {
		want(t, "next", effectIDs(must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: T0, Lease: time.Minute}))), []string{"e2"})
	})
}

// testDeadlock: two transactions that want what the other has both succeed,
// one of them in a second run.
func testDeadlock(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1, 2)
	var runs atomic.Int64
	var met sync.WaitGroup
	met.Add(2)
	var once [2]sync.Once
	write := func(i int, s store.Store, ids ...domain.CustomerID) error {
		return s.Update(context.Background(), func(tx store.Tx) error {
			runs.Add(1)
			for n, id := range ids {
				rows, err := tx.AdvocateGet([]domain.CustomerID{id})
				if err != nil {
					return err
				}
				if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: rows[0].Version + 1, At: T0}}); err != nil && !errors.Is(err, store.ErrVersion) {
					return err
				}
				if n == 0 { // each has its first one now
					once[i].Do(func() { met.Done(); met.Wait() })
				}
			}
			return nil
		})
	}
	var wg sync.WaitGroup
	errs := [2]error{}
	wg.Go(func() { errs[0] = write(0, a, 1, 2) })
	wg.Go(func() { errs[1] = write(1, b, 2, 1) })
	wg.Wait()
	ok(t, errors.Join(errs[:]...))
	if runs.Load() < 3 {
		t.Fatalf("%d runs: nobody was in anybody's way", runs.Load())
	}
}

// testOrderFacts: what two nodes learn of one order at once is laid over each
// other, whether the order was known or not.
func testOrderFacts(t *testing.T, open Nodes) {
	a, b := open(t)
	for _, known := range []bool{false, true} {
		ids := []string{fmt.Sprint("A-", known), fmt.Sprint("B-", known)}
		if known {
			update(t, a, func(tx store.Tx) { ok(t, tx.OrderPut([]domain.Order{{ID: ids[0]}, {ID: ids[1]}})) })
		}
		var wg sync.WaitGroup
		for w, s := range []store.Store{a, b, a, b} {
			wg.Go(func() {
				for range 10 {
					if err := s.Update(context.Background(), func(tx store.Tx) error {
						mine := ids
						if w >= 2 {
							mine = ids[:1] // one alone
						}
						orders, err := tx.OrderGet(mine)
						if err != nil {
							return err
						}
						for i := range orders {
							orders[i].ID = mine[i]
							orders[i].Version++
						}
						return tx.OrderPut(orders)
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		both(t, a, func(r store.Reader) {
			orders := must[[]domain.Order](t)(r.OrderGet(ids))
			want(t, "facts", []int64{orders[0].Version, orders[1].Version}, []int64{40, 20})
		})
	}
	both(t, b, func(r store.Reader) { want(t, "orders", must[store.Counts](t)(r.Counts()).Orders, int64(4)) })
}

// testNewAuthor: two nodes that meet a new author at once make one customer.
func testNewAuthor(t *testing.T, open Nodes) {
	a, b := open(t)
	key := domain.IdentityKey{Network: "n", Author: "x"}
	post := func(s store.Store, id domain.CustomerID, met *sync.WaitGroup) (who domain.CustomerID, err error) {
		var once sync.Once
		err = s.Update(context.Background(), func(tx store.Tx) error {
			found, err := tx.IdentityFind([]domain.IdentityKey{key})
			if err != nil {
				return err
			}
			once.Do(func() { met.Done(); met.Wait() }) // neither has seen the other
			if who = found[0]; who != 0 {
				return nil
			}
			who = id
			return errors.Join(tx.AdvocateInsert([]store.Advocate{{ID: id, CreatedAt: T0}}), tx.IdentitySet([]store.IdentityRow{{Key: key, Customer: id}}))
		})
		return who, err
	}
	var wg, met sync.WaitGroup
	met.Add(2)
	var who [2]domain.CustomerID
	var errs [2]error
	wg.Go(func() { who[0], errs[0] = post(a, 1, &met) })
	wg.Go(func() { who[1], errs[1] = post(b, 2, &met) })
	wg.Wait()
	ok(t, errors.Join(errs[:]...))
	want(t, "one customer", who[0], who[1])
	both(t, a, func(r store.Reader) {
		want(t, "customers", must[store.Counts](t)(r.Counts()).Customers, int64(1))
		want(t, "whose", must[[]domain.CustomerID](t)(r.IdentityFind([]domain.IdentityKey{key})), []domain.CustomerID{who[0]})
	})
}

// testLookedTwice: who looks twice, and finds something else the second time,
// does not take it away from whom the first look did not know of.
func testLookedTwice(t *testing.T, open Nodes) {
	a, b := open(t)
	key := domain.IdentityKey{Network: "n", Author: "x"}
	order := func(updates int) domain.Order {
		return domain.Order{ID: "O", Revision: int64(updates), UpdatedAt: T0.Add(time.Duration(updates) * time.Hour)}
	}
	var runs int
	ok(t, a.Update(context.Background(), func(tx store.Tx) error {
		runs++
		who, err := tx.IdentityFind([]domain.IdentityKey{key})
		if err != nil {
			return err
		}
		known, err := tx.OrderGet([]string{"O"})
		if err != nil {
			return err
		}
		if runs == 1 {
			ok(t, b.Update(context.Background(), func(tx store.Tx) error {
				return errors.Join(tx.AdvocateInsert([]store.Advocate{{ID: 2, CreatedAt: T0}}),
					tx.IdentitySet([]store.IdentityRow{{Key: key, Customer: 2}}), tx.OrderPut([]domain.Order{order(1)}))
			}))
		}
		// Somebody else in the same transaction wants them too.
		if _, err := tx.IdentityFind([]domain.IdentityKey{key}); err != nil {
			return err
		}
		if _, err := tx.OrderGet([]string{"O"}); err != nil {
			return err
		}
		if who[0] == 0 {
			err = errors.Join(tx.AdvocateInsert([]store.Advocate{{ID: 1, CreatedAt: T0}}), tx.IdentitySet([]store.IdentityRow{{Key: key, Customer: 1}}))
		}
		return errors.Join(err, tx.OrderPut([]domain.Order{order(int(known[0].Revision) + 1)}))
	}))
	both(t, b, func(r store.Reader) {
		want(t, "customers", must[store.Counts](t)(r.Counts()).Customers, int64(1))
		want(t, "whose", must[[]domain.CustomerID](t)(r.IdentityFind([]domain.IdentityKey{key})), []domain.CustomerID{2})
		want(t, "the order's revision", must[[]domain.Order](t)(r.OrderGet([]string{"O"}))[0].Revision, int64(2))
	})
	want(t, "runs", runs, 2)
}

// testReference: a reference that two customers are given at once is one's,
// and the other's node learns of it.
func testReference(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1, 2)
	give := func(tx store.Tx, id domain.CustomerID) error {
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: 1, Ref: "R", At: T0}})
	}
	first := begin(t, a)
	first.do(func(tx store.Tx) error { return give(tx, 1) })
	second := make(chan error, 1)
	go func() {
		second <- b.Update(context.Background(), func(tx store.Tx) error {
			err := give(tx, 2)
			if errors.Is(err, store.ErrConflict) { // and the transaction goes on
				return errors.Join(tx.SwitchPut(store.Switch{Scope: "refused", Mode: "x", At: T0}))
			}
			return err
		})
	}()
	first.commit()
	ok(t, <-second)
	both(t, b, func(r store.Reader) {
		want(t, "whose", must[[]domain.CustomerID](t)(r.RefFind([]string{"R"})), []domain.CustomerID{1})
		want(t, "the other", must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{2}))[0].Version, int64(0))
		want(t, "refused", len(must[[]store.Switch](t)(r.SwitchList())), 1)
	})
}

// testSeenTwice: of two nodes that are handed the same thing one takes it, and
// the other knows it once the first has.
func testSeenTwice(t *testing.T, open Nodes) {
	a, b := open(t)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for i := range 50 {
				var rows []store.SeenRow
				for n := range 10 { // in another order each time
					rows = append(rows, store.SeenRow{Key: domain.MakeKey(fmt.Sprint(i/2, "/", (n*(2*w+1)+i)%10)), Body: 1, At: T0})
				}
				fresh := int64(0)
				if err := []store.Store{a, b}[w%2].Update(context.Background(), func(tx store.Tx) error {
					fresh = 0
					results, err := tx.SeenAdd(rows)
					for _, r := range results {
						switch r {
						case store.SeenNew:
							fresh++
						case store.SeenConflict:
							return errors.New("a conflict")
						}
					}
					return err
				}); err != nil {
					t.Error(err)
				}
				taken.Add(fresh)
			}
		})
	}
	wg.Wait()
	want(t, "taken", taken.Load(), int64(250))
	first := begin(t, a)
	first.do(func(tx store.Tx) error {
		_, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey("back"), At: T0}})
		return err
	})
	second := make(chan store.SeenResult, 1)
	go func() {
		var out []store.SeenResult
		b.Update(context.Background(), func(tx store.Tx) (err error) {
			out, err = tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey("back"), At: T0}})
			return err
		})
		second <- append(out, 99)[0]
	}()
	first.rollback()
	want(t, "what was taken back is new", <-second, store.SeenNew)
}

// testVersions: nobody writes over a version that he has not seen.
func testVersions(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	var read int64
	slow := begin(t, a)
	slow.do(func(tx store.Tx) error {
		rows, err := tx.AdvocateGet([]domain.CustomerID{1})
		read = rows[0].Version
		return err
	})
	update(t, b, func(tx store.Tx) { ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: T0}})) })
	slow.do(func(tx store.Tx) error {
		if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: read + 1, At: T0}}); !errors.Is(err, store.ErrVersion) {
			return fmt.Errorf("an old version was written over: %v", err)
		}
		return nil
	})
	slow.commit()
}

// testPruneApart: nodes that prune at once remove each row once.
func testPruneApart(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) {
		for i := range 300 {
			ok(t, tx.EventAppend([]domain.Event{{Source: "s", ID: "e", Type: "x", OrderID: "A", Time: T0, Accepted: at(time.Duration(i) * time.Second)}}))
		}
	})
	var total atomic.Int64
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for idle := 0; idle < 20; {
				n := 0
				if err := []store.Store{a, b}[w%2].Update(context.Background(), func(tx store.Tx) (err error) {
					n, err = tx.Prune(at(200*time.Second), 7)
					return err
				}); err != nil {
					t.Error(err)
				}
				if total.Add(int64(n)); n == 0 {
					idle++
				}
			}
		})
	}
	wg.Wait()
	want(t, "pruned", total.Load(), int64(200))
	both(t, a, func(r store.Reader) {
		want(t, "left", must[store.Counts](t)(r.Counts()).Events, int64(100))
		want(t, "found", len(must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: orderAnchor("A")}))), 100)
	})
}

// testWaiting: a context that ends while its transaction waits for another one
// ends the wait, and the store goes on.
func testWaiting(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	holds := begin(t, a)
	holds.do(func(tx store.Tx) error { _, err := tx.AdvocateLock([]domain.CustomerID{1}); return err })
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		err := b.Update(ctx, func(tx store.Tx) error {
			return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: T0}})
		})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the wait ended with %v", err)
		}
		update(t, b, func(tx store.Tx) { ok(t, tx.SwitchPut(store.Switch{Scope: "all", Mode: "live", At: T0})) })
	}
	holds.commit()
	update(t, b, func(tx store.Tx) { ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: T0}})) })
}
