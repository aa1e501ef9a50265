package sqlite

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qInboxAny   = prepared(`SELECT 1 FROM inbox WHERE customer = ? LIMIT 1`)
	qInboxRead  = prepared(`SELECT seq, ready_at, kind, body FROM inbox WHERE customer = ? ORDER BY seq`)
	qInboxAdd   = prepared(`INSERT INTO inbox (seq, customer, ready_at, kind, body) VALUES (?, ?, ?, ?, ?)`)
	qInboxDel   = prepared(`DELETE FROM inbox WHERE seq = ? AND customer = ?`)
	qInboxReady = prepared(`SELECT customer FROM inbox WHERE ready_at <= ? ORDER BY ready_at, customer`)
	qInboxNext  = prepared(`SELECT ready_at FROM inbox ORDER BY ready_at LIMIT 1`)
	qInboxMove  = prepared(`UPDATE inbox SET customer = ? WHERE customer = ?`)
	qInboxWipe  = prepared(`DELETE FROM inbox WHERE customer = ?`)
)

func (r *reader) InboxRead(customers []domain.CustomerID) ([]store.InboxRow, error) {
	customers = slices.Clone(customers)
	slices.Sort(customers)
	var out []store.InboxRow
	for _, c := range slices.Compact(customers) {
		for q := r.q(qInboxRead).int(int64(c)); q.row(); {
			out = append(out, store.InboxRow{Customer: c, Seq: q.i(0), ReadyAt: q.at(1), Kind: domain.InputKind(q.str(2)), Body: q.bytes(3)})
		}
	}
	return out, r.err
}

func (r *reader) InboxSize() (int, error) {
	return int(r.counted().inputs), r.err
}

// counted is what there is, as this transaction sees it.
func (r *reader) counted() counters {
	if r.w != nil {
		return r.w.count
	}
	return r.counters()
}

func (r *reader) InboxNext() (next time.Time, err error) {
	if q := r.q(qInboxNext); q.row() {
		next = q.at(0)
		q.reset()
	}
	return next, r.err
}

func (t *tx) InboxAppend(rows []store.InboxRow) error {
	for i := range rows {
		if rows[i].Customer <= 0 {
			return emptyKey("customer")
		}
	}
	for i := range rows {
		t.w.count.inbox++
		t.w.count.inputs++
		v := &rows[i]
		v.Seq = t.w.count.inbox
		t.q(qInboxAdd).int(v.Seq).int(int64(v.Customer)).time(v.ReadyAt).text(string(v.Kind)).blob(v.Body).exec()
	}
	return t.err
}

func (t *tx) InboxDelete(rows []store.InboxKey) error {
	for _, k := range rows {
		t.w.count.inputs -= t.q(qInboxDel).int(k.Seq).int(int64(k.Customer)).exec()
	}
	return t.err
}

func (t *tx) InboxClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	if t.w.count.inputs == 0 {
		return nil, t.err
	}
	var out []domain.CustomerID
	taken := map[domain.CustomerID]bool{}
	for q := t.q(qInboxReady).time(now); q.row(); {
		c := domain.CustomerID(q.i(0))
		if taken[c] {
			continue
		}
		taken[c] = true
		if out = append(out, c); len(out) == store.Limit(limit) {
			q.reset()
			break
		}
	}
	return out, t.err
}
