package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func orderEvent(id, order string) []domain.Event {
	return []domain.Event{{Source: "s", ID: id, Type: "order.paid", OrderID: order, Time: T0, Accepted: T0}}
}

// testTail: whoever follows the log misses nothing, though what came earlier
// is committed later.
func testTail(t *testing.T, open Nodes) {
	a, b := open(t)
	early, late := begin(t, a), begin(t, b)
	appendEvent := func(id string) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.EventAppend(orderEvent(id, "A")) }
	}
	tail := func(s store.Store, after int64) (out []domain.Event) {
		ok(t, s.View(context.Background(), func(r store.Reader) (err error) { out, err = r.EventTail(after, 0); return err }))
		return out
	}
	update(t, a, func(tx store.Tx) { ok(t, appendEvent("0")(tx)) })
	until(t, "the first event", func() bool { return len(tail(b, 0)) == 1 })
	first := tail(b, 0)[0].Seq
	early.do(appendEvent("1"))
	late.do(appendEvent("2"))
	late.commit()
	update(t, b, func(tx store.Tx) { ok(t, appendEvent("3")(tx)) })
	for range 5 {
		for _, s := range []store.Store{a, b} {
			if got := tail(s, first); len(got) > 0 {
				t.Fatalf("%v came before event 1, which is on its way", eventIDs(got))
			}
		}
	}
	early.commit()
	for _, s := range []store.Store{a, b} {
		until(t, "all", func() bool { return len(tail(s, first)) == 3 })
		want(t, "in order", eventIDs(tail(s, first)), []string{"1", "2", "3"})
	}
	// What is taken back leaves a gap that nobody waits for.
	gap := begin(t, a)
	gap.do(appendEvent("never"))
	update(t, b, func(tx store.Tx) { ok(t, appendEvent("4")(tx)) })
	want(t, "held", len(tail(b, first)), 3)
	gap.rollback()
	until(t, "after the gap", func() bool { return len(tail(b, first)) == 4 })
}

// testEventMeetsSubscription goes through every order in which an event's
// transaction and a subscription's can pass each other, with others at work or
// not. The customer gets the event once.
func testEventMeetsSubscription(t *testing.T, open Nodes) {
	a, b := open(t)
	n := 0
	for _, order := range interleavings("abc", "xyz") {
		for _, busy := range []bool{false, true} {
			n++
			c, id := domain.CustomerID(n), fmt.Sprint("A", n)
			people(t, a, c)
			eventMeets(t, a, b, c, id, order, busy)
		}
	}
	want(t, "orders tried", n, 40)
}

// interleavings lists all ways to mix two sequences.
func interleavings(a, b string) []string {
	if a == "" || b == "" {
		return []string{a + b}
	}
	var out []string
	for _, rest := range interleavings(a[1:], b) {
		out = append(out, a[:1]+rest)
	}
	for _, rest := range interleavings(a, b[1:]) {
		out = append(out, b[:1]+rest)
	}
	return out
}

