package postgres

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// A catch-up row is open (upto NULL) from its commit until it is known which
// events its subscription can have missed (see horizon). Then upto says so,
// and so does the subscription's after: fan-outs leave to the catch-up what
// came before.
var (
	qCatchUpAdd = prepared(`INSERT INTO catch_up AS c (customer, subscription, seq, xid, attr, value, type, since, upto)
		SELECT u.customer, u.subscription, nextval('catch_up_seq'), pg_current_xact_id(), u.attr, u.value, u.type, u.since, CASE WHEN u.upto >= 0 THEN u.upto END
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[]) u(customer, subscription, attr, value, type, since, upto)
		ON CONFLICT (customer, subscription) DO UPDATE SET seq = excluded.seq, xid = excluded.xid, attr = excluded.attr, value = excluded.value, type = excluded.type,
			since = least(c.since, excluded.since), upto = CASE WHEN c.upto IS NOT NULL AND excluded.upto IS NOT NULL THEN greatest(c.upto, excluded.upto) END`)
	qCatchUpHold = prepared(`SELECT f.place FROM unnest($1::bigint[], $2::text[]) u(customer, subscription) CROSS JOIN LATERAL (
		SELECT c.ctid::text AS place FROM catch_up c` + only("c.customer, c.subscription", "u.customer, u.subscription", "") + ` FOR UPDATE) f`)
	qCatchUpDel    = prepared(`DELETE FROM catch_up WHERE ctid = ANY (($1::text[])::tid[])`)
	qCatchUpSettle = prepared(`WITH ripe AS MATERIALIZED (
			SELECT c.customer, c.subscription, c.ctid AS place FROM catch_up c JOIN subscription s ON s.customer = c.customer AND s.id = c.subscription
			WHERE c.upto IS NULL AND c.least <= $2::bigint AND pg_visible_in_snapshot(c.xid, ($1::text)::pg_snapshot)
			ORDER BY c.seq LIMIT $3::bigint FOR NO KEY UPDATE OF c, s SKIP LOCKED),
		settled AS (UPDATE catch_up c SET upto = $2::bigint FROM ripe r WHERE c.ctid = r.place
			RETURNING c.customer, c.subscription)
		UPDATE subscription s SET after = greatest(s.after, $2::bigint) FROM settled r WHERE (s.customer, s.id) = (r.customer, r.subscription)`)
	qCatchUpList = prepared(`SELECT customer, subscription, attr, value, type, since, coalesce(upto, $2::bigint) FROM catch_up
		WHERE pg_visible_in_snapshot(xid, ($1::text)::pg_snapshot) AND (upto IS NOT NULL OR least <= $2::bigint) ORDER BY seq LIMIT $3::bigint`)
	qCatchUpClaim = prepared(`SELECT customer, subscription, attr, value, type, since, coalesce(upto, $2::bigint) FROM catch_up c
		WHERE pg_visible_in_snapshot(xid, ($1::text)::pg_snapshot) AND (upto IS NOT NULL
			OR (SELECT true FROM subscription s WHERE s.customer = c.customer AND s.id = c.subscription LIMIT 1) IS NULL)
		ORDER BY seq LIMIT $3::bigint FOR NO KEY UPDATE OF c SKIP LOCKED`)
	qCatchUpOpen = prepared(`SELECT f.* FROM unnest($1::bigint[], $2::text[]) u(customer, subscription) CROSS JOIN LATERAL (
		SELECT c.customer, c.subscription, c.ctid::text FROM catch_up c` + only("c.customer, c.subscription", "u.customer, u.subscription", " AND c.upto IS NULL") + ` FOR NO KEY UPDATE) f`)
	qCatchUpLeast = prepared(`UPDATE catch_up SET least = greatest(least, (SELECT max(seq) FROM event WHERE seq <= $2::bigint)) WHERE ctid = ANY (($1::text[])::tid[])`)
	qCatchUpOver  = prepared(`DELETE FROM catch_up WHERE customer = $1::bigint AND subscription IN (SELECT subscription FROM catch_up WHERE customer = $2::bigint)`)
	qCatchUpMove  = prepared(`UPDATE catch_up SET customer = $1::bigint WHERE customer = $2::bigint`)
	qCatchUpWipe  = prepared(`DELETE FROM catch_up WHERE customer = ANY ($1::bigint[])`)
)

