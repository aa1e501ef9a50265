package sqlite

import (
	"fmt"
	"math"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var (
	qIdentityFind = prepared(`SELECT customer FROM identity WHERE network = ? AND account = ? AND author = ?`)
	qIdentityPut  = prepared(`INSERT OR REPLACE INTO identity (network, account, author, customer) VALUES (?, ?, ?, ?)`)
	qIdentityDel  = prepared(`DELETE FROM identity WHERE network = ? AND account = ? AND author = ?`)
	qIdentityMove = prepared(`UPDATE identity SET customer = ? WHERE customer = ?`)
	qIdentityWipe = prepared(`DELETE FROM identity WHERE customer = ?`)

	qAdvocateRedirect = prepared(`UPDATE advocate SET redirect = ?, former_ref = ref, state = NULL, next_due = NULL, armed = NULL, ref = '', search = '' WHERE id = ?`)
	qAdvocateSplit    = prepared(`UPDATE advocate SET redirect = NULL, former_ref = NULL WHERE id = ? AND redirect IS NOT NULL`)
	qAdvocateErase    = prepared(`UPDATE advocate SET erased = 1, erased_at = ?, head = 0, redirect = NULL, former_ref = NULL, state = NULL, next_due = NULL, armed = NULL, ref = '', search = '' WHERE id = ?`)

	qFormerRef = prepared(`SELECT former_ref FROM advocate WHERE id = ? AND former_ref <> ''`)

	qMergePut  = prepared(`INSERT OR REPLACE INTO merge (id, source, target, at, by, body) VALUES (?, ?, ?, ?, ?, ?)`)
	qMergeDel  = prepared(`DELETE FROM merge WHERE id = ?`)
	qMergeList = prepared(`SELECT id, source, target, at, by, body FROM merge WHERE source = ?1 OR target = ?1 ORDER BY at DESC, id`)
	qMergeWipe = prepared(`DELETE FROM merge WHERE source = ?1 OR target = ?1`)
)

func (r *reader) IdentityFind(keys []domain.IdentityKey) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(keys))
	for i, k := range keys {
		if q := r.q(qIdentityFind).text(k.Network).text(k.Account).text(k.Author); q.row() {
			out[i] = domain.CustomerID(q.i(0))
			q.reset()
		}
	}
	return out, r.err
}

func (t *tx) IdentitySet(rows []store.IdentityRow) error {
	for _, row := range rows {
		if !row.Key.Valid() || row.Customer <= 0 {
			return emptyKey("identity or customer")
		}
	}
	for _, row := range rows {
		t.q(qIdentityPut).text(row.Key.Network).text(row.Key.Account).text(row.Key.Author).int(int64(row.Customer)).exec()
	}
	return t.err
}

func (t *tx) IdentityDelete(keys []domain.IdentityKey) error {
	for _, k := range keys {
		t.q(qIdentityDel).text(k.Network).text(k.Account).text(k.Author).exec()
	}
	return t.err
}

// standing reads an advocate that must be known.
func (t *tx) standing(id domain.CustomerID) (store.Advocate, error) {
	found, err := t.AdvocateGet([]domain.CustomerID{id})
	if err == nil && found[0].ID == 0 {
		err = fmt.Errorf("%w: customer %s", store.ErrNotFound, id)
	}
	return found[0], err
}

func (t *tx) CustomerMove(from, to domain.CustomerID) error {
	for _, id := range []domain.CustomerID{from, to} {
		a, err := t.standing(id)
		if err != nil {
			return err
		}
		if a.Redirect != 0 || a.Erased || from == to {
			return fmt.Errorf("%w: %s is merged, erased or both sides", store.ErrConflict, id)
		}
	}
	for _, q := range []query{qIdentityMove, qPostMove, qInboxMove, qSubMove, qCatchUpMove, qCaseMove} {
		t.q(q).int(int64(to)).int(int64(from)).exec()
	}
	t.moveWorkItems(from, to)
	t.moveEffects(from, to)
	t.q(qAdvocateRedirect).int(int64(to)).int(int64(from)).exec()
	t.q(qSearchDel).int(int64(from)).exec()
	t.w.count.customers--
	delete(t.held, from)
	return t.err
}

func (t *tx) CustomerSplit(id domain.CustomerID) error {
	a, err := t.standing(id)
	if err != nil {
		return err
	}
	if a.Redirect == 0 {
		return fmt.Errorf("%w: %s is not merged", store.ErrConflict, id)
	}
	t.q(qAdvocateSplit).int(int64(id)).exec()
	t.w.count.customers++
	delete(t.held, id)
	return t.err
}

