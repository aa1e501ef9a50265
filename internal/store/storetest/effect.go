package storetest

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func effect(id string, c domain.CustomerID, conversation string, ordinal int64) store.EffectRow {
	return store.EffectRow{Effect: domain.Effect{
		ID: id, Customer: c, Kind: domain.EffectReply, Destination: "network:a", Conversation: conversation, Ordinal: ordinal, NotBefore: T0, MaxAttempts: 3,
		Reply: &domain.Reply{To: domain.IdentityKey{Network: "a", Author: "x"}, Text: "hé <b> 人"},
	}, CreatedAt: T0, UpdatedAt: T0}
}

func effectIDs(rows []store.EffectRow) []string {
	return ids(rows, func(e store.EffectRow) string { return e.ID })
}

func testEffect(t *testing.T, open Factory) {
	s := open(t)
	claim := func(now time.Time, limit int, busy ...string) (out []store.EffectRow) {
		update(t, s, func(tx store.Tx) {
			out = must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute, Limit: limit, Busy: busy}))
		})
		return out
	}
	put := func(e store.EffectRow, state domain.EffectState) (err error) {
		e.State = state
		update(t, s, func(tx store.Tx) { err = tx.EffectPut(e) })
		return err
	}
	held := effect("h1", 2, "held", 1)
	held.State = domain.EffectHeld
	held.Attempt, held.PutBacks, held.Released, held.Dead, held.LastError = 3, 2, true, true, "away" // as one that was taken out and comes back
	later := effect("l1", 2, "", 0)
	later.NotBefore = at(time.Hour)
	other := effect("o1", 2, "", 0)
	other.Destination = "component:x"
	update(t, s, func(tx store.Tx) {
		// Added out of order: the ordinal counts, then the id.
		ok(t, tx.EffectAdd([]store.EffectRow{effect("c3", 1, "conv", 2), effect("c2", 1, "conv", 1), held, effect("h2", 2, "held", 2), later, other, effect("z9", 3, "", 0)}))
		ok(t, tx.EffectAdd([]store.EffectRow{effect("c1", 1, "conv", 1)}))
		wantErr(t, tx.EffectAdd([]store.EffectRow{effect("new", 1, "", 0), effect("c1", 1, "", 0)}), store.ErrConflict)
		if tx.EffectAdd([]store.EffectRow{{}}) == nil {
			t.Fatal("an effect without an id was kept")
		}
		_, err := tx.EffectGet("new")
		wantErr(t, err, store.ErrNotFound)
	})
	both(t, s, func(r store.Reader) {
		e := effect("c2", 1, "conv", 1)
		e.State = domain.EffectPending
		want(t, "row", must[store.EffectRow](t)(r.EffectGet("c2")), e)
		want(t, "row that comes back", must[store.EffectRow](t)(r.EffectGet("h1")), held)
		list := func(p store.EffectListParams) []string { return effectIDs(must[[]store.EffectRow](t)(r.EffectList(p))) }
		want(t, "list", list(store.EffectListParams{}), []string{"c1", "c2", "c3", "h1", "h2", "l1", "o1", "z9"})
		want(t, "page", list(store.EffectListParams{After: "c2", Limit: 2}), []string{"c3", "h1"})
		want(t, "held", list(store.EffectListParams{State: domain.EffectHeld}), []string{"h1"})
		want(t, "of one", list(store.EffectListParams{Customer: 2}), []string{"h1", "h2", "l1", "o1"})
		want(t, "of one, pending", list(store.EffectListParams{Customer: 2, State: domain.EffectPending, After: "h2"}), []string{"l1", "o1"})
	})
	want(t, "not yet", effectIDs(claim(at(-time.Second), 0)), []string{})
	want(t, "busy", effectIDs(claim(T0, 0, "network:a", "component:x")), []string{})
	want(t, "limit", effectIDs(claim(T0, 1, "network:a")), []string{"o1"})
	got := claim(T0, 0)
	want(t, "first of each", effectIDs(got), []string{"c1", "z9"})
	c1 := got[0]
	full := effect("c1", 1, "conv", 1)
	full.State, full.Attempt, full.Lease = domain.EffectSending, 1, at(time.Minute)
	want(t, "claimed", c1, full)
	want(t, "leased", effectIDs(claim(at(time.Second), 0)), []string{})

	again := claim(at(time.Minute), 1, "component:x") // the lease is over
	want(t, "expired", []any{again[0].ID, again[0].Attempt}, []any{"c1", 2})
	wantErr(t, put(c1, domain.EffectDone), store.ErrConflict) // a late outcome
	c1 = again[0]
	c1.LastError, c1.NotBefore, c1.UpdatedAt, c1.Customer = "timeout", at(2*time.Minute), at(time.Minute), 77
	c1.Released, c1.Dead, c1.PutBacks = true, true, 3
	ok(t, put(c1, domain.EffectPending)) // try again later; it stays first
	both(t, s, func(r store.Reader) {
		e := must[store.EffectRow](t)(r.EffectGet("c1"))
		want(t, "what was put", []any{e.State, e.LastError, e.NotBefore, e.Lease, e.Attempt, e.Customer, e.Released, e.Dead, e.PutBacks},
			[]any{domain.EffectPending, "timeout", at(2 * time.Minute), time.Time{}, 2, domain.CustomerID(1), true, true, 3})
	})
	want(t, "it still blocks", effectIDs(claim(at(time.Minute+time.Second), 0, "component:x")), []string{"z9"})
	c1 = claim(at(2*time.Minute), 1, "component:x")[0]
	want(t, "third attempt", []any{c1.ID, c1.Attempt, c1.Released, c1.Dead, c1.PutBacks}, []any{"c1", 3, true, true, 3})
	ok(t, put(c1, domain.EffectDead))
	want(t, "a dead one blocks", effectIDs(claim(at(2*time.Minute), 0, "component:x")), []string{})
	update(t, s, func(tx store.Tx) {
		_, err := tx.EffectSet("c1", []domain.EffectState{domain.EffectHeld}, domain.EffectPending, time.Time{})
		wantErr(t, err, store.ErrConflict)
		_, err = tx.EffectSet("nope", nil, domain.EffectPending, time.Time{})
		wantErr(t, err, store.ErrNotFound)
		if _, err = tx.EffectSet("c1", nil, "odd", time.Time{}); err == nil {
			t.Fatal("an odd state was taken")
		}
		want(t, "cancel", effectIDs(must[[]store.EffectRow](t)(tx.EffectCancel([]string{"h2", "z9", "nope", "c1", "h1"}))), []string{"h2", "h1"})
		e := must[store.EffectRow](t)(tx.EffectSet("c1", []domain.EffectState{domain.EffectDead}, domain.EffectPending, at(time.Second)))
		want(t, "retried", []any{e.State, e.NotBefore}, []any{domain.EffectPending, at(time.Second)})
	})
	c1 = claim(at(2*time.Minute), 1, "component:x")[0]
	want(t, "after a retry", c1.ID, "c1")
	ok(t, put(c1, domain.EffectDone))
	wantErr(t, put(c1, domain.EffectDone), store.ErrConflict)
	want(t, "the next one", effectIDs(claim(at(2*time.Minute), 0, "component:x")), []string{"c2"})
	update(t, s, func(tx store.Tx) {
		must[store.EffectRow](t)(tx.EffectSet("c2", nil, domain.EffectDone, time.Time{}))
		want(t, "canceling the first", effectIDs(must[[]store.EffectRow](t)(tx.EffectCancel([]string{"c3"}))), []string{"c3"})
		// One with a smaller ordinal comes to stand before one that waits.
		ok(t, tx.EffectAdd([]store.EffectRow{effect("q2", 1, "line", 2)}))
		ok(t, tx.EffectAdd([]store.EffectRow{effect("q1", 1, "line", 1)}))
	})
	want(t, "put before", effectIDs(claim(at(2*time.Minute), 0, "component:x")), []string{"q1"})
	both(t, s, func(r store.Reader) {
		c := must[store.Counts](t)(r.Counts())
		want(t, "counts", []int64{c.EffectsPending, c.EffectsHeld, c.EffectsDead}, []int64{5, 0, 0})
	})
}

