package postgres

import (
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qMerged = prepared(`WITH RECURSIVE all_of AS (SELECT id FROM advocate WHERE id = $1::bigint
		UNION ALL SELECT a.id FROM all_of o JOIN advocate a ON a.redirect = o.id) SELECT id FROM all_of`)
	qJournalAt = prepared(`SELECT at FROM journal WHERE customer = ANY ($1::bigint[]) AND seq = $2::bigint`)
	// One customer's times never go back, so its rows are newest first by
	// their places.
	qJournalOne = prepared(`SELECT seq, customer, version, at, record FROM journal
		WHERE customer = $1::bigint AND ($2::bigint = 0 OR version < $2::bigint) AND seq < $3::bigint ORDER BY seq DESC LIMIT $4::bigint`)
	qJournalMany = prepared(`SELECT j.* FROM unnest($1::bigint[]) u(id) CROSS JOIN LATERAL (SELECT seq, customer, version, at, record FROM journal
			WHERE customer = u.id AND ($2::bigint = 0 OR version < $2::bigint) AND (at, seq) < ($3::timestamptz, $4::bigint) ORDER BY seq DESC LIMIT $5::bigint) j
		ORDER BY j.at DESC, j.seq DESC LIMIT $5::bigint`)
	qJournalDel  = prepared(`DELETE FROM journal WHERE customer = $1::bigint AND seq = ANY ($2::bigint[])`)
	qJournalSet  = prepared(`UPDATE journal j SET record = u.record FROM unnest($2::bigint[], $3::bytea[]) u(seq, record) WHERE j.customer = $1::bigint AND j.seq = u.seq`)
	qJournalWipe = prepared(`DELETE FROM journal WHERE customer = ANY ($1::bigint[])`)
)

// merged returns the customer and everyone merged into it, at any remove; none
// for an unknown one.
func (r *reader) merged(id domain.CustomerID) []domain.CustomerID {
	return r.customers(r.query(qMerged, r.arg().int(int64(id))))
}

func (r *reader) JournalRead(p store.JournalReadParams) ([]store.JournalRow, error) {
	a, err := r.AdvocateGet([]domain.CustomerID{p.Customer})
	if err != nil || a[0].ID == 0 || a[0].Redirect != 0 {
		return nil, err
	}
	who := r.merged(p.Customer)
	end, seq := forever, int64(1<<62)
	if p.BeforeSeq != 0 {
		seq = p.BeforeSeq
		q := r.query(qJournalAt, r.arg().ids(who).int(seq))
		if !q.next() {
			if r.err != nil {
				return nil, r.err
			}
			return nil, fmt.Errorf("%w: no record %d of %s to go on from", store.ErrNotFound, p.BeforeSeq, p.Customer)
		}
		end = q.at(0)
		q.close()
	}
	limit := int64(store.Limit(p.Limit))
	var q *rows
	if len(who) == 1 {
		q = r.query(qJournalOne, r.arg().int(int64(p.Customer)).int(p.Before).int(seq).int(limit))
	} else {
		q = r.query(qJournalMany, r.arg().ids(who).int(p.Before).time(end).int(seq).int(limit))
	}
	var out []store.JournalRow
	for q.next() {
		out = append(out, store.JournalRow{Seq: q.i(0), Customer: domain.CustomerID(q.i(1)), Version: q.i(2), At: q.at(3), Record: q.bytes(4)})
	}
	return out, r.err
}

func (t *tx) JournalPart(p store.JournalPartParams) error {
	t.holdAll([]domain.CustomerID{min(p.From, p.To), max(p.From, p.To)})
	var gone, less, goes []int
	for i := range p.Rows {
		if len(p.Rows[i].Stays) == 0 {
			gone = append(gone, i)
		} else {
			less = append(less, i)
		}
		if len(p.Rows[i].Goes) > 0 {
			goes = append(goes, i)
		}
	}
	each := func(list []int, write func(n int, row func(i int) *store.JournalPart)) {
		chunks(len(list), func(from, to int) {
			write(to-from, func(i int) *store.JournalPart { return &p.Rows[list[from+i]] })
		})
	}
	each(gone, func(n int, row func(int) *store.JournalPart) {
		t.exec(qJournalDel, t.arg().int(int64(p.From)).ints(n, func(i int) int64 { return row(i).Seq }))
	})
	each(less, func(n int, row func(int) *store.JournalPart) {
		t.exec(qJournalSet, t.arg().int(int64(p.From)).ints(n, func(i int) int64 { return row(i).Seq }).blobs(n, func(i int) []byte { return row(i).Stays }))
	})
	each(goes, func(n int, row func(int) *store.JournalPart) {
		t.exec(qJournalAdd, t.arg().ints(n, func(int) int64 { return int64(p.To) }).
			ints(n, func(i int) int64 { return row(i).Version }).
			times(n, func(i int) time.Time { return row(i).At }).
			blobs(n, func(i int) []byte { return row(i).Goes }))
	})
	return t.err
}