// eventMeets: a is the event's append, b its look for subscriptions, c its
// commit; x adds the subscription, y the row to catch up, z commits them.
func eventMeets(t *testing.T, nodeA, nodeB store.Store, c domain.CustomerID, order, steps string, busy bool) {
	event, subscriber := begin(t, nodeA), begin(t, nodeB)
	var other *actor
	if busy { // somebody who was at work before and goes on after
		other = begin(t, nodeB)
		other.do(func(tx store.Tx) error {
			return tx.SwitchPut(store.Switch{Scope: "busy" + order, Mode: "x", At: T0})
		})
	}
	rows := []store.SubscriptionRow{sub(c, "s", order)}
	open := 2
	for _, step := range steps {
		switch step {
		case 'a':
			event.do(func(tx store.Tx) error { return tx.EventAppend(orderEvent(order, order)) })
		case 'b':
			event.do(func(tx store.Tx) error {
				found, err := tx.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{orderAnchor(order)}}})
				if err != nil || len(found[0]) == 0 {
					return err
				}
				return tx.InboxAppend([]store.InboxRow{{Customer: c, ReadyAt: T0, Body: []byte(order)}})
			})
		case 'x':
			subscriber.do(func(tx store.Tx) error { return tx.SubscriptionAdd(rows) })
		case 'y':
			subscriber.do(func(tx store.Tx) error {
				return tx.CatchUpAdd([]store.CatchUpRow{{Customer: c, Subscription: "s", Anchor: orderAnchor(order), To: "order.*", Since: T0, Upto: rows[0].After}})
			})
		case 'c', 'z':
			if open--; step == 'c' {
				event.commit()
			} else {
				subscriber.commit()
			}
			if open == 1 && step == 'z' && steps[0] == 'a' { // the event's transaction was open at the commit
				if got := catchUpAll(t, nodeB); got > 0 {
					t.Fatalf("%s: %d catch-ups were ripe while the event was on its way", steps, got)
				}
			}
		}
	}
	if busy {
		if got := catchUpAll(t, nodeA) + catchUpAll(t, nodeA); got > 0 {
			t.Fatalf("%s: a catch-up was ripe while somebody was at work who may have missed it", steps)
		}
		other.commit()
	}
	until(t, "the event", func() bool { return catchUpAll(t, nodeA)+catchUpAll(t, nodeB) > 0 })
	both(t, nodeA, func(r store.Reader) {
		inputs := must[[]store.InboxRow](t)(r.InboxRead([]domain.CustomerID{c}))
		if len(inputs) != 1 {
			t.Fatalf("%s (busy: %v): the event reached the customer %d times", steps, busy, len(inputs))
		}
	})
}

// catchUpAll brings each listed subscription what its customer has not had,
// and reports how many there were.
func catchUpAll(t *testing.T, s store.Store) (done int) {
	if err := catchUp(s, &done); err != nil {
		t.Fatal(err)
	}
	return done
}

func catchUp(s store.Store, done *int) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		*done = 0
		rows, err := tx.CatchUpList(50)
		if err != nil {
			return err
		}
		for _, row := range rows {
			held, err := tx.AdvocateLock([]domain.CustomerID{row.Customer})
			if err != nil {
				return err
			}
			if held[0].Taken {
				continue
			}
			inputs, err := tx.InboxRead([]domain.CustomerID{row.Customer})
			if err != nil {
				return err
			}
			events, err := tx.EventFind(store.EventFindParams{Anchor: row.Anchor, Since: row.Since, Upto: row.Upto})
			if err != nil {
				return err
			}
			for _, e := range events {
				if !slices.ContainsFunc(inputs, func(in store.InboxRow) bool { return string(in.Body) == e.ID }) {
					if err := tx.InboxAppend([]store.InboxRow{{Customer: row.Customer, ReadyAt: T0, Body: []byte(e.ID)}}); err != nil {
						return err
					}
				}
			}
			if err := tx.CatchUpDelete([]store.CatchUpRow{row}); err != nil {
				return err
			}
			*done++
		}
		return nil
	})
}

// testFanoutMeetsCatchUp: an event that is handed out in chunks while a
// subscription is found to have missed it reaches the customer in one of the
// two ways.
func testFanoutMeetsCatchUp(t *testing.T, open Nodes) {
	a, b := open(t)
	people(t, a, 1)
	busy := func() *actor {
		act := begin(t, b)
		act.do(func(tx store.Tx) error {
			return tx.NoticePut(domain.Event{Time: T0}, fmt.Sprintf("%p", act), nil)
		})
		return act
	}
	first := busy()
	rows := []store.SubscriptionRow{sub(1, "s", "A")}
	update(t, a, func(tx store.Tx) {
		ok(t, tx.SubscriptionAdd(rows))
		ok(t, tx.CatchUpAdd([]store.CatchUpRow{{Customer: 1, Subscription: "s", Anchor: orderAnchor("A"), To: "order.*", Since: T0, Upto: rows[0].After}}))
	})
	events := orderEvent("e", "A")
	update(t, a, func(tx store.Tx) {
		ok(t, tx.EventAppend(events))
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: events[0].Seq}))
	})
	catchUpAll(t, a)
	second := busy()
	first.commit()
	for range 20 {
		catchUpAll(t, a)
	}
	handsOut := begin(t, b)
	handsOut.do(func(tx store.Tx) error {
		subs, err := tx.SubscriptionScan(store.SubscriptionScanParams{Anchor: orderAnchor("A"), Before: events[0].Seq, Limit: 5})
		for _, s := range subs {
			err = errors.Join(err, tx.InboxAppend([]store.InboxRow{{Customer: s.Customer, ReadyAt: T0, Body: []byte("e")}}))
		}
		return errors.Join(err, tx.FanoutDelete(events[0].Seq))
	})
	second.commit()
	for range 50 { // others' transactions may keep it from being ripe for a moment
		catchUpAll(t, a)
	}
	handsOut.commit()
	had := func() (n int) {
		both(t, a, func(r store.Reader) { n = len(must[[]store.InboxRow](t)(r.InboxRead([]domain.CustomerID{1}))) })
		return n
	}
	until(t, "the event", func() bool { catchUpAll(t, a); return had() > 0 })
	catchUpAll(t, a)
	want(t, "times", had(), 1)
}

