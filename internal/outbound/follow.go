package outbound

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	// batch is how many events are looked at in one transaction.
	batch = 200
	// maxWaiting is how many of an endpoint's deliveries may wait. More stay in
	// the event log until some are done.
	maxWaiting = 1000
	// countAgain is how long an endpoint with too many is left alone, unless
	// half as many have ended before.
	countAgain = 10 * time.Second
	// behind is how many events, none of them taken, an endpoint's stored place
	// may be behind: so far the log is read again by the next sender.
	behind = 2000
	// lookAtLog is when the log is looked at without a word from anybody.
	lookAtLog = 2 * time.Second
)

// follow makes deliveries of what comes.
func (w *worker) follow(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		more, at, err := w.step(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			w.o.Logger.WarnContext(ctx, "webhooks cannot be told of events", "error", err)
		}
		failing = err != nil
		if more && err == nil {
			continue
		}
		var moved <-chan struct{}
		if w.o.Feed != nil && err == nil {
			moved = w.o.Feed.Moved(at)
		}
		again, stop := w.o.Clock.Alarm(w.o.Clock.Now().Add(lookAtLog))
		select {
		case <-ctx.Done():
		case <-moved:
		case <-w.kick:
			w.mayBeDue() // whoever kicks may have replayed
		case <-w.room:
		case <-again:
		}
		stop()
	}
}

// place is an endpoint and where it stands.
type place struct {
	Endpoint
	stored int64 // its cursor
	from   int64 // what is behind this place was not looked at
	upto   int64 // the last event looked at now
	wants  bool  // one of those is taken
	skip   bool  // somebody else moved or removed its cursor
}

// step looks at one batch of events for each endpoint. more says that there are
// more to look at; at is a place that every endpoint has reached else.
func (w *worker) step(ctx context.Context) (more bool, at int64, err error) {
	if w.o.Feed != nil {
		at = w.o.Feed.Upto() // all up to there is in the log that is read next
	}
	places, err := w.places(ctx)
	if err != nil {
		return false, at, err
	}
	err = w.o.Store.View(ctx, func(r store.Reader) error {
		more = false
		read := map[int64][]domain.Event{}
		for _, p := range places {
			events, err := tail(r, read, p.from)
			if err != nil {
				return err
			}
			p.upto, p.wants = max(p.from, at), false
			if len(events) == batch {
				p.upto, more = events[batch-1].Seq, true
			} else if n := len(events); n > 0 {
				p.upto = max(p.upto, events[n-1].Seq)
			}
			for i := range events {
				p.wants = p.wants || p.takes(events[i].Type)
			}
		}
		return nil
	})
	if err != nil {
		return false, at, err
	}
	var write []*place
	for _, p := range places {
		if p.wants || p.upto-p.stored > behind {
			write = append(write, p)
		}
	}
	if len(write) > 0 {
		if err := w.add(ctx, write); err != nil {
			return false, at, err
		}
		w.mayBeDue()
	}
	for _, p := range places {
		if p.skip {
			more = true
			continue
		}
		w.seen[p.ID] = max(w.seen[p.ID], p.upto)
	}
	return more, at, nil
}

// tail reads the log from a place on, once for all who stand there.
func tail(r store.Reader, read map[int64][]domain.Event, from int64) ([]domain.Event, error) {
	if events, ok := read[from]; ok {
		return events, nil
	}
	events, err := r.EventTail(from, batch)
	if err == nil {
		read[from] = events
	}
	return events, err
}

