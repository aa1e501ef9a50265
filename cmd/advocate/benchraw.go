package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// raw writes what an event leaves behind, and decides nothing: its key, the
// event, the order, the advocate's state and the record of one decision. Only
// the transactions are timed. The states stay what they were but for their
// version, so that the engine can go on from them.
//
// A store that runs transactions beside each other is written from as many
// sides as the engine writes from.
func (b *bench) raw(ctx context.Context, d time.Duration, rep *benchReport) error {
	people := b.cmd.Advocates - b.cmd.Fanout
	sides := 1
	if !b.n.store.Serial() {
		sides = max(1, b.n.turns())
	}
	group := max(1, min(rawGroup/sides, people/sides))
	var next atomic.Int64 // groups
	rate := make([]float64, sides)
	err := b.sides(sides, func(side int) error {
		n := 0
		var took, used time.Duration
		for took < d {
			rows, err := b.rawRows(ctx, int(next.Add(1)-1)*group, group, people)
			if err != nil {
				return err
			}
			before, start := cpuTime(), time.Now()
			err = b.n.store.Update(ctx, func(tx store.Tx) error { return rows.write(tx) })
			took, used = took+time.Since(start), used+cpuTime()-before
			switch {
			case errors.Is(err, store.ErrConflict): // the small number of people came round to another side
				continue
			case err != nil:
				return err
			}
			n += len(rows.states)
		}
		rate[side] = float64(n) / took.Seconds()
		if sides == 1 { // others' time is in it otherwise
			rep.RawCPU = float64(used.Microseconds()) / float64(max(n, 1))
		}
		return nil
	})
	for _, r := range rate {
		rep.RawPerSecond += r
	}
	return err
}

// rawRows are the rows of one group.
type rawRows struct {
	ids    []domain.CustomerID
	seen   []store.SeenRow
	events []domain.Event
	orders []domain.Order
	states []store.AdvocateWriteRow
}

// rawRows prepares a group. Customers are taken as far from each other as in
// the full run, so that as many pages are written.
func (b *bench) rawRows(ctx context.Context, from, group, people int) (*rawRows, error) {
	const stride = 104_729 // a prime: it visits everybody
	now := time.Now().UTC().Truncate(time.Microsecond)
	r := &rawRows{}
	var refs []string
	taken := make(map[int]bool, group)
	for i := range group {
		who := (from + i) * stride % people
		if taken[who] {
			continue
		}
		taken[who] = true
		e := domain.Event{Source: "raw", ID: strconv.Itoa(from + i), Type: "order.paid", Time: now, Accepted: now, OrderID: benchOrder(who)}
		r.ids, r.events, refs = append(r.ids, b.customer(who)), append(r.events, e), append(refs, e.OrderID)
		r.seen = append(r.seen, store.SeenRow{Key: e.DedupeKey(), Body: e.BodyHash(), At: now})
	}
	err := b.n.store.View(ctx, func(tx store.Reader) (err error) {
		if r.orders, err = tx.OrderGet(refs); err != nil {
			return err
		}
		have, err := tx.AdvocateGet(r.ids)
		if err != nil {
			return err
		}
		r.states = r.states[:0]
		for i := range have {
			a := &have[i]
			var snap domain.Snapshot
			if err := wire.Unmarshal(a.State, &snap); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
			snap.Version = a.Version + 1
			r.states = append(r.states, store.AdvocateWriteRow{
				ID: a.ID, Version: snap.Version, State: wire.Marshal(&snap), NextDue: a.NextDue, Ref: a.Ref, Search: a.Search, At: now, Record: b.record,
			})
		}
		return nil
	})
	return r, err
}

func (r *rawRows) write(tx store.Tx) error {
	if _, err := tx.SeenAdd(r.seen); err != nil {
		return err
	}
	if err := tx.EventAppend(r.events); err != nil {
		return err
	}
	if err := tx.OrderPut(r.orders); err != nil {
		return err
	}
	if _, err := tx.AdvocateLock(r.ids); err != nil {
		return err
	}
	return tx.AdvocateWrite(r.states)
}
