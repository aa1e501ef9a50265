package engine

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// fanoutChunk is how many subscriptions of a widely wanted event are taken in
// one turn. Other work gets its turn between two chunks.
const fanoutChunk = 64

// StepFanout takes one chunk of one event that too many want to take it at
// once. Events take turns.
func (e *Engine) StepFanout(ctx context.Context) (int, error) {
	pending := false
	err := e.store.View(ctx, func(r store.Reader) error {
		rows, err := r.FanoutList(1)
		pending = len(rows) > 0
		return err
	})
	if err != nil || !pending {
		return 0, e.edge("look for fan-outs", err)
	}
	t := &turn{e: e, fanout: true}
	if err := e.run(ctx, t); err != nil {
		return 0, e.edge("fan an event out", err)
	}
	e.fanoutNext.Add(1)
	return int(t.tally.did), nil
}

// takeFanout offers the event to the next customers in line and moves the
// cursor, in the transaction in which they get it.
func (t *turn) takeFanout() error {
	if !t.fanout {
		return nil
	}
	cursors, err := t.tx.FanoutList(16)
	if err != nil || len(cursors) == 0 {
		return err
	}
	cur := cursors[int(t.e.fanoutNext.Load())%len(cursors)]
	t.tally.did++
	events, err := t.tx.EventGet([]int64{cur.EventSeq})
	if err != nil {
		return err
	}
	ev := &events[0]
	anchors := ev.Anchors()
	if ev.Seq == 0 || cur.Anchor >= len(anchors) {
		return t.tx.FanoutDelete(cur.EventSeq)
	}
	subs, err := t.tx.SubscriptionScan(store.SubscriptionScanParams{
		Anchor: anchors[cur.Anchor], After: cur.After, Before: ev.Seq, Limit: fanoutChunk,
	})
	if err != nil {
		return err
	}
	if len(subs) == 0 {
		cur.Anchor, cur.After = cur.Anchor+1, 0
		if cur.Anchor >= len(anchors) {
			return t.tx.FanoutDelete(cur.EventSeq)
		}
		t.tally.fanouts = true
		return t.tx.FanoutPut(cur)
	}
	if len(subs) == fanoutChunk {
		// The last customer may have more subscriptions than this page shows.
		last := len(subs) - 1
		for last > 0 && subs[last-1].Customer == subs[len(subs)-1].Customer {
			last--
		}
		if last > 0 {
			subs = subs[:last]
		}
	}
	order, err := t.orderOf(ev)
	if err != nil {
		return err
	}
	var given domain.CustomerID
	for i := range subs {
		s := &subs[i]
		if s.Customer == given || !t.stands(s, ev, anchors) {
			continue
		}
		if cur.Anchor > 0 {
			// The customer may have had it for one of the anchors before.
			had, err := t.hadSince(s.Customer, nil, ev.AcceptedAt())
			if err != nil {
				return err
			}
			if had[ev.Seq] {
				continue
			}
		}
		given = s.Customer
		t.offer(offer{customer: s.Customer, in: domain.Input{Kind: domain.InputEvent, At: t.now, Event: ev, Order: order}})
		t.tally.fanout++
	}
	cur.After = subs[len(subs)-1].Customer
	t.tally.fanouts = true
	return t.tx.FanoutPut(cur)
}

// orderOf is the order an event is about, as it is known now; nil if it is
// about none.
func (t *turn) orderOf(ev *domain.Event) (*domain.Order, error) {
	if _, ok := domain.OrderFromEvent(ev); !ok {
		return nil, nil
	}
	found, err := t.tx.OrderGet([]string{ev.OrderID})
	if err != nil || found[0].ID == "" {
		return nil, err
	}
	return &found[0], nil
}

// hadSince lists the events that a customer has had as inputs, decided or
// pending, since a time. s is the customer's seat, if it has one.
func (t *turn) hadSince(id domain.CustomerID, s *seat, since time.Time) (map[int64]bool, error) {
	had := map[int64]bool{}
	note := func(ins []inputSeq) {
		for _, in := range ins {
			if in.Event != nil {
				had[in.Event.Seq] = true
			}
		}
	}
	var pending []store.InboxRow
	if s != nil {
		pending = s.pending
		for i := range s.offers {
			if ev := s.offers[i].in.Event; ev != nil {
				had[ev.Seq] = true
			}
		}
	} else {
		var err error
		if pending, err = t.tx.InboxRead([]domain.CustomerID{id}); err != nil {
			return nil, err
		}
	}
	for _, row := range pending {
		var in inputSeq
		if row.Kind == domain.InputEvent && wire.Unmarshal(row.Body, &in) == nil {
			note([]inputSeq{in})
		}
	}
	var before int64
	for {
		rows, err := t.tx.JournalRead(store.JournalReadParams{Customer: id, BeforeSeq: before, Limit: 50})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.At.Before(since) {
				return had, nil
			}
			var rec struct {
				Inputs []inputSeq `json:"inputs"`
			}
			if err := wire.Unmarshal(row.Record, &rec); err == nil {
				note(rec.Inputs)
			}
			before = row.Seq
		}
		if len(rows) < 50 {
			return had, nil
		}
	}
}

// inputSeq is as much of a recorded input as tells which event it was.
type inputSeq struct {
	Event *struct {
		Seq int64 `json:"seq"`
	} `json:"event"`
}

// lateEvent is an event that a customer's inbox had no room for.
type lateEvent struct {
	customer domain.CustomerID
	event    *domain.Event
}

// keepLate keeps events back from inboxes that are past every limit. They
// stand in the log, and catching up brings them once there is room.
func (t *turn) keepLate() error {
	if len(t.late) == 0 {
		return nil
	}
	for _, l := range t.late {
		t.tally.overflow++
		t.tally.catchUps = true
		t.e.stuck.add(t.e, l.customer, t.now, "the inbox is full; events are kept back")
		for _, a := range l.event.Anchors() {
			subs, err := t.tx.SubscriptionScan(store.SubscriptionScanParams{
				Anchor: a, After: l.customer - 1, Before: l.event.Seq + 1, Limit: domain.MaxSubscriptions,
			})
			if err != nil {
				return err
			}
			for _, s := range subs {
				if s.Customer != l.customer {
					break
				}
				row := store.CatchUpRow{
					Customer: s.Customer, Subscription: s.ID, Anchor: s.Anchor, To: s.To, Since: l.event.AcceptedAt(), Upto: l.event.Seq,
				}
				if err := t.tx.CatchUpAdd([]store.CatchUpRow{row}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
