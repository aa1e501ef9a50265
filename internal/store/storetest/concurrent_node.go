package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// testAttemptsCounted: of many who guess at once, on two nodes, no more guess
// than may.
func testAttemptsCounted(t *testing.T, open Nodes) {
	a, b := open(t)
	const most, all = 5, 24
	guessed := make([]bool, all)
	var wg sync.WaitGroup
	for i := range all {
		s := []store.Store{a, b}[i%2]
		// Each about two orders, one of which all share, named in either order.
		orders := []string{"A-1", fmt.Sprint("B-", i%3)}
		if i%4 < 2 {
			slices.Reverse(orders)
		}
		wg.Go(func() {
			err := s.Update(context.Background(), func(tx store.Tx) error {
				guessed[i] = false
				if err := tx.AttemptLock(orders, []string{"n"}); err != nil {
					return err
				}
				c, err := tx.AttemptCount("A-1", "n", T0)
				if err != nil || c.Order >= most {
					return err
				}
				guessed[i] = true
				return tx.AttemptAdd([]domain.Attempt{{Order: "A-1", Network: "n"}}, T0)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, g := range guessed {
		if g {
			n++
		}
	}
	want(t, "guesses", n, most)
	// Who guesses at something else, on another network, waits for nobody.
	first, second := begin(t, a), begin(t, b)
	first.do(func(tx store.Tx) error { return tx.AttemptLock([]string{"A-1"}, []string{"n"}) })
	second.do(func(tx store.Tx) error { return tx.AttemptLock([]string{"A-2"}, []string{"m"}) })
	second.commit()
	first.commit()
}

// testNodeGone: what was claimed under a lease is free once that has ended and
// was reaped, and not before; what others claimed stays theirs.
func testNodeGone(t *testing.T, open Nodes) {
	a, b := open(t)
	leaser, shared := a.(store.Leaser)
	if !shared {
		t.Skip("this store knows no leases")
	}
	ctx := context.Background()
	people(t, a, 1)
	update(t, a, func(tx store.Tx) {
		ok(t, tx.EffectAdd([]store.EffectRow{effect("e1", 1, "", 0), effect("e2", 1, "", 0), effect("e3", 1, "", 0), effect("e4", 1, "line", 1), effect("e5", 1, "line", 2)}))
	})
	now := must[time.Time](t)(a.(store.Clock).Now(ctx))
	claim := func(s store.Store, under string, limit int) (out []store.EffectRow) {
		update(t, s, func(tx store.Tx) {
			out = must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: must[time.Time](t)(a.(store.Clock).Now(ctx)), Lease: time.Hour, Limit: limit, Under: under}))
		})
		return out
	}
	take := func(name string, d time.Duration) store.Lease {
		l, mine, err := leaser.LeaseTake(ctx, name, name, d)
		if err != nil || !mine {
			t.Fatal(mine, err)
		}
		return l
	}
	gone, stays := take("node a", time.Hour), take("node b", time.Hour)
	take("other c", time.Nanosecond)
	mine := claim(a, "node a", 2)
	want(t, "claimed", effectIDs(mine), []string{"e1", "e2"})
	want(t, "claimed by the other", effectIDs(claim(b, "node b", 2)), []string{"e3", "e4"})
	back := mine[1] // put back and claimed by the other node: no longer the first one's
	back.State, back.NotBefore = domain.EffectPending, now
	update(t, a, func(tx store.Tx) { ok(t, tx.EffectPut(back)) })
	want(t, "put back", effectIDs(claim(b, "node b", 1)), []string{"e2"})
	want(t, "ended", must[[]store.Lease](t)(leaser.LeaseEnded(ctx, "node ")), []store.Lease(nil))
	_, err := leaser.LeaseReap(ctx, gone)
	wantErr(t, err, store.ErrConflict) // it lives
	ok(t, leaser.LeaseDrop(ctx, gone))
	ended := must[[]store.Lease](t)(leaser.LeaseEnded(ctx, "node "))
	if len(ended) != 1 || ended[0].Name != "node a" || ended[0].Fence != gone.Fence {
		t.Fatalf("ended: %+v", ended)
	}
	want(t, "ended and not reaped", effectIDs(claim(b, "node b", 9)), []string{})
	want(t, "reaped", must[int](t)(b.(store.Leaser).LeaseReap(ctx, ended[0])), 1)
	_, err = leaser.LeaseReap(ctx, ended[0])
	wantErr(t, err, store.ErrConflict) // by the other one, a moment ago
	again := claim(b, "node b", 9)
	want(t, "what it was sending", effectIDs(again), []string{"e1"})
	late := mine[0]
	late.State = domain.EffectDone
	update(t, a, func(tx store.Tx) { wantErr(t, tx.EffectPut(late), store.ErrConflict) })
	// A lease that is prolonged after it was seen to have ended is not reaped.
	ok(t, leaser.LeaseDrop(ctx, stays))
	ended = must[[]store.Lease](t)(leaser.LeaseEnded(ctx, "node "))
	take("node b", time.Hour)
	_, err = leaser.LeaseReap(ctx, ended[0])
	wantErr(t, err, store.ErrConflict)
	want(t, "of the one who lives", effectIDs(claim(a, "", 9)), []string{})
}
