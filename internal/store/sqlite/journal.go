package sqlite

import (
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qJournalGet = prepared(`SELECT seq, customer, version, prev, at, record FROM journal WHERE seq = ?`)
	qJournalLen = prepared(`SELECT prev FROM journal WHERE seq = ?`)
	qJournalDel = prepared(`DELETE FROM journal WHERE seq = ?`)
	qJournalSet = prepared(`UPDATE journal SET record = ? WHERE seq = ?`)
	qJournalTie = prepared(`UPDATE journal SET prev = ? WHERE seq = ?`)
	qHeadSet    = prepared(`UPDATE advocate SET head = ? WHERE id = ?`)
	qMerged     = prepared(`SELECT id FROM advocate WHERE redirect = ? AND redirect IS NOT NULL ORDER BY id`)
)

// chain is one customer's rows from the newest on.
type chain struct {
	row  store.JournalRow // the newest that is not taken yet; Seq 0 at the end
	prev int64
}

func (r *reader) chainAt(seq int64) (c chain) {
	if seq == 0 {
		return c
	}
	if q := r.q(qJournalGet).int(seq); q.row() {
		c = chain{store.JournalRow{Seq: q.i(0), Customer: domain.CustomerID(q.i(1)), Version: q.i(2), At: q.at(4), Record: q.bytes(5)}, q.i(3)}
		q.reset()
	}
	return c
}

func (r *reader) JournalRead(p store.JournalReadParams) ([]store.JournalRow, error) {
	q := r.q(qAdvocateHead).int(int64(p.Customer))
	if !q.row() {
		return nil, r.err
	}
	gone := !q.isNull(6)
	q.reset()
	if gone {
		return nil, r.err
	}
	var chains []chain
	for _, id := range r.merged(p.Customer) {
		if c := r.chainAt(r.head(id)); c.row.Seq != 0 {
			chains = append(chains, c)
		}
	}
	var out []store.JournalRow
	skipping := p.BeforeSeq != 0
	for len(chains) > 0 && r.err == nil && len(out) < store.Limit(p.Limit) {
		newest := 0
		for i := range chains {
			if newer(&chains[i].row, &chains[newest].row) {
				newest = i
			}
		}
		row := chains[newest].row
		switch {
		case skipping:
			skipping = row.Seq != p.BeforeSeq
		case p.Before == 0 || row.Version < p.Before:
			out = append(out, row)
		}
		if chains[newest] = r.chainAt(chains[newest].prev); chains[newest].row.Seq == 0 {
			chains = append(chains[:newest], chains[newest+1:]...)
		}
	}
	if skipping && r.err == nil {
		return nil, fmt.Errorf("%w: no record %d of %s to go on from", store.ErrNotFound, p.BeforeSeq, p.Customer)
	}
	return out, r.err
}

func newer(a, b *store.JournalRow) bool {
	if !a.At.Equal(b.At) {
		return a.At.After(b.At)
	}
	return a.Seq > b.Seq
}

func (r *reader) head(id domain.CustomerID) (seq int64) {
	if q := r.q(qAdvocateHead).int(int64(id)); q.row() {
		seq = q.i(2)
		q.reset()
	}
	return seq
}

// merged returns the customer and everyone merged into it, at any remove.
func (r *reader) merged(id domain.CustomerID) []domain.CustomerID {
	out := []domain.CustomerID{id}
	for i := 0; i < len(out); i++ {
		into, _ := r.customers(r.q(qMerged).int(int64(out[i])))
		out = append(out, into...)
	}
	return out
}

func (t *tx) JournalPart(p store.JournalPartParams) error {
	// What goes is as gone from here as what is erased: see CustomerErase.
	t.fail(t.db.Exec("PRAGMA secure_delete=1"))
	defer func() { t.fail(t.db.Exec("PRAGMA secure_delete=0")) }()
	parts := make(map[int64]*store.JournalPart, len(p.Rows))
	for i := range p.Rows {
		parts[p.Rows[i].Seq] = &p.Rows[i]
	}
	from, to := t.holding(p.From), t.holding(p.To)
	var above int64 // the row that stays before the one at hand in the chain; 0: it is the first
	torn := false   // above points at a row that is gone
	tie := func(seq int64) {
		if above != 0 {
			t.q(qJournalTie).int(seq).int(above).exec()
		} else {
			from.head = seq
		}
		torn = false
	}
	for seq := from.head; seq != 0 && (torn || len(parts) > 0) && t.err == nil; {
		here, part := seq, parts[seq]
		seq = 0 // where the row is missing the chain ends
		if q := t.q(qJournalLen).int(here); q.row() {
			seq = q.i(0)
			q.reset()
		}
		delete(parts, here)
		if part != nil && len(part.Stays) == 0 {
			t.q(qJournalDel).int(here).exec()
			torn = true
			continue
		}
		if torn {
			tie(here)
		}
		if above = here; part != nil {
			t.q(qJournalSet).blob(part.Stays).int(here).exec()
		}
	}
	if torn {
		tie(0)
	}
	for i := range p.Rows {
		if row := &p.Rows[i]; len(row.Goes) > 0 {
			t.w.count.journal++
			t.q(qJournalAdd).int(t.w.count.journal).int(int64(p.To)).int(row.Version).int(to.head).time(row.At).blob(row.Goes).exec()
			to.head = t.w.count.journal
		}
	}
	for id, h := range map[domain.CustomerID]heldAdvocate{p.From: from, p.To: to} {
		t.q(qHeadSet).int(h.head).int(int64(id)).exec()
		t.hold(id, h)
	}
	return t.err
}

// wipeJournal removes a customer's own rows.
func (t *tx) wipeJournal(id domain.CustomerID) {
	for seq := t.head(id); seq != 0 && t.err == nil; {
		next := int64(0)
		if q := t.q(qJournalLen).int(seq); q.row() {
			next = q.i(0)
			q.reset()
		}
		t.q(qJournalDel).int(seq).exec()
		seq = next
	}
}