// testBorn: what asks to be sent at once is claimed already, unless something
// of its conversation is there or comes with it.
func testBorn(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2)
	ask := func(id string, customer domain.CustomerID, conversation string, ordinal int64) store.EffectRow {
		e := effect(id, customer, conversation, ordinal)
		e.State, e.Lease = domain.EffectSending, at(time.Minute)
		return e
	}
	add := func(rows ...store.EffectRow) (out []string) {
		update(t, s, func(tx store.Tx) { ok(t, tx.EffectAdd(rows)) })
		for _, e := range rows {
			if e.State == domain.EffectSending && (e.Attempt != 1 || !e.Lease.Equal(at(time.Minute))) || e.State != domain.EffectSending && (e.Attempt != 0 || !e.Lease.IsZero()) {
				t.Errorf("%s is %s at attempt %d until %v", e.ID, e.State, e.Attempt, e.Lease)
			}
			out = append(out, e.ID+" "+string(e.State))
		}
		return out
	}
	claim := func(now time.Time) (out []string) {
		update(t, s, func(tx store.Tx) {
			out = effectIDs(must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Hour})))
		})
		return out
	}
	want(t, "the only ones", add(ask("a1", 1, "x", 1), ask("b1", 2, "x", 1), ask("c1", 1, "", 0), ask("c2", 1, "", 0)),
		[]string{"a1 sending", "b1 sending", "c1 sending", "c2 sending"})
	want(t, "behind one", add(ask("a2", 1, "x", 2)), []string{"a2 pending"})
	want(t, "before one", add(ask("a0", 1, "x", 0)), []string{"a0 pending"})
	want(t, "beside one", add(ask("y2", 1, "y", 2), ask("y1", 1, "y", 1)), []string{"y2 pending", "y1 pending"})
	want(t, "while they are being sent", claim(at(time.Second)), []string{"a0", "y1"})
	both(t, s, func(r store.Reader) {
		e := must[store.EffectRow](t)(r.EffectGet("c1"))
		want(t, "row", []any{e.State, e.Attempt, e.Lease}, []any{domain.EffectSending, 1, at(time.Minute)})
	})
	update(t, s, func(tx store.Tx) {
		e := must[store.EffectRow](t)(tx.EffectGet("b1"))
		e.State = domain.EffectDone
		ok(t, tx.EffectPut(e))
	})
	want(t, "when the lease has ended", claim(at(time.Minute)), []string{"c1", "c2"})
	wantErr(t, s.Update(t.Context(), func(tx store.Tx) error {
		return tx.EffectAdd([]store.EffectRow{ask("d", 1, "", 0), ask("c1", 1, "", 0)})
	}), store.ErrConflict)
	both(t, s, func(r store.Reader) {
		_, err := r.EffectGet("d")
		wantErr(t, err, store.ErrNotFound)
	})
}

