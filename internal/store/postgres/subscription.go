package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qSubFind = prepared(`SELECT u.i, f.customer, f.after, f.body FROM unnest($1::bigint[]) WITH ORDINALITY u(anchor, i) CROSS JOIN LATERAL
		(SELECT s.customer, s.after, s.body FROM subscription s WHERE s.anchor = u.anchor ORDER BY s.customer, s.id LIMIT $2::bigint) f`)
	// The last column says that a catch-up is open: how far it will reach is
	// not settled yet.
	qSubScan = prepared(`SELECT 0::bigint, s.customer, s.after, s.body, s.id, (SELECT true FROM catch_up c
			WHERE c.customer = s.customer AND c.subscription = s.id AND c.upto IS NULL LIMIT 1) IS NOT NULL FROM subscription s
		WHERE s.anchor = $1::bigint AND (s.customer, s.id) > ($2::bigint, $3::text) AND s.customer <= $4::bigint AND s.after < $5::bigint
		ORDER BY s.customer, s.id LIMIT $6::bigint`)
	qSubAdd = prepared(`WITH log AS MATERIALIZED (SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM event_seq)
		INSERT INTO subscription AS s (customer, id, anchor, after, body)
		SELECT u.customer, u.id, u.anchor, log.last, u.body
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[]) u(customer, id, anchor, body), log
		ON CONFLICT (customer, id) DO UPDATE SET anchor = excluded.anchor, body = excluded.body,
			after = CASE WHEN s.anchor = excluded.anchor THEN s.after ELSE excluded.after END
		RETURNING customer, id, after, xmax = 0, after = (SELECT last FROM log)`)
	qSubDel  = prepared(`DELETE FROM subscription s USING unnest($1::bigint[], $2::text[]) u(customer, id) WHERE (s.customer, s.id) = (u.customer, u.id)`)
	qSubOver = prepared(`DELETE FROM subscription WHERE customer = $1::bigint AND id IN (SELECT id FROM subscription WHERE customer = $2::bigint)`)
	qSubMove = prepared(`UPDATE subscription SET customer = $1::bigint WHERE customer = $2::bigint`)
	qSubWipe = prepared(`DELETE FROM subscription WHERE customer = ANY ($1::bigint[])`)
)

// subscribed is what SubscriptionAdd said; fresh means that the subscription
// begins now, and was not only prolonged.
type subscribed struct {
	after int64
	fresh bool
}

type subscriptionKey struct {
	customer domain.CustomerID
	id       string
}

func (q *rows) subscription() (row store.SubscriptionRow) {
	q.decode(3, &row.Subscription)
	row.Customer, row.After = domain.CustomerID(q.i(1)), q.i(2)
	row.Since, row.Expires = truncated(row.Since), truncated(row.Expires)
	return row
}

func bySubscription(a, b store.SubscriptionRow) int {
	return cmp.Or(cmp.Compare(a.Customer, b.Customer), strings.Compare(a.ID, b.ID))
}

func (r *reader) SubscriptionFind(p store.SubscriptionFindParams) ([][]store.SubscriptionRow, error) {
	most := store.Limit(p.Limit) + 1
	var anchors []domain.Anchor // each once
	place := map[domain.Anchor]int{}
	for _, list := range p.Anchors {
		for _, a := range list {
			if _, known := place[a]; !known {
				place[a] = len(anchors)
				anchors = append(anchors, a)
			}
		}
	}
	found := make([][]store.SubscriptionRow, len(anchors))
	chunks(len(anchors), func(from, to int) {
		part := anchors[from:to]
		q := r.query(qSubFind, r.arg().ints(len(part), func(i int) int64 { return anchorHash(part[i]) }).int(int64(most)))
		for q.next() {
			i := from + int(q.i(0)) - 1
			if row := q.subscription(); row.Anchor == anchors[i] {
				found[i] = append(found[i], row)
			}
		}
	})
	out := make([][]store.SubscriptionRow, len(p.Anchors))
	for i, list := range p.Anchors {
		lists := 0
		for _, a := range list {
			rows := found[place[a]]
			if len(rows) > 0 {
				lists++
			}
			out[i] = append(out[i], rows...)
		}
		if lists > 1 {
			slices.SortFunc(out[i], bySubscription)
			out[i] = slices.CompactFunc(out[i], func(a, b store.SubscriptionRow) bool { return bySubscription(a, b) == 0 })
		}
		out[i] = out[i][:min(len(out[i]), most)]
	}
	return out, r.err
}

