package sqlite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qSubFind = prepared(`SELECT customer, after, body FROM subscription WHERE anchor = ? ORDER BY customer, id`)
	qSubScan = prepared(`SELECT customer, after, body FROM subscription WHERE anchor = ? AND customer > ? ORDER BY customer, id`)
	qSubPut  = prepared(`INSERT OR REPLACE INTO subscription (customer, id, anchor, after, body) VALUES (?, ?, ?, ?, ?)`)
	qSubHas  = prepared(`SELECT anchor, after FROM subscription WHERE customer = ? AND id = ?`)
	qSubDel  = prepared(`DELETE FROM subscription WHERE customer = ? AND id = ?`)
	qSubMove = prepared(`UPDATE subscription SET customer = ? WHERE customer = ?`)
	qSubWipe = prepared(`DELETE FROM subscription WHERE customer = ?`)

	qCatchUpPut = prepared(`INSERT INTO catch_up (seq, customer, subscription, attr, value, type, since, upto) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (customer, subscription) DO UPDATE SET seq = excluded.seq, attr = excluded.attr, value = excluded.value, type = excluded.type,
			since = min(since, excluded.since), upto = max(upto, excluded.upto)`)
	qCatchUpDel  = prepared(`DELETE FROM catch_up WHERE customer = ? AND subscription = ?`)
	qCatchUpList = prepared(`SELECT customer, subscription, attr, value, type, since, upto FROM catch_up ORDER BY seq LIMIT ?`)
	qCatchUpMove = prepared(`UPDATE catch_up SET customer = ? WHERE customer = ?`)
	qCatchUpWipe = prepared(`DELETE FROM catch_up WHERE customer = ?`)
)

func (s *stmt) subscription() (row store.SubscriptionRow) {
	s.decode(2, &row.Subscription)
	row.Customer, row.After = domain.CustomerID(s.i(0)), s.i(1)
	row.Since, row.Expires = truncated(row.Since), truncated(row.Expires)
	return row
}

func (r *reader) SubscriptionFind(p store.SubscriptionFindParams) ([][]store.SubscriptionRow, error) {
	most := store.Limit(p.Limit) + 1
	out := make([][]store.SubscriptionRow, len(p.Anchors))
	for i, anchors := range p.Anchors {
		lists := 0
		for _, a := range anchors {
			n := len(out[i])
			for q := r.q(qSubFind).int(int64(store.AnchorHash(a))); q.row(); {
				if row := q.subscription(); row.Anchor == a {
					out[i] = append(out[i], row)
				}
				if len(out[i])-n == most {
					q.reset()
					break
				}
			}
			if len(out[i]) > n {
				lists++
			}
		}
		if lists > 1 {
			slices.SortFunc(out[i], func(a, b store.SubscriptionRow) int {
				return cmp.Or(cmp.Compare(a.Customer, b.Customer), strings.Compare(a.ID, b.ID))
			})
			out[i] = slices.CompactFunc(out[i], func(a, b store.SubscriptionRow) bool { return a.Customer == b.Customer && a.ID == b.ID })
		}
		out[i] = out[i][:min(len(out[i]), most)]
	}
	return out, r.err
}

func (r *reader) SubscriptionScan(p store.SubscriptionScanParams) ([]store.SubscriptionRow, error) {
	var out []store.SubscriptionRow
	limit := store.Limit(p.Limit)
	for q := r.q(qSubScan).int(int64(store.AnchorHash(p.Anchor))).int(int64(p.After)); q.row(); {
		// The cursor is a customer, so a page ends where one does.
		if len(out) >= limit && domain.CustomerID(q.i(0)) != out[len(out)-1].Customer {
			q.reset()
			break
		}
		if q.i(1) >= p.Before {
			continue
		}
		if row := q.subscription(); row.Anchor == p.Anchor {
			out = append(out, row)
		}
	}
	return out, r.err
}

func (t *tx) SubscriptionAdd(rows []store.SubscriptionRow) error {
	for _, row := range rows {
		if row.Customer <= 0 || row.ID == "" || row.Anchor.Attr == "" || row.Anchor.Value == "" {
			return emptyKey("customer, subscription id or anchor")
		}
	}
	for i := range rows {
		row := &rows[i]
		row.After = t.w.count.event
		if has := t.q(qSubHas).int(int64(row.Customer)).text(row.ID); has.row() {
			if has.i(0) == int64(store.AnchorHash(row.Anchor)) {
				row.After = has.i(1) // prolonged: it has stood all the while
			}
			has.reset()
		} else {
			t.w.count.subscriptions++
		}
		t.q(qSubPut).int(int64(row.Customer)).text(row.ID).int(int64(store.AnchorHash(row.Anchor))).int(row.After).noun(&row.Subscription).exec()
	}
	return t.err
}

func (t *tx) SubscriptionDelete(rows []store.SubscriptionRow) error {
	for _, row := range rows {
		t.w.count.subscriptions -= t.q(qSubDel).int(int64(row.Customer)).text(row.ID).exec()
	}
	return t.err
}

func (r *reader) CatchUpList(limit int) ([]store.CatchUpRow, error) {
	var out []store.CatchUpRow
	for q := r.q(qCatchUpList).int(int64(store.Limit(limit))); q.row(); {
		out = append(out, store.CatchUpRow{
			Customer: domain.CustomerID(q.i(0)), Subscription: q.str(1), Anchor: domain.Anchor{Attr: q.str(2), Value: q.str(3)},
			To: q.str(4), Since: q.at(5), Upto: q.i(6),
		})
	}
	return out, r.err
}

func (t *tx) CatchUpAdd(rows []store.CatchUpRow) error {
	for _, row := range rows {
		if row.Customer <= 0 || row.Subscription == "" {
			return emptyKey("customer or subscription id")
		}
	}
	for _, row := range rows {
		t.w.count.catchUp++
		t.q(qCatchUpPut).int(t.w.count.catchUp).int(int64(row.Customer)).text(row.Subscription).
			text(row.Anchor.Attr).text(row.Anchor.Value).text(row.To).time(row.Since).int(row.Upto).exec()
	}
	return t.err
}

func (t *tx) CatchUpDelete(rows []store.CatchUpRow) error {
	for _, row := range rows {
		t.q(qCatchUpDel).int(int64(row.Customer)).text(row.Subscription).exec()
	}
	return t.err
}