func (t *tx) CustomerErase(id domain.CustomerID, at time.Time) error {
	a, err := t.standing(id)
	if err != nil || a.Erased {
		return err
	}
	if a.Redirect != 0 {
		return fmt.Errorf("%w: %s is merged into %s; erase that one", store.ErrConflict, id, a.Redirect)
	}
	// What is deleted from here on is overwritten with zeros, in the pages that
	// SQLite frees too. All the time that would be too dear.
	t.fail(t.db.Exec("PRAGMA secure_delete=1"))
	defer func() { t.fail(t.db.Exec("PRAGMA secure_delete=0")) }()
	who := t.merged(id)
	for _, ref := range t.refsOf(a.Ref, who) {
		t.eraseEvents(domain.Anchor{Attr: domain.AnchorCustomer, Value: ref})
		for _, order := range t.wipeOrders(ref) {
			t.eraseEvents(domain.Anchor{Attr: domain.AnchorOrder, Value: order})
			t.q(qAttemptWipe).text(order).exec()
		}
	}
	c := &t.w.count
	for _, w := range who {
		t.eraseOwned(w)
		t.wipeJournal(w)
		c.posts -= t.q(qPostWipe).int(int64(w)).exec()
		c.inputs -= t.q(qInboxWipe).int(int64(w)).exec()
		c.subscriptions -= t.q(qSubWipe).int(int64(w)).exec()
		for _, q := range []query{qIdentityWipe, qCatchUpWipe, qWorkItemWipe, qCaseWipe, qMergeWipe, qSearchDel, qDeliveryWipe, qAuditForget} {
			t.q(q).int(int64(w)).exec()
		}
		t.wipeEffects(w)
		t.q(qAdvocateErase).time(at).int(int64(w)).exec()
		delete(t.held, w)
	}
	c.customers--
	return t.err
}

// refsOf is a customer's reference and those that customers merged into it
// had, unless somebody else has them now.
func (t *tx) refsOf(ref string, who []domain.CustomerID) (out []string) {
	if ref != "" {
		out = append(out, ref)
	}
	for _, c := range who {
		if q := t.q(qFormerRef).int(int64(c)); q.row() {
			former := q.str(0)
			q.reset()
			if t.refOwner(former) == 0 {
				out = append(out, former)
			}
		}
	}
	return out
}

// eraseEvents removes the events with an anchor.
func (t *tx) eraseEvents(a domain.Anchor) {
	t.eraseHashed(store.AnchorHash(a), func(has domain.Anchor) bool { return has == a })
}

// eraseOwned removes the events about a customer's cases and work items.
func (t *tx) eraseOwned(id domain.CustomerID) {
	t.eraseHashed(store.OwnerHash(id), func(has domain.Anchor) bool {
		c, _, _, err := domain.ParseObjectID(has.Value)
		return err == nil && c == id && (has.Attr == domain.AnchorCase || has.Attr == domain.AnchorWorkItem)
	})
}

func (t *tx) eraseHashed(hash uint64, mine func(domain.Anchor) bool) {
	var gone []int64
	t.anchored(hash, math.MinInt64, func(seq int64) bool {
		e := t.eventAt(seq)
		for _, a := range e.Anchors() {
			if mine(a) {
				gone = append(gone, seq)
				break
			}
		}
		return t.err == nil
	})
	for _, seq := range gone {
		t.deleteEvent(seq)
	}
}

func (r *reader) MergeList(customer domain.CustomerID) ([]store.MergeRow, error) {
	if customer == 0 {
		return nil, nil
	}
	var out []store.MergeRow
	for q := r.q(qMergeList).int(int64(customer)); q.row(); {
		out = append(out, store.MergeRow{
			ID: q.str(0), From: domain.CustomerID(q.i(1)), To: domain.CustomerID(q.i(2)), At: q.at(3), By: q.str(4), Body: q.bytes(5),
		})
	}
	return out, r.err
}

func (t *tx) MergePut(m store.MergeRow) error {
	if m.ID == "" {
		return emptyKey("merge id")
	}
	t.q(qMergePut).text(m.ID).int(int64(m.From)).int(int64(m.To)).time(m.At).text(m.By).blob(m.Body).exec()
	return t.err
}

func (t *tx) MergeDelete(id string) error {
	t.q(qMergeDel).text(id).exec()
	return t.err
}
