package engine

import (
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/profile"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxLive is how many subscriptions an event is handed to at once. More are
// taken in chunks.
const maxLive = 1000

// fewEvents are not worth another connection.
const fewEvents = 8

// Event types with a built-in meaning beside the order's.
const (
	typeOutageStarted = "outage.started"
	typeOutageEnded   = "outage.ended"
	typeRecallIssued  = "recall.issued"
	typeRecallEnded   = "recall.ended"
)

// takeEvents takes the turn's new events: those handed in and those that
// emit effects carry.
func (t *turn) takeEvents() error {
	ords, err := t.newEvents()
	if err != nil || len(t.events) == 0 {
		return err
	}
	t.tally.events += int64(len(t.events))
	wanted := t.seek(t.events)
	defer wanted.wait()
	if err := t.tx.EventAppend(t.events); err != nil {
		return err
	}
	orders, err := t.takeOrders()
	if err != nil {
		return err
	}
	if err := t.takeMeanings(ords); err != nil {
		return err
	}
	return t.deliver(t.events, wanted, func(i int, s store.SubscriptionRow) {
		t.offer(offer{customer: s.Customer, ord: ords[i], in: domain.Input{
			Kind: domain.InputEvent, At: t.now, Event: &t.events[i], Order: orders[i],
		}})
	})
}

// newEvents puts the turn's events that were not known into t.events and
// returns, for each, the place of its item in the turn.
func (t *turn) newEvents() (ords []int, err error) {
	var from []int // items with an event
	var events []*domain.Event
	var seen []store.SeenRow
	for i, it := range t.items {
		ev, key, body := it.event, it.key, it.body
		if it.result != nil && it.receipt.Err == nil && it.result.emit != nil {
			ev = it.result.emit
			key, body = ev.DedupeKey(), ev.BodyHash()
		}
		if ev == nil {
			continue
		}
		from, events = append(from, i), append(events, ev)
		seen = append(seen, store.SeenRow{Key: key, Body: body, At: t.now})
	}
	if len(from) == 0 {
		return nil, nil
	}
	known, err := t.tx.SeenAdd(seen)
	if err != nil {
		return nil, err
	}
	for k, i := range from {
		it := t.items[i]
		switch known[k] {
		case store.SeenNew:
			ev := *events[k]
			ev.Accepted = t.now
			t.events, ords = append(t.events, ev), append(ords, i)
		case store.SeenSame:
			it.receipt.Duplicate = true
			t.tally.duplicates++
		case store.SeenConflict:
			if it.result == nil {
				it.receipt.Err = domain.Errorf(domain.CodeConflict, "the event %.100q of source %.100q is known with another content", events[k].ID, events[k].Source)
			}
		}
	}
	return ords, nil
}

// takeOrders lays what order events say over the orders as they are known and
// returns, per event, the order as it is then.
func (t *turn) takeOrders() ([]*domain.Order, error) {
	out := make([]*domain.Order, len(t.events))
	said := make([]domain.Order, len(t.events))
	var ids []string
	at := map[string]int{}
	for i := range t.events {
		o, ok := domain.OrderFromEvent(&t.events[i])
		if !ok {
			continue
		}
		said[i] = o
		if _, known := at[o.ID]; !known {
			at[o.ID] = len(ids)
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	orders, err := t.tx.OrderGet(ids)
	if err != nil {
		return nil, err
	}
	for i := range said {
		if said[i].ID == "" {
			continue
		}
		cur := &orders[at[said[i].ID]]
		*cur = cur.Take(said[i])
		now := *cur
		out[i] = &now
	}
	return out, t.tx.OrderPut(orders)
}

// takeMeanings acts on events that mean something to everybody.
func (t *turn) takeMeanings(ords []int) error {
	var refs []string
	var at []int
	for i := range t.events {
		ev := &t.events[i]
		switch ev.Type {
		case profile.Updated:
			if ev.CustomerRef != "" && len(ev.Data) > 0 {
				refs, at = append(refs, ev.CustomerRef), append(at, i)
			}
		case typeOutageStarted, typeRecallIssued, typeOutageEnded, typeRecallEnded:
			if err := t.takeNotice(ev, t.items[ords[i]]); err != nil {
				return err
			}
		}
	}
	if len(refs) == 0 {
		return nil
	}
	customers, err := t.tx.RefFind(refs)
	if err != nil {
		return err
	}
	for k, id := range customers {
		ev := &t.events[at[k]]
		p, passed, ok := profile.FromEvent(ev)
		for _, x := range passed {
			t.e.log.Warn("a field of a customer's event was passed over", "source", ev.Source, "field", x.Field)
		}
		if id == 0 || !ok {
			continue
		}
		t.offer(offer{customer: id, ord: ords[at[k]], profile: true, in: domain.Input{
			Kind: domain.InputCommand, At: t.now,
			Command: &domain.Command{Kind: domain.CommandProfile, By: "event:" + ev.Source, Profile: &p, FactAt: ev.Time, Trusted: true},
		}})
	}
	return nil
}

// takeNotice opens or ends a notice, unless what is known of it is newer.
func (t *turn) takeNotice(ev *domain.Event, it *item) error {
	key := noticeKey(ev)
	if err := t.tx.NoticePut(*ev, key, ev.Anchors()); err != nil {
		return err
	}
	known, err := t.tx.NoticeGet([]string{key})
	if err != nil {
		return err
	}
	if known[0].Seq != ev.Seq {
		it.receipt.Older = true
		t.e.log.Info("an event about a notice is older than what is known and changed nothing", "type", ev.Type, "source", ev.Source)
	}
	return nil
}

// noticeKey names what an outage or recall is about, so that its end finds
// it: the event's subject, else its anchors.
func noticeKey(e *domain.Event) string {
	kind, _, _ := strings.Cut(e.Type, ".")
	if e.Subject != "" {
		return kind + ":" + e.Subject
	}
	parts := []string{kind}
	for _, a := range e.Anchors() {
		parts = append(parts, a.String())
	}
	return strings.Join(parts, ":")
}

// search is who may want events.
type search struct {
	anchors [][]domain.Anchor
	at      []int // whose event each is
	aside   sync.WaitGroup
	found   [][]store.SubscriptionRow // nil: not looked for yet
	err     error
}

func newSearch(events []domain.Event) *search {
	w := &search{}
	for i := range events {
		if a := events[i].Anchors(); len(a) > 0 {
			w.anchors, w.at = append(w.anchors, a), append(w.at, i)
		}
	}
	return w
}

// seek begins to look for who wants events, beside the transaction where that
// can be done. The transaction must not have changed a subscription yet, nor
// do so before the search is waited for.
func (t *turn) seek(events []domain.Event) *search {
	w := newSearch(events)
	s, ok := t.e.store.(store.Asider)
	if !ok || len(w.anchors) < fewEvents {
		return w
	}
	w.aside.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				w.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		_, w.err = s.Aside(t.ctx, w.find)
	})
	return w
}

func (w *search) find(r store.Reader) (err error) {
	w.found, err = r.SubscriptionFind(store.SubscriptionFindParams{Anchors: w.anchors, Limit: maxLive})
	return err
}

func (w *search) wait() { w.aside.Wait() }

// deliver calls give once per event and customer who wants it. An event that
// too many want gets a cursor instead.
func (t *turn) deliver(events []domain.Event, w *search, give func(i int, s store.SubscriptionRow)) error {
	w.wait()
	if len(w.anchors) > 0 && w.found == nil && w.err == nil {
		w.err = w.find(t.tx)
	}
	if w.err != nil {
		return w.err
	}
	for k, rows := range w.found {
		i := w.at[k]
		if len(rows) > maxLive {
			if err := t.tx.FanoutPut(store.FanoutRow{EventSeq: events[i].Seq}); err != nil {
				return err
			}
			t.tally.fanouts = true
			continue
		}
		var last domain.CustomerID
		for _, row := range rows {
			if row.Customer != last && t.stands(&row, &events[i], w.anchors[k]) {
				last = row.Customer
				give(i, row)
			}
		}
	}
	return nil
}

// stands reports whether a subscription that was found by an anchor stands
// and fits the event.
func (t *turn) stands(s *store.SubscriptionRow, ev *domain.Event, anchors []domain.Anchor) bool {
	return (s.Expires.IsZero() || s.Expires.After(t.now)) && s.Matches(ev, anchors)
}