// testFanoutApart: two nodes never hand out the same chunk.
func testFanoutApart(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) {
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: 1}))
		ok(t, tx.FanoutPut(store.FanoutRow{EventSeq: 2}))
	})
	first := begin(t, a)
	first.do(func(tx store.Tx) error {
		rows, err := tx.FanoutList(1)
		if err == nil && (len(rows) != 1 || rows[0].EventSeq != 1) {
			err = fmt.Errorf("got %v", rows)
		}
		return err
	})
	update(t, b, func(tx store.Tx) {
		want(t, "the other one", must[[]store.FanoutRow](t)(tx.FanoutList(0)), []store.FanoutRow{{EventSeq: 2}})
	})
	first.do(func(tx store.Tx) error { return tx.FanoutPut(store.FanoutRow{EventSeq: 1, After: 5}) })
	first.commit()
	update(t, b, func(tx store.Tx) {
		want(t, "where it went on", must[[]store.FanoutRow](t)(tx.FanoutList(1)), []store.FanoutRow{{EventSeq: 1, After: 5}})
	})
}

// testEachEventOnce lets customers subscribe while events come in on two
// nodes, some handed out at once and some in chunks, some taken back, and
// catches up all the while. In the end every customer has had every event of
// its order once.
func testEachEventOnce(t *testing.T, open Nodes) {
	a, b := open(t)
	r := &rush{t: t, nodes: []store.Store{a, b}, events: map[string]bool{}}
	for i := range domain.CustomerID(rushCustomers) {
		people(t, a, 1+i)
	}
	var writers, workers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() { r.appendEvents(w) })
	}
	for w := range 2 {
		writers.Go(func() { r.subscribe(w) })
	}
	stop := make(chan struct{})
	for w := range 2 {
		workers.Go(func() { r.work(w, stop) })
	}
	writers.Wait()
	// Nobody can be asked for what is left: a list shows only what is ripe.
	until(t, "every event", func() bool { return r.missing() == 0 })
	close(stop)
	workers.Wait()
	for w := range r.nodes {
		n := 0
		ok(t, errors.Join(catchUp(r.nodes[w], &n), r.handOut(r.nodes[w])))
	}
	r.check()
}

const (
	rushCustomers = 40
	rushEvents    = 40 // of each of three writers
	rushChunk     = 3
)

// rush is one run of testEachEventOnce.
type rush struct {
	t      *testing.T
	nodes  []store.Store
	mu     sync.Mutex
	events map[string]bool // that were committed
}

