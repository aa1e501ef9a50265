package memory

import (
	"cmp"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type event struct {
	domain.Event
	anchors []domain.Anchor
}

type subscriptionKey struct {
	customer domain.CustomerID
	id       string
}

type notice struct {
	domain.Event
	key     string
	anchors []domain.Anchor
}

type catchUp struct {
	store.CatchUpRow
	seq int64
}

func copyEvent(e domain.Event) domain.Event {
	e.Data, e.Time, e.Accepted = blob(e.Data), micros(e.Time), micros(e.Accepted)
	return e
}

func (r *reader) EventGet(seqs []int64) ([]domain.Event, error) {
	out := make([]domain.Event, len(seqs))
	for i, seq := range seqs {
		out[i] = copyEvent(r.s.events.rows[seq].Event)
	}
	return out, nil
}

func (r *reader) EventFind(p store.EventFindParams) ([]domain.Event, error) {
	var out []domain.Event
	limit, since := store.Limit(p.Limit), micros(p.Since)
	for seq := r.s.seq.event; seq > 0 && len(out) < limit; seq-- {
		e, ok := r.s.events.get(seq)
		if !ok || p.Upto > 0 && seq > p.Upto || e.AcceptedAt().Before(since) || !slices.Contains(e.anchors, p.Anchor) {
			continue
		}
		out = append(out, copyEvent(e.Event))
	}
	return out, nil
}

func (r *reader) EventTail(after int64, limit int) ([]domain.Event, error) {
	var out []domain.Event
	limit = store.Limit(limit)
	for seq := max(after, 0) + 1; seq <= r.s.seq.event && len(out) < limit; seq++ {
		if e, ok := r.s.events.get(seq); ok {
			out = append(out, copyEvent(e.Event))
		}
	}
	return out, nil
}

func (t *tx) EventAppend(events []domain.Event) error {
	for i := range events {
		t.s.seq.event++
		events[i].Seq = t.s.seq.event
		e := copyEvent(events[i])
		t.s.events.put(t.s, e.Seq, event{e, e.Anchors()})
	}
	return nil
}

func (r *reader) SubscriptionFind(p store.SubscriptionFindParams) ([][]store.SubscriptionRow, error) {
	out := make([][]store.SubscriptionRow, len(p.Anchors))
	for i, anchors := range p.Anchors {
		found := table[subscriptionKey, store.SubscriptionRow]{rows: map[subscriptionKey]store.SubscriptionRow{}}
		for _, a := range anchors {
			for k := range r.s.byAnchor[a] {
				found.rows[k] = r.s.subscriptions.rows[k]
			}
		}
		out[i] = copySubscriptions(found.list(all, bySubscription, store.Limit(p.Limit)+1))
	}
	return out, nil
}

func (r *reader) SubscriptionScan(p store.SubscriptionScanParams) ([]store.SubscriptionRow, error) {
	found := table[subscriptionKey, store.SubscriptionRow]{rows: map[subscriptionKey]store.SubscriptionRow{}}
	for k := range r.s.byAnchor[p.Anchor] {
		if row := r.s.subscriptions.rows[k]; row.Customer > p.After && row.After < p.Before {
			found.rows[k] = row
		}
	}
	rows := found.list(all, bySubscription, 0)
	if limit := store.Limit(p.Limit); len(rows) > limit {
		// The cursor is a customer, so a page ends where one does.
		last := rows[limit-1].Customer
		for limit < len(rows) && rows[limit].Customer == last {
			limit++
		}
		rows = rows[:limit]
	}
	return copySubscriptions(rows), nil
}

func bySubscription(a, b store.SubscriptionRow) int {
	return then(cmp.Compare(a.Customer, b.Customer), compare(a.ID, b.ID))
}

func copySubscriptions(rows []store.SubscriptionRow) []store.SubscriptionRow {
	for i := range rows {
		rows[i] = copySubscription(rows[i])
	}
	return rows
}

func copySubscription(row store.SubscriptionRow) store.SubscriptionRow {
	row.Since, row.Expires = micros(row.Since), micros(row.Expires)
	if len(row.Where) == 0 {
		row.Where = nil
	}
	row.Where = slices.Clone(row.Where)
	return row
}

func (s *Store) subscriptionsOf(c domain.CustomerID) []store.SubscriptionRow {
	return s.subscriptions.list(func(v store.SubscriptionRow) bool { return v.Customer == c }, bySubscription, 0)
}

func (t *tx) SubscriptionAdd(rows []store.SubscriptionRow) error {
	for _, row := range rows {
		if row.Customer <= 0 || row.ID == "" || row.Anchor.Attr == "" || row.Anchor.Value == "" {
			return emptyKey("customer, subscription id or anchor")
		}
	}
	for i := range rows {
		k := subscriptionKey{rows[i].Customer, rows[i].ID}
		rows[i].After = t.s.seq.event
		if old, ok := t.s.subscriptions.get(k); ok && old.Anchor == rows[i].Anchor {
			rows[i].After = old.After // prolonged: it has stood all the while
		}
		t.dropSubscription(k)
		t.keepSubscription(copySubscription(rows[i]))
	}
	return nil
}

func (t *tx) SubscriptionDelete(rows []store.SubscriptionRow) error {
	for _, row := range rows {
		t.dropSubscription(subscriptionKey{row.Customer, row.ID})
	}
	return nil
}

func (t *tx) keepSubscription(row store.SubscriptionRow) {
	k := subscriptionKey{row.Customer, row.ID}
	t.s.subscriptions.put(t.s, k, row)
	set := t.s.byAnchor[row.Anchor]
	if set == nil {
		set = map[subscriptionKey]struct{}{}
		t.s.byAnchor[row.Anchor] = set
	}
	set[k] = struct{}{}
	t.s.undo = append(t.s.undo, func() { delete(set, k) })
}

func (t *tx) dropSubscription(k subscriptionKey) {
	row, ok := t.s.subscriptions.get(k)
	if !ok {
		return
	}
	t.s.subscriptions.del(t.s, k)
	set := t.s.byAnchor[row.Anchor]
	delete(set, k)
	t.s.undo = append(t.s.undo, func() { set[k] = struct{}{} })
}

func (r *reader) NoticeFind(anchors []domain.Anchor) ([]domain.Event, error) {
	found := r.s.notices.list(func(n notice) bool {
		return !store.NoticeEnds(&n.Event) && (len(anchors) == 0 || slices.ContainsFunc(n.anchors, func(a domain.Anchor) bool { return slices.Contains(anchors, a) }))
	}, func(a, b notice) int {
		return then(b.Time.Compare(a.Time), cmp.Compare(b.Seq, a.Seq), compare(a.key, b.key))
	}, 200)
	out := make([]domain.Event, len(found))
	for i := range found {
		out[i] = copyEvent(found[i].Event)
	}
	return out, nil
}

func (t *tx) NoticePut(e domain.Event, key string, anchors []domain.Anchor) error {
	if key == "" {
		return emptyKey("notice key")
	}
	n := notice{copyEvent(e), key, slices.Clone(anchors)}
	if old, ok := t.s.notices.get(key); ok && old.Time.After(n.Time) {
		return nil
	}
	if store.NoticeEnds(&e) {
		n.anchors = []domain.Anchor{store.NoticeEnded}
	}
	t.s.notices.put(t.s, key, n)
	return nil
}

func (r *reader) NoticeGet(keys []string) ([]domain.Event, error) {
	out := make([]domain.Event, len(keys))
	for i, key := range keys {
		if n, ok := r.s.notices.get(key); ok {
			out[i] = copyEvent(n.Event)
		}
	}
	return out, nil
}

func (r *reader) FanoutList(limit int) ([]store.FanoutRow, error) {
	return r.s.fanouts.list(all, func(a, b store.FanoutRow) int { return cmp.Compare(a.EventSeq, b.EventSeq) }, store.Limit(limit)), nil
}

func (t *tx) FanoutPut(row store.FanoutRow) error {
	t.s.fanouts.put(t.s, row.EventSeq, row)
	return nil
}

func (t *tx) FanoutDelete(eventSeq int64) error {
	t.s.fanouts.del(t.s, eventSeq)
	return nil
}

func (r *reader) CatchUpList(limit int) ([]store.CatchUpRow, error) {
	found := r.s.catchUps.list(all, func(a, b catchUp) int { return cmp.Compare(a.seq, b.seq) }, store.Limit(limit))
	out := make([]store.CatchUpRow, len(found))
	for i := range found {
		out[i] = found[i].CatchUpRow
	}
	return out, nil
}

func (t *tx) CatchUpAdd(rows []store.CatchUpRow) error {
	for _, row := range rows {
		if row.Customer <= 0 || row.Subscription == "" {
			return emptyKey("customer or subscription id")
		}
	}
	for _, row := range rows {
		row.Since = micros(row.Since)
		key := subscriptionKey{row.Customer, row.Subscription}
		if had, ok := t.s.catchUps.get(key); ok {
			row.Upto = max(row.Upto, had.Upto)
			if had.Since.Before(row.Since) {
				row.Since = had.Since
			}
		}
		t.s.seq.catchUp++
		t.s.catchUps.put(t.s, key, catchUp{row, t.s.seq.catchUp})
	}
	return nil
}

func (t *tx) CatchUpDelete(rows []store.CatchUpRow) error {
	for _, row := range rows {
		t.s.catchUps.del(t.s, subscriptionKey{row.Customer, row.Subscription})
	}
	return nil
}
