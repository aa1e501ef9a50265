package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const effectColumns = `id, customer, state, not_before, attempt, lease, last_error, created, updated, body`

var (
	qEffectGet   = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id = ?`)
	qEffectList  = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? ORDER BY id LIMIT ?`)
	qEffectState = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? AND state = ? ORDER BY id LIMIT ?`)
	qEffectOf    = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? AND customer = ? AND (?3 = '' OR state = ?3) ORDER BY id LIMIT ?`)
	qEffectAdd   = prepared(`INSERT INTO effect (id, customer, state, destination, conversation, ordinal, first, ready, not_before, attempt, lease, last_error, created, updated, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	qEffectSet = prepared(`UPDATE effect SET state = ?2, not_before = ?3, attempt = ?4, lease = ?5, last_error = ?6, updated = ?7,
		ready = iif(first AND ?2 = 'pending', ?3, iif(first AND ?2 = 'sending', ?5, NULL)) WHERE id = ?1`)
	qEffectFree  = prepared(`UPDATE effect SET lease = updated, ready = iif(first, updated, NULL) WHERE state = 'sending'`)
	qEffectDel   = prepared(`DELETE FROM effect WHERE id = ?`)
	qEffectMove  = prepared(`UPDATE effect SET customer = ? WHERE customer = ?`)
	qEffectWipe  = prepared(`DELETE FROM effect WHERE customer = ?`)
	qEffectFirst = prepared(`SELECT id, first FROM effect WHERE conversation = ? AND conversation <> '' ORDER BY ordinal, id LIMIT 2`)
	qEffectHead  = prepared(`UPDATE effect SET first = ?2, ready = iif(?2 AND state = 'pending', not_before, iif(?2 AND state = 'sending', lease, NULL)) WHERE id = ?1`)

	qDestinationNext = prepared(`SELECT destination FROM effect WHERE destination > ? AND ready IS NOT NULL ORDER BY destination LIMIT 1`)
	qDestinationNone = prepared(`SELECT destination FROM effect WHERE destination = '' AND ready IS NOT NULL LIMIT 1`)
	qEffectReady     = prepared(`SELECT id, ready FROM effect WHERE destination = ? AND ready <= ? ORDER BY ready, id LIMIT ?`)
)

func (s *stmt) effect() (e store.EffectRow) {
	s.decode(9, &e.Effect)
	e.ID, e.Customer, e.State = s.str(0), domain.CustomerID(s.i(1)), domain.EffectState(s.str(2))
	e.NotBefore, e.Attempt, e.Lease, e.LastError = s.at(3), int(s.i(4)), s.at(5), s.str(6)
	e.CreatedAt, e.UpdatedAt = s.at(7), s.at(8)
	return e
}

func (r *reader) EffectGet(id string) (e store.EffectRow, err error) {
	q := r.q(qEffectGet).text(id)
	if !q.row() {
		return e, r.missing("effect", id)
	}
	e = q.effect()
	q.reset()
	return e, r.err
}

func (r *reader) EffectList(p store.EffectListParams) ([]store.EffectRow, error) {
	var q *stmt
	switch limit := int64(store.Limit(p.Limit)); {
	case p.Customer != 0:
		q = r.q(qEffectOf).text(p.After).int(int64(p.Customer)).text(string(p.State)).int(limit)
	case p.State != "":
		q = r.q(qEffectState).text(p.After).text(string(p.State)).int(limit)
	default:
		q = r.q(qEffectList).text(p.After).int(limit)
	}
	var out []store.EffectRow
	for q.row() {
		out = append(out, q.effect())
	}
	return out, r.err
}

func (t *tx) EffectAdd(rows []store.EffectRow) error {
	ids := map[string]bool{}
	for _, e := range rows {
		if e.ID == "" || e.Customer <= 0 {
			return emptyKey("effect id or customer")
		}
		if e.State != "" && e.State != domain.EffectPending && e.State != domain.EffectHeld {
			return fmt.Errorf("store: effect %s cannot begin as %q; want pending or held", e.ID, e.State)
		}
		q := t.q(qEffectGet).text(e.ID)
		known := q.row()
		q.reset()
		if known || ids[e.ID] {
			return fmt.Errorf("%w: effect %s is in the outbox", store.ErrConflict, e.ID)
		}
		ids[e.ID] = true
	}
	for i := range rows {
		t.addEffect(rows[i])
	}
	return t.err
}

func (t *tx) addEffect(e store.EffectRow) {
	if e.State == "" {
		e.State = domain.EffectPending
	}
	// Within a conversation, who is first is found out afterwards.
	first := e.Conversation == ""
	q := t.q(qEffectAdd).text(e.ID).int(int64(e.Customer)).text(string(e.State)).text(e.Destination).text(e.Conversation).int(e.Ordinal)
	if first && e.State == domain.EffectPending {
		q.int(1).time(e.NotBefore)
	} else if first {
		q.int(1).null()
	} else {
		q.int(0).null()
	}
	q.time(e.NotBefore).int(int64(e.Attempt)).time(time.Time{}).text(e.LastError).time(e.CreatedAt).time(e.UpdatedAt).noun(&e.Effect).exec()
	t.lineUp(e.Conversation)
}

// lineUp marks the first effect of a conversation, and no other.
func (t *tx) lineUp(conversation string) {
	if conversation == "" {
		return
	}
	type place struct {
		id    string
		first bool
	}
	var line []place
	for q := t.q(qEffectFirst).text(conversation); q.row(); {
		line = append(line, place{q.str(0), q.i(1) != 0})
	}
	for i, p := range line {
		if want := i == 0; p.first != want {
			t.q(qEffectHead).text(p.id).int(int64(1 - i)).exec()
		}
	}
}

func (t *tx) dropEffect(e store.EffectRow) {
	t.q(qEffectDel).text(e.ID).exec()
	t.lineUp(e.Conversation)
}

func (t *tx) EffectCancel(ids []string) ([]store.EffectRow, error) {
	var out []store.EffectRow
	for _, id := range ids {
		q := t.q(qEffectGet).text(id)
		if !q.row() {
			continue
		}
		e := q.effect()
		q.reset()
		if e.State == domain.EffectPending || e.State == domain.EffectHeld {
			t.dropEffect(e)
			out = append(out, e)
		}
	}
	return out, t.err
}

func (t *tx) EffectClaim(p store.EffectClaimParams) ([]store.EffectRow, error) {
	type candidate struct {
		id    string
		ready int64
	}
	var found []candidate
	limit := store.Limit(p.Limit)
	for _, d := range t.destinations() {
		if slices.Contains(p.Busy, d) {
			continue
		}
		for q := t.q(qEffectReady).text(d).time(p.Now).int(int64(limit)); q.row(); {
			found = append(found, candidate{q.str(0), q.i(1)})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.ready, b.ready), strings.Compare(a.id, b.id)) })
	var out []store.EffectRow
	for _, c := range found[:min(len(found), limit)] {
		e, err := t.EffectGet(c.id)
		if err != nil {
			return nil, err
		}
		e.State, e.Attempt, e.Lease, e.UpdatedAt = domain.EffectSending, e.Attempt+1, truncated(p.Now.Add(p.Lease)), truncated(p.Now)
		t.setEffect(e)
		out = append(out, e)
	}
	return out, t.err
}

// freeLeases ends the leases of whoever had the file before. The lock says
// that they are gone, so nothing is gained by waiting until their time is up.
func (w *writer) freeLeases() error {
	w.q(qEffectFree).exec()
	err := w.err
	w.err = nil
	return err
}

// destinations are those with an effect that may be claimed at some time.
func (t *tx) destinations() (out []string) {
	if q := t.q(qDestinationNone); q.row() {
		out = append(out, "")
		q.reset()
	}
	for last, more := "", true; more; {
		q := t.q(qDestinationNext).text(last)
		if more = q.row(); more {
			last = q.str(0)
			out = append(out, last)
			q.reset()
		}
	}
	return out
}

func (t *tx) setEffect(e store.EffectRow) {
	t.q(qEffectSet).text(e.ID).text(string(e.State)).time(e.NotBefore).int(int64(e.Attempt)).time(e.Lease).text(e.LastError).time(e.UpdatedAt).exec()
}

func (t *tx) EffectPut(row store.EffectRow) error {
	var e store.EffectRow
	q := t.q(qEffectGet).text(row.ID)
	found := q.row()
	if found {
		e = q.effect()
		q.reset()
	}
	if t.err != nil {
		return t.err
	}
	if !found || e.Attempt != row.Attempt {
		return fmt.Errorf("%w: effect %.60q is no longer at attempt %d", store.ErrConflict, row.ID, row.Attempt)
	}
	if !row.State.Valid() {
		return fmt.Errorf("store: effect %s cannot become %q", row.ID, row.State)
	}
	e.State, e.NotBefore, e.Lease, e.LastError, e.UpdatedAt = row.State, row.NotBefore, row.Lease, row.LastError, row.UpdatedAt
	t.keepEffect(e)
	return t.err
}

func (t *tx) EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (store.EffectRow, error) {
	e, err := t.EffectGet(id)
	if err != nil {
		return e, err
	}
	if !to.Valid() {
		return store.EffectRow{}, fmt.Errorf("store: effect %s cannot become %q", id, to)
	}
	if len(from) > 0 && !slices.Contains(from, e.State) {
		return store.EffectRow{}, fmt.Errorf("%w: effect %s is %s", store.ErrConflict, id, e.State)
	}
	e.State = to
	if !notBefore.IsZero() {
		e.NotBefore = truncated(notBefore)
	}
	return t.keepEffect(e), t.err
}

// keepEffect stores a row, or removes one that is done. Only what is being
// sent has a lease.
func (t *tx) keepEffect(e store.EffectRow) store.EffectRow {
	if e.State != domain.EffectSending {
		e.Lease = time.Time{}
	}
	if e.State == domain.EffectDone {
		t.dropEffect(e)
	} else {
		t.setEffect(e)
	}
	return e
}