// appendEvents delivers each event to whoever subscribed, or leaves a cursor.
func (r *rush) appendEvents(w int) {
	rng := rand.New(rand.NewPCG(uint64(w), 7))
	for i := range rushEvents {
		id, wide, back := fmt.Sprint(w, "/", i), rng.IntN(3) == 0, rng.IntN(8) == 0
		err := r.nodes[w%2].Update(context.Background(), func(tx store.Tx) error {
			events := orderEvent(id, "A")
			if err := tx.EventAppend(events); err != nil {
				return err
			}
			found, err := tx.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{orderAnchor("A")}}})
			if err != nil {
				return err
			}
			if wide {
				if err := tx.FanoutPut(store.FanoutRow{EventSeq: events[0].Seq}); err != nil {
					return err
				}
			} else {
				var rows []store.InboxRow
				for _, s := range found[0] {
					rows = append(rows, store.InboxRow{Customer: s.Customer, ReadyAt: T0, Body: []byte(id)})
				}
				if err := tx.InboxAppend(rows); err != nil {
					return err
				}
			}
			if back {
				return errBack
			}
			return nil
		})
		if err != nil && !errors.Is(err, errBack) {
			r.t.Error(err)
		}
		if err == nil {
			r.mu.Lock()
			r.events[id] = true
			r.mu.Unlock()
		}
	}
}

func (r *rush) subscribe(w int) {
	for i := w; i < rushCustomers; i += 2 {
		c := domain.CustomerID(1 + i*17%rushCustomers)
		if err := r.nodes[w].Update(context.Background(), func(tx store.Tx) error {
			if held, err := tx.AdvocateLock([]domain.CustomerID{c}); err != nil || held[0].Taken {
				return errors.Join(err, errors.New("nobody else has it"))
			}
			rows := []store.SubscriptionRow{sub(c, "s", "A")}
			if err := tx.SubscriptionAdd(rows); err != nil {
				return err
			}
			return tx.CatchUpAdd([]store.CatchUpRow{{Customer: c, Subscription: "s", Anchor: orderAnchor("A"), To: "order.*", Since: T0, Upto: rows[0].After}})
		}); err != nil && err.Error() != "nobody else has it" {
			r.t.Error(err)
		}
	}
}

// work catches up and hands out chunks until it is stopped.
func (r *rush) work(w int, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		var n int
		if err := errors.Join(catchUp(r.nodes[w], &n), r.handOut(r.nodes[w])); err != nil {
			r.t.Error(err)
			return
		}
	}
}

// handOut gives one event to the next few subscriptions.
func (r *rush) handOut(s store.Store) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		cursors, err := tx.FanoutList(1)
		if err != nil || len(cursors) == 0 {
			return err
		}
		cur := cursors[0]
		events, err := tx.EventGet([]int64{cur.EventSeq})
		if err != nil {
			return err
		}
		subs, err := tx.SubscriptionScan(store.SubscriptionScanParams{Anchor: orderAnchor("A"), After: cur.After, Before: cur.EventSeq, Limit: rushChunk})
		if err != nil {
			return err
		}
		if len(subs) == 0 {
			return tx.FanoutDelete(cur.EventSeq)
		}
		var rows []store.InboxRow
		for _, sub := range subs {
			rows = append(rows, store.InboxRow{Customer: sub.Customer, ReadyAt: T0, Body: []byte(events[0].ID)})
		}
		cur.After = subs[len(subs)-1].Customer
		return errors.Join(tx.InboxAppend(rows), tx.FanoutPut(cur))
	})
}

// had lists what each customer has had, and how often.
func (r *rush) had() map[domain.CustomerID]map[string]int {
	out := map[domain.CustomerID]map[string]int{}
	ok(r.t, r.nodes[0].View(context.Background(), func(rd store.Reader) error {
		for i := range domain.CustomerID(rushCustomers) {
			inputs, err := rd.InboxRead([]domain.CustomerID{1 + i})
			if err != nil {
				return err
			}
			out[1+i] = map[string]int{}
			for _, in := range inputs {
				out[1+i][string(in.Body)]++
			}
		}
		return nil
	}))
	return out
}

func (r *rush) missing() (n int) {
	for _, had := range r.had() {
		for id := range r.events {
			if had[id] == 0 {
				n++
			}
		}
	}
	return n
}

// check looks at how often each customer had each event.
func (r *rush) check() {
	if len(r.events) == 0 {
		r.t.Error("no event was committed")
	}
	for c, had := range r.had() {
		for id, n := range had {
			if n != 1 || !r.events[id] {
				r.t.Errorf("customer %d had event %s %d times; committed: %v", c, id, n, r.events[id])
			}
		}
	}
}
