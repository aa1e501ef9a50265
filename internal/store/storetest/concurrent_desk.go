package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// testDocumentsApart: who has locked a document is waited for, and everybody
// builds on what the one before wrote.
func testDocumentsApart(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) {
		ok(t, tx.DocumentPut([]store.Document{{Kind: "agent", ID: "x", Body: []byte{0}}, {Kind: "agent", ID: "y", Body: []byte{0}}}))
	})
	var wg sync.WaitGroup
	var runs atomic.Int64
	for w := range 6 {
		wg.Go(func() {
			names := []string{"x", "y"} // in either order: nobody waits in a circle
			if w%2 == 1 {
				names = []string{"y", "x"}
			}
			for range 10 {
				if err := []store.Store{a, b}[w%2].Update(context.Background(), func(tx store.Tx) error {
					runs.Add(1)
					docs, err := tx.DocumentLock("agent", names)
					if err != nil {
						return err
					}
					for i := range docs {
						docs[i].Body[0]++
					}
					return tx.DocumentPut(docs)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want(t, "runs", runs.Load(), int64(60)) // nobody was in vain
	both(t, b, func(r store.Reader) {
		for _, d := range must[[]store.Document](t)(r.DocumentGet("agent", []string{"x", "y"})) {
			want(t, "counted", []any{d.Version, d.Body}, []any{int64(61), []byte{60}})
		}
	})
	// Somebody else's lock is waited for, also by who only deletes or puts.
	for name, do := range map[string]func(store.Tx) error{
		"lock": func(tx store.Tx) error {
			docs, err := tx.DocumentLock("agent", []string{"x"})
			if err == nil && docs[0].Version != 62 {
				err = fmt.Errorf("version %d was given while another wrote the next", docs[0].Version)
			}
			return err
		},
		"put": func(tx store.Tx) error {
			if err := tx.DocumentPut([]store.Document{{Kind: "agent", ID: "x", Version: 61}}); !errors.Is(err, store.ErrConflict) {
				return fmt.Errorf("an old version was written over: %v", err)
			}
			return nil
		},
	} {
		update(t, a, func(tx store.Tx) {
			ok(t, tx.DocumentDelete("agent", []string{"x"}))
			docs := []store.Document{{Kind: "agent", ID: "x", Body: []byte{0}}}
			for range 61 {
				ok(t, tx.DocumentPut(docs))
			}
		})
		first := begin(t, a)
		first.do(func(tx store.Tx) error {
			docs, err := tx.DocumentLock("agent", []string{"x"})
			return errors.Join(err, tx.DocumentPut(docs))
		})
		second := make(chan error, 1)
		go func() { second <- b.Update(context.Background(), do) }()
		select {
		case err := <-second:
			t.Fatalf("%s did not wait: %v", name, err)
		case <-time.After(50 * time.Millisecond):
		}
		first.commit()
		ok(t, <-second)
	}
}

// testDocumentConflict: of two who have read one version, one writes, and the
// other learns of it and goes on.
func testDocumentConflict(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) { ok(t, tx.DocumentPut([]store.Document{{Kind: "k", ID: "1"}})) })
	read := func(tx store.Tx) []store.Document {
		return must[[]store.Document](t)(tx.DocumentGet("k", []string{"1"}))
	}
	slow := begin(t, a)
	var old []store.Document
	slow.do(func(tx store.Tx) error { old = read(tx); return nil })
	update(t, b, func(tx store.Tx) { ok(t, tx.DocumentPut(read(tx))) })
	slow.do(func(tx store.Tx) error {
		if err := tx.DocumentPut(old); !errors.Is(err, store.ErrConflict) || old[0].Version != 1 {
			return fmt.Errorf("version %d: %v", old[0].Version, err)
		}
		return tx.DocumentPut(read(tx))
	})
	slow.commit()
	both(t, a, func(r store.Reader) {
		want(t, "version", must[[]store.Document](t)(r.DocumentGet("k", []string{"1"}))[0].Version, int64(3))
	})
}

// testKeyRace: of many who want one key, or to be the first to put one
// document, one has it, and the others are told so.
func testKeyRace(t *testing.T, open Nodes) {
	a, b := open(t)
	for round := range 5 {
		var won, lost atomic.Int64
		var wg, met sync.WaitGroup
		met.Add(4)
		for w := range 4 {
			var once sync.Once
			wg.Go(func() {
				id := fmt.Sprint(round, "-", w)
				if w < 2 {
					id = fmt.Sprint(round, "-same")
				}
				err := []store.Store{a, b}[w%2].Update(context.Background(), func(tx store.Tx) error {
					if _, err := tx.DocumentFind("user", []string{"mail"}); err != nil {
						return err
					}
					once.Do(func() { met.Done(); met.Wait() }) // nobody has seen another
					err := tx.DocumentPut([]store.Document{{Kind: "user", ID: id, Keys: []string{fmt.Sprint("mail", round), fmt.Sprint("own", id)}}})
					if errors.Is(err, store.ErrConflict) { // and the transaction goes on
						return errors.Join(errBack, tx.SwitchPut(store.Switch{Scope: "refused", Mode: "x", At: T0}))
					}
					return err
				})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, errBack):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		want(t, "one", []int64{won.Load(), lost.Load()}, []int64{1, 3})
		both(t, a, func(r store.Reader) {
			want(t, "documents", len(must[[]store.Document](t)(r.DocumentList(store.DocumentListParams{Kind: "user", Prefix: fmt.Sprint(round, "-")}))), 1)
			want(t, "found", must[[]store.Document](t)(r.DocumentFind("user", []string{fmt.Sprint("mail", round)}))[0].Version, int64(1))
		})
	}
}

// testPrunedApart: what is being prolonged is not pruned, and nobody waits.
func testPrunedApart(t *testing.T, open Nodes) {
	a, b := open(t)
	update(t, a, func(tx store.Tx) {
		ok(t, tx.DocumentPut([]store.Document{{Kind: "s", ID: "1", ExpiresAt: T0, Keys: []string{"x"}}, {Kind: "s", ID: "2", ExpiresAt: T0}}))
	})
	first := begin(t, a)
	first.do(func(tx store.Tx) error {
		docs, err := tx.DocumentLock("s", []string{"1"})
		docs[0].ExpiresAt = at(time.Hour)
		return errors.Join(err, tx.DocumentPut(docs))
	})
	update(t, b, func(tx store.Tx) { want(t, "pruned", must[int](t)(tx.DocumentPrune(at(time.Minute), 0)), 1) })
	first.commit()
	update(t, b, func(tx store.Tx) {
		want(t, "pruned", must[int](t)(tx.DocumentPrune(at(time.Minute), 0)), 0)
		want(t, "prolonged", documentIDs(must[[]store.Document](t)(tx.DocumentFind("s", []string{"x"}))), []string{"1"})
	})
}

// testDeliveriesApart: many who claim at once, on two nodes, each get their
// own, and the outcome of who was cut off is refused.
func testDeliveriesApart(t *testing.T, open Nodes) {
	a, b := open(t)
	const all = 200
	var rows []store.DeliveryRow
	for i := range all {
		rows = append(rows, delivery(fmt.Sprintf("e%d/%03d", i%3, i), time.Duration(i)*time.Millisecond))
	}
	update(t, a, func(tx store.Tx) { ok(t, tx.DeliveryAdd(rows)) })
	var mu sync.Mutex
	taken := map[string]int{}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			for {
				var got []store.DeliveryRow
				if err := []store.Store{a, b}[w%2].Update(context.Background(), func(tx store.Tx) (err error) {
					got, err = tx.DeliveryClaim(store.DeliveryClaimParams{Now: at(time.Second), Lease: time.Minute, Limit: 7})
					return err
				}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, d := range got {
					taken[d.ID] += d.Attempt
				}
				done := len(got) == 0 && len(taken) == all
				mu.Unlock()
				if done || t.Failed() {
					return
				}
			}
		})
	}
	wg.Wait()
	for id, n := range taken {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	// In transactions that are open beside each other, too, and with leases
	// that have ended.
	var acts []*actor
	seen := map[string]bool{}
	for _, s := range []store.Store{a, b, a, b} {
		act := begin(t, s)
		acts = append(acts, act)
		var got []store.DeliveryRow
		act.do(func(tx store.Tx) (err error) {
			got, err = tx.DeliveryClaim(store.DeliveryClaimParams{Now: at(time.Hour), Lease: time.Minute, Limit: 50})
			return err
		})
		want(t, "claimed", len(got), 50)
		for _, d := range got {
			if seen[d.ID] || d.Attempt != 2 {
				t.Fatalf("%s was claimed at attempt %d", d.ID, d.Attempt)
			}
			seen[d.ID] = true
		}
	}
	for _, act := range acts {
		act.commit()
	}
	late := rows[0]
	late.Attempt, late.State = 1, store.DeliveryDone
	update(t, a, func(tx store.Tx) { wantErr(t, tx.DeliveryPut(late), store.ErrConflict) })
}
