package postgres

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qInboxPending = prepared(`SELECT u.id FROM unnest($1::bigint[]) u(id) CROSS JOIN LATERAL (SELECT true FROM inbox i` + only("i.customer", "u.id", "") + `) f`)
	qInboxRead    = prepared(`SELECT customer, seq, ready_at, kind, body FROM inbox WHERE customer = ANY ($1::bigint[]) ORDER BY customer, seq`)
	qInboxAdd     = prepared(`INSERT INTO inbox (customer, seq, ready_at, kind, body)
		SELECT u.customer, nextval('inbox_seq'), u.ready_at, u.kind, u.body
		FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bytea[]) u(customer, ready_at, kind, body) RETURNING seq`)
	qInboxDel = prepared(`DELETE FROM inbox i USING (SELECT f.place FROM unnest($1::bigint[], $2::bigint[]) u(customer, seq)
			CROSS JOIN LATERAL (SELECT i.ctid AS place FROM inbox i` + only("i.customer, i.seq", "u.customer, u.seq", "") + `) f) h WHERE i.ctid = h.place`)
	qInboxNext = prepared(`SELECT ready_at FROM inbox ORDER BY ready_at LIMIT 1`)
	qInboxMove = prepared(`UPDATE inbox SET customer = $1::bigint WHERE customer = $2::bigint`)
	qInboxWipe = prepared(`DELETE FROM inbox WHERE customer = ANY ($1::bigint[])`)
)

// ids binds customers.
func (a *args) ids(ids []domain.CustomerID) *args {
	return a.ints(len(ids), func(i int) int64 { return int64(ids[i]) })
}

func (r *reader) InboxRead(customers []domain.CustomerID) ([]store.InboxRow, error) {
	var out []store.InboxRow
	if len(customers) == 0 {
		return nil, r.err
	}
	for q := r.query(qInboxRead, r.arg().ids(customers)); q.next(); {
		out = append(out, store.InboxRow{
			Customer: domain.CustomerID(q.i(0)), Seq: q.i(1), ReadyAt: q.at(2), Kind: domain.InputKind(q.str(3)), Body: q.bytes(4),
		})
	}
	return out, r.err
}

func (r *reader) InboxSize() (int, error) { return int(r.counted().inputs), r.err }

func (r *reader) InboxNext() (next time.Time, err error) {
	if q := r.query(qInboxNext, r.arg()); q.next() {
		next = q.at(0)
		q.close()
	}
	return next, r.err
}

func (t *tx) InboxAppend(rows []store.InboxRow) error {
	for i := range rows {
		if rows[i].Customer <= 0 {
			return emptyKey("customer")
		}
	}
	chunks(len(rows), func(from, to int) {
		part := rows[from:to]
		n := len(part)
		q := t.query(qInboxAdd, t.arg().
			ints(n, func(i int) int64 { return int64(part[i].Customer) }).
			times(n, func(i int) time.Time { return part[i].ReadyAt }).
			texts(n, func(i int) string { return string(part[i].Kind) }).
			blobs(n, func(i int) []byte { return part[i].Body }))
		for i := 0; q.next(); i++ {
			part[i].Seq = q.i(0)
		}
	})
	t.delta.inputs += int64(len(rows))
	t.wake = t.wake || len(rows) > 0
	return t.err
}

func (t *tx) InboxDelete(rows []store.InboxKey) error {
	chunks(len(rows), func(from, to int) {
		part := rows[from:to]
		t.delta.inputs -= t.exec(qInboxDel, t.arg().
			ints(len(part), func(i int) int64 { return int64(part[i].Customer) }).
			ints(len(part), func(i int) int64 { return part[i].Seq }))
	})
	return t.err
}
