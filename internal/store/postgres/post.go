package postgres

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const postColumns = `id, network, account, customer, sender, at, revision, body`

var (
	qPostFind = prepared(`SELECT u.i, p.* FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY u(id, network, account, i)
		JOIN LATERAL (SELECT ` + postColumns + ` FROM post p WHERE (p.id, p.network, p.account) = (u.id, u.network, u.account)) p ON true`)
	qPostFindID = prepared(`SELECT 0::bigint, ` + postColumns + ` FROM post WHERE id = $1::text ORDER BY network, account LIMIT 20`)
	qPostPut    = prepared(`INSERT INTO post AS p (` + postColumns + `)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::text[], $8::bigint[])
		ON CONFLICT (id, network, account) DO UPDATE SET customer = excluded.customer, sender = excluded.sender, at = excluded.at,
			revision = excluded.revision, body = excluded.body
		RETURNING xmax = 0`)
	qPostMove  = prepared(`UPDATE post SET customer = $1::bigint WHERE customer = $2::bigint`)
	qPostWipe  = prepared(`DELETE FROM post WHERE customer = ANY ($1::bigint[])`)
	qPostPrune = prepared(`DELETE FROM post WHERE (id, network, account) IN
		(SELECT id, network, account FROM post WHERE at < $1::timestamptz ORDER BY at LIMIT $2::bigint)`)
)

func (q *rows) post() store.PostRow {
	return store.PostRow{
		Key: domain.PostKey{ID: q.str(1), Network: q.str(2), Account: q.str(3)}, Customer: domain.CustomerID(q.i(4)),
		From: q.str(5), At: q.at(6), Revision: q.str(7), Body: uint64(q.i(8)),
	}
}

func (r *reader) PostFind(keys []domain.PostKey) ([]store.PostRow, error) {
	out := make([]store.PostRow, len(keys))
	chunks(len(keys), func(from, to int) {
		part := keys[from:to]
		q := r.query(qPostFind, r.arg().
			texts(len(part), func(i int) string { return part[i].ID }).
			texts(len(part), func(i int) string { return part[i].Network }).
			texts(len(part), func(i int) string { return part[i].Account }))
		for q.next() {
			out[from+int(q.i(0))-1] = q.post()
		}
	})
	return out, r.err
}

func (r *reader) PostFindID(id string) ([]store.PostRow, error) {
	var out []store.PostRow
	for q := r.query(qPostFindID, r.arg().text(id)); q.next(); {
		out = append(out, q.post())
	}
	return out, r.err
}

func (t *tx) PostPut(rows []store.PostRow) error {
	for i := range rows {
		if rows[i].Key.Network == "" || rows[i].Key.ID == "" {
			return emptyKey("post key")
		}
	}
	chunksOf(len(rows), func(i int) domain.PostKey { return rows[i].Key }, func(from, to int) {
		part := rows[from:to]
		n := len(part)
		q := t.query(qPostPut, t.arg().
			texts(n, func(i int) string { return part[i].Key.ID }).
			texts(n, func(i int) string { return part[i].Key.Network }).
			texts(n, func(i int) string { return part[i].Key.Account }).
			ints(n, func(i int) int64 { return int64(part[i].Customer) }).
			texts(n, func(i int) string { return part[i].From }).
			times(n, func(i int) time.Time { return part[i].At }).
			texts(n, func(i int) string { return part[i].Revision }).
			ints(n, func(i int) int64 { return int64(part[i].Body) }))
		for q.next() {
			if q.bool(0) {
				t.delta.posts++
			}
		}
	})
	return t.err
}
