package engine

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits of catching up.
const (
	catchUpBatch  = 64   // subscriptions of one turn
	catchUpEvents = 1000 // events of one subscription in one turn
)

// catching is one subscription that has to catch up.
type catching struct{ row store.CatchUpRow }

// StepCatchUp brings new subscriptions what happened since they count and
// before they stood. Each event reaches a customer once: what it had already,
// decided or pending, is left out.
func (e *Engine) StepCatchUp(ctx context.Context) (int, error) {
	pending := false
	err := e.store.View(ctx, func(r store.Reader) error {
		rows, err := r.CatchUpList(1)
		pending = len(rows) > 0
		return err
	})
	if err != nil || !pending {
		return 0, e.edge("look for what to catch up", err)
	}
	t := &turn{e: e, catchUp: catchUpBatch}
	if err := e.run(ctx, t); err != nil {
		return 0, e.edge("catch up", err)
	}
	return int(t.tally.did), nil
}

func (t *turn) takeCatchUp() error {
	if t.catchUp == 0 {
		return nil
	}
	rows, err := t.tx.CatchUpList(t.catchUp)
	if err != nil {
		return err
	}
	for _, row := range rows {
		t.want(row.Customer)
		t.catching = append(t.catching, catching{row})
	}
	return nil
}

func (t *turn) admitCatchUp() error {
	for _, c := range t.catching {
		s := t.seatOf(c.row.Customer)
		if s != nil && (s.taken || s.broken != nil || s.full(domain.MaxInboxEvents)) {
			continue // the row stays until there is room
		}
		t.tally.did++
		rest, err := t.catchUpOne(s, c.row)
		if err != nil {
			return err
		}
		if err := t.tx.CatchUpDelete([]store.CatchUpRow{c.row}); err != nil {
			return err
		}
		if rest == nil {
			continue
		}
		t.tally.catchUps = true
		if err := t.tx.CatchUpAdd([]store.CatchUpRow{*rest}); err != nil {
			return err
		}
	}
	return nil
}

// catchUpOne offers what one subscription missed, oldest first. It returns
// what is left to look through, nil for nothing.
func (t *turn) catchUpOne(s *seat, row store.CatchUpRow) (*store.CatchUpRow, error) {
	if s == nil {
		return nil, nil
	}
	var sub *domain.Subscription
	for i := range s.snap.Subscriptions {
		if s.snap.Subscriptions[i].ID == row.Subscription {
			sub = &s.snap.Subscriptions[i]
		}
	}
	if sub == nil || !sub.Expires.IsZero() && !sub.Expires.After(t.now) {
		return nil, nil // it ended before it caught up
	}
	events, err := t.tx.EventFind(store.EventFindParams{Anchor: row.Anchor, Since: row.Since, Upto: row.Upto, Limit: catchUpEvents})
	if err != nil || len(events) == 0 {
		return nil, err
	}
	had, err := t.hadSince(s.id, s, row.Since)
	if err != nil {
		return nil, err
	}
	for i := len(events) - 1; i >= 0; i-- {
		ev := &events[i]
		if had[ev.Seq] || !sub.Matches(ev, ev.Anchors()) {
			continue
		}
		order, err := t.orderOf(ev)
		if err != nil {
			return nil, err
		}
		s.add(len(events)-i, domain.Input{Kind: domain.InputEvent, At: t.now, Event: ev, Order: order}, false)
		t.tally.caughtUp++
	}
	if len(events) < catchUpEvents {
		return nil, nil
	}
	row.Customer, row.Upto = s.id, events[len(events)-1].Seq-1
	return &row, nil
}