// testMost: a destination gets no more than its share of a claim, and what it
// leaves goes to the others.
func testMost(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1)
	add := func(id, destination string, n int) {
		e := effect(id, 1, "", 0)
		e.Destination, e.NotBefore = destination, at(time.Duration(n)*time.Second)
		update(t, s, func(tx store.Tx) { ok(t, tx.EffectAdd([]store.EffectRow{e})) })
	}
	for i, id := range []string{"a1", "a2", "a3", "b1", "b2", "b3", "c1"} {
		add(id, id[:1], i)
	}
	claim := func(p store.EffectClaimParams) (out []string) {
		p.Now, p.Lease = at(time.Minute), time.Minute
		update(t, s, func(tx store.Tx) {
			rows := must[[]store.EffectRow](t)(tx.EffectClaim(p))
			out = effectIDs(rows)
			for _, e := range rows { // as if nothing had been
				must[store.EffectRow](t)(tx.EffectSet(e.ID, nil, domain.EffectPending, e.NotBefore))
			}
		})
		return out
	}
	want(t, "one of each", claim(store.EffectClaimParams{Most: 1}), []string{"a1", "b1", "c1"})
	want(t, "more of some", claim(store.EffectClaimParams{Most: 1, MostOf: map[string]int{"b": 2, "x": 9}}), []string{"a1", "b1", "b2", "c1"})
	want(t, "in all", claim(store.EffectClaimParams{Limit: 2, Most: 1, MostOf: map[string]int{"b": 2}}), []string{"a1", "b1"})
	want(t, "busy", claim(store.EffectClaimParams{Most: 2, Busy: []string{"a"}}), []string{"b1", "b2", "c1"})
	want(t, "no limit", claim(store.EffectClaimParams{Limit: 4}), []string{"a1", "a2", "a3", "b1"})
}

// testLine: a conversation is one customer's, until they are merged.
func testLine(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2)
	id := func(c domain.CustomerID, n int64) string { return domain.ObjectID(c, domain.KindEffect, n) }
	claim := func(tx store.Tx) []string {
		return effectIDs(must[[]store.EffectRow](t)(tx.EffectClaim(store.EffectClaimParams{Now: T0, Lease: time.Minute})))
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.EffectAdd([]store.EffectRow{effect(id(1, 1), 1, "x", 5), effect(id(2, 1), 2, "x", 4), effect(id(2, 2), 2, "x", 6)}))
		want(t, "each one's first", claim(tx), []string{id(1, 1), id(2, 1)})
		e := must[store.EffectRow](t)(tx.EffectGet(id(1, 1)))
		e.State = domain.EffectDone
		ok(t, tx.EffectPut(e))
		ok(t, tx.EffectAdd([]store.EffectRow{effect(id(1, 3), 1, "x", 5)}))
		ok(t, tx.CustomerMove(1, 2))
		want(t, "behind the other's now", claim(tx), []string{})
		want(t, "of the one who has them", effectIDs(must[[]store.EffectRow](t)(tx.EffectList(store.EffectListParams{Customer: 2}))), []string{id(1, 3), id(2, 1), id(2, 2)})
		want(t, "of the other", effectIDs(must[[]store.EffectRow](t)(tx.EffectList(store.EffectListParams{Customer: 1}))), []string{})
		must[store.EffectRow](t)(tx.EffectSet(id(2, 1), nil, domain.EffectDone, time.Time{}))
		want(t, "in one line", claim(tx), []string{id(1, 3)})
		ok(t, tx.CustomerErase(2, T0))
		want(t, "erased", effectIDs(must[[]store.EffectRow](t)(tx.EffectList(store.EffectListParams{}))), []string{})
	})
}