// scanned is a row of a scan; open means that its catch-up is not settled.
type scanned struct {
	store.SubscriptionRow
	open bool
}

func (r *reader) scan(p store.SubscriptionScanParams) []scanned {
	var out []scanned
	read := func(after domain.CustomerID, id string, last domain.CustomerID, limit int) (n int) {
		q := r.query(qSubScan, r.arg().int(anchorHash(p.Anchor)).int(int64(after)).text(id).int(int64(last)).int(p.Before).int(int64(limit)))
		for ; q.next(); n++ {
			if row := q.subscription(); row.Anchor == p.Anchor {
				out = append(out, scanned{row, q.bool(5)})
			}
		}
		return n
	}
	limit := store.Limit(p.Limit)
	// The cursor is a customer with all subscriptions, so a page ends where
	// one does: after "c" comes everything with a larger id.
	if read(p.After+1, "", 1<<62, limit) == limit && len(out) > 0 {
		last := out[len(out)-1]
		read(last.Customer, last.ID, last.Customer, domain.MaxSubscriptions*10)
	}
	return out
}

func (r *reader) SubscriptionScan(p store.SubscriptionScanParams) ([]store.SubscriptionRow, error) {
	var out []store.SubscriptionRow
	for _, row := range r.scan(p) {
		out = append(out, row.SubscriptionRow)
	}
	return out, r.err
}

// SubscriptionScan leaves out subscriptions of which nobody knows yet how far
// they will catch up, and sees to it that they catch up with this event: it
// reaches each of them in one way and not in two.
func (t *tx) SubscriptionScan(p store.SubscriptionScanParams) ([]store.SubscriptionRow, error) {
	for tries := 0; t.err == nil; tries++ {
		rows := t.scan(p)
		var open []subscriptionKey
		for _, row := range rows {
			if row.open {
				open = append(open, subscriptionKey{row.Customer, row.ID})
			}
		}
		left := t.leaveToCatchUp(open, p.Before)
		if len(left) < len(open) { // settled meanwhile: look again how far
			if tries == maxRuns {
				t.fail(errAgain)
			}
			continue
		}
		var out []store.SubscriptionRow
		for _, row := range rows {
			if !row.open {
				out = append(out, row.SubscriptionRow)
			}
		}
		if len(out) > 0 || len(rows) == 0 {
			return out, t.err
		}
		p.After = rows[len(rows)-1].Customer // a page of such ones only is not the end
	}
	return nil, t.err
}

func (t *tx) SubscriptionAdd(rows []store.SubscriptionRow) error {
	for i := range rows {
		if row := &rows[i]; row.Customer <= 0 || row.ID == "" || row.Anchor.Attr == "" || row.Anchor.Value == "" {
			return emptyKey("customer, subscription id or anchor")
		}
	}
	if t.subscribed == nil {
		t.subscribed = map[subscriptionKey]subscribed{}
	}
	key := func(i int) subscriptionKey { return subscriptionKey{rows[i].Customer, storable(rows[i].ID)} }
	chunksOf(len(rows), key, func(from, to int) {
		part := rows[from:to]
		n := len(part)
		q := t.query(qSubAdd, t.arg().
			ints(n, func(i int) int64 { return int64(part[i].Customer) }).
			texts(n, func(i int) string { return part[i].ID }).
			ints(n, func(i int) int64 { return anchorHash(part[i].Anchor) }).
			nouns(n, func(i int) any { return &part[i].Subscription }))
		for q.next() {
			t.subscribed[subscriptionKey{domain.CustomerID(q.i(0)), q.str(1)}] = subscribed{q.i(2), q.bool(4)}
			if q.bool(3) {
				t.delta.subscriptions++
			}
		}
		for i := range part {
			part[i].After = t.subscribed[key(from+i)].after
		}
	})
	return t.err
}

func (t *tx) SubscriptionDelete(rows []store.SubscriptionRow) error {
	chunks(len(rows), func(from, to int) {
		part := rows[from:to]
		t.delta.subscriptions -= t.exec(qSubDel, t.arg().
			ints(len(part), func(i int) int64 { return int64(part[i].Customer) }).
			texts(len(part), func(i int) string { return part[i].ID }))
	})
	return t.err
}