// places are the endpoints that deliveries may be made for.
func (w *worker) places(ctx context.Context) (out []*place, err error) {
	now := w.o.Clock.Now()
	err = w.o.Store.View(ctx, func(r store.Reader) error {
		out = nil
		all, err := readEndpoints(r, now)
		if err != nil || len(all) == 0 {
			return err
		}
		ids := make([]string, len(all))
		for i := range all {
			ids[i] = cursorID(all[i].ID)
		}
		docs, err := r.DocumentGet(kindCursor, ids)
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].Disabled || docs[i].ID == "" {
				continue
			}
			full, err := w.isFull(r, all[i].ID, now)
			if err != nil {
				return err
			}
			if full {
				continue
			}
			p := &place{Endpoint: all[i]}
			if p.stored, err = readCursor(&docs[i]); err != nil {
				return err
			}
			p.from = max(p.stored, w.seen[p.ID])
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// isFull reports whether too many deliveries of an endpoint wait. They are
// counted when so many may have been made since the last time.
func (w *worker) isFull(r store.Reader, id string, now time.Time) (bool, error) {
	made, counted := w.added[id]
	if counted && made < maxWaiting {
		return false, nil
	}
	w.mu.Lock()
	if until := w.full[id]; now.Before(until) && w.left[id] < maxWaiting/2 {
		w.mu.Unlock()
		return true, nil
	}
	w.left[id] = 0 // what ends while they are counted may be counted as well
	w.mu.Unlock()
	rows, err := r.DeliveryList(store.DeliveryListParams{Endpoint: id, State: store.DeliveryPending, Limit: maxWaiting})
	if err != nil {
		return false, err
	}
	w.added[id] = len(rows)
	if len(rows) >= maxWaiting {
		w.full[id] = now.Add(countAgain)
		return true, nil
	}
	return false, nil
}

// add makes deliveries for endpoints and moves their places, in one
// transaction. The log is read again in it: what was erased since is not there.
func (w *worker) add(ctx context.Context, places []*place) error {
	now := w.o.Clock.Now()
	made := map[string]int{}
	err := w.o.Store.Update(ctx, func(tx store.Tx) error {
		clear(made)
		ids := make([]string, len(places))
		for i, p := range places {
			ids[i] = cursorID(p.ID)
		}
		docs, err := tx.DocumentLock(kindCursor, ids)
		if err != nil {
			return err
		}
		read := map[int64][]domain.Event{}
		var (
			rows  []store.DeliveryRow
			about []domain.Event
			moved []store.Document
		)
		for i, p := range places {
			p.skip = false
			if docs[i].ID == "" {
				p.skip = true // removed
				continue
			}
			is, err := readCursor(&docs[i])
			if err != nil {
				return err
			}
			if is > p.from {
				p.skip = true // moved by an administrator: the next step begins there
				continue
			}
			events, err := tail(tx, read, p.from)
			if err != nil {
				return err
			}
			for _, ev := range events {
				if ev.Seq > p.upto || !p.takes(ev.Type) {
					continue
				}
				rows = append(rows, store.DeliveryRow{ID: deliveryID(p.ID, ev.Seq), Endpoint: p.ID, EventSeq: ev.Seq, Type: ev.Type, NotBefore: now, At: now, UpdatedAt: now})
				about = append(about, ev)
			}
			d, err := cursorDocument(p.ID, docs[i].Version, p.upto, now)
			if err != nil {
				return err
			}
			moved = append(moved, d)
		}
		if err := fill(tx, rows, about); err != nil {
			return err
		}
		if err := tx.DeliveryAdd(rows); err != nil {
			return err
		}
		for i := range rows {
			made[rows[i].Endpoint]++
		}
		return tx.DocumentPut(moved)
	})
	if err == nil {
		for id, n := range made {
			w.added[id] += n
		}
	}
	return err
}

// fill gives deliveries their bodies, the same for every endpoint, and whom
// they are about.
func fill(r store.Reader, rows []store.DeliveryRow, events []domain.Event) error {
	who, err := customers(r, events)
	if err != nil {
		return err
	}
	bodies := map[int64][]byte{}
	for i := range rows {
		seq := events[i].Seq
		if bodies[seq] == nil {
			if bodies[seq], err = events[i].CloudEvent(); err != nil {
				return err
			}
		}
		rows[i].Body, rows[i].Customer = bodies[seq], who[i]
	}
	return nil
}

// customers says whose events are, the way an erasure looks for them: by the
// case or work item, the company's reference, or the order. 0: nobody's who is
// known.
func customers(r store.Reader, events []domain.Event) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(events))
	refOf := make([]string, len(events))
	var orders []string
	for i := range events {
		ev := &events[i]
		for _, id := range []string{ev.CaseID, ev.WorkItemID} {
			if c, _, _, err := domain.ParseObjectID(id); err == nil && out[i] == 0 {
				out[i] = c
			}
		}
		if refOf[i] = ev.CustomerRef; out[i] == 0 && refOf[i] == "" && ev.OrderID != "" {
			orders = append(orders, domain.FoldRef(ev.OrderID))
		}
	}
	holder := map[string]string{}
	if orders = sortedUnique(orders); len(orders) > 0 {
		known, err := r.OrderGet(orders)
		if err != nil {
			return nil, err
		}
		for i := range known {
			holder[orders[i]] = known[i].CustomerRef
		}
	}
	var refs []string
	for i := range events {
		if refOf[i] == "" {
			refOf[i] = holder[domain.FoldRef(events[i].OrderID)]
		}
		if out[i] == 0 && refOf[i] != "" {
			refs = append(refs, refOf[i])
		}
	}
	if refs = sortedUnique(refs); len(refs) == 0 {
		return out, nil
	}
	found, err := r.RefFind(refs)
	if err != nil {
		return nil, err
	}
	customer := map[string]domain.CustomerID{}
	for i, c := range found {
		customer[refs[i]] = c
	}
	for i := range events {
		if out[i] == 0 {
			out[i] = customer[refOf[i]]
		}
	}
	return out, nil
}