// maxSettle is how many catch-ups one list settles.
const maxSettle = 2000

func (r *reader) catchUps(q *rows) (out []store.CatchUpRow) {
	for q.next() {
		out = append(out, store.CatchUpRow{
			Customer: domain.CustomerID(q.i(0)), Subscription: q.str(1), Anchor: domain.Anchor{Attr: q.str(2), Value: q.str(3)},
			To: q.str(4), Since: q.at(5), Upto: q.i(6),
		})
	}
	return out
}

// CatchUpList gives a row once every event that its subscription can have
// missed is in the log.
func (r *reader) CatchUpList(limit int) ([]store.CatchUpRow, error) {
	ripe := r.look()
	if ripe.rows == "" {
		return nil, r.err
	}
	return r.catchUps(r.query(qCatchUpList, r.arg().text(ripe.rows).int(ripe.upto).int(int64(store.Limit(limit))))), r.err
}

// CatchUpList settles what is ripe, and takes rows that no other transaction
// is working at.
func (t *tx) CatchUpList(limit int) ([]store.CatchUpRow, error) {
	ripe := t.look()
	if ripe.rows == "" {
		return nil, t.err
	}
	t.exec(qCatchUpSettle, t.arg().text(ripe.rows).int(ripe.upto).int(maxSettle))
	return t.catchUps(t.query(qCatchUpClaim, t.arg().text(ripe.rows).int(ripe.upto).int(int64(store.Limit(limit))))), t.err
}

// leaveToCatchUp makes open catch-ups reach at least to the last event up to a
// place, and returns those that still were open.
func (t *tx) leaveToCatchUp(open []subscriptionKey, upto int64) (left []subscriptionKey) {
	chunks(len(open), func(from, to int) {
		part := open[from:to]
		var places []string // where they stay while they are locked
		q := t.query(qCatchUpOpen, t.arg().
			ints(len(part), func(i int) int64 { return int64(part[i].customer) }).
			texts(len(part), func(i int) string { return part[i].id }))
		for q.next() {
			left = append(left, subscriptionKey{domain.CustomerID(q.i(0)), q.str(1)})
			places = append(places, q.str(2))
		}
		if len(places) > 0 {
			t.exec(qCatchUpLeast, t.arg().strings(places).int(upto))
		}
	})
	return left
}

// CatchUpAdd keeps what an older row of the same subscription asks for as
// well. A row that ends where its subscription begins, both of this
// transaction, is open: the end is the log's last place when they are
// committed, and that nobody knows before.
func (t *tx) CatchUpAdd(rows []store.CatchUpRow) error {
	for i := range rows {
		if rows[i].Customer <= 0 || rows[i].Subscription == "" {
			return emptyKey("customer or subscription id")
		}
	}
	key := func(i int) subscriptionKey {
		return subscriptionKey{rows[i].Customer, storable(rows[i].Subscription)}
	}
	chunksOf(len(rows), key, func(from, to int) {
		part := rows[from:to]
		n := len(part)
		t.exec(qCatchUpAdd, t.arg().
			ints(n, func(i int) int64 { return int64(part[i].Customer) }).
			texts(n, func(i int) string { return part[i].Subscription }).
			texts(n, func(i int) string { return part[i].Anchor.Attr }).
			texts(n, func(i int) string { return part[i].Anchor.Value }).
			texts(n, func(i int) string { return part[i].To }).
			times(n, func(i int) time.Time { return part[i].Since }).
			ints(n, func(i int) int64 {
				if s := t.subscribed[key(from+i)]; s.fresh && s.after == part[i].Upto {
					return -1
				}
				return part[i].Upto
			}))
	})
	if len(rows) > 0 {
		t.wake, t.caught, t.moved = true, true, true
	}
	return t.err
}

func (t *tx) CatchUpDelete(rows []store.CatchUpRow) error {
	chunks(len(rows), func(from, to int) {
		part := rows[from:to]
		var places []string // where they stay while they are locked
		q := t.query(qCatchUpHold, t.arg().
			ints(len(part), func(i int) int64 { return int64(part[i].Customer) }).
			texts(len(part), func(i int) string { return part[i].Subscription }))
		for q.next() {
			places = append(places, q.str(0))
		}
		if len(places) > 0 {
			t.exec(qCatchUpDel, t.arg().strings(places))
		}
	})
	return t.err
}
