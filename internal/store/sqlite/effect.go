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

const effectColumns = `id, customer, state, not_before, attempt, lease, last_error, created, updated, body, released, dead, put_backs`

var (
	qEffectGet     = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id = ?`)
	qEffectKnown   = prepared(`SELECT 1 FROM effect WHERE id = ?`)
	qEffectList    = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? ORDER BY id LIMIT ?`)
	qEffectPending = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? AND state = 'pending' ORDER BY id LIMIT ?`)
	// "state <> 'pending'" says nothing new: it lets SQLite use effect_state, which
	// holds only those.
	qEffectState = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE state = ?2 AND state <> 'pending' AND id > ?1 ORDER BY id LIMIT ?3`)
	qEffectAdd   = prepared(`INSERT INTO effect (id, customer, moved, state, destination, conversation, ordinal, first, ready, not_before, attempt, lease, last_error, created, updated, body, released, dead, put_backs)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	qEffectSet = prepared(`UPDATE effect SET state = ?2, not_before = ?3, attempt = ?4, lease = ?5, last_error = ?6, updated = ?7, released = ?8, dead = ?9, put_backs = ?10,
		ready = iif(first AND ?2 = 'pending', ?3, iif(first AND ?2 = 'sending', ?5, NULL)) WHERE id = ?1`)
	// As for qEffectState.
	qEffectFree = prepared(`UPDATE effect SET lease = updated, ready = iif(first, updated, NULL) WHERE state = 'sending' AND state <> 'pending'`)
	qEffectDel  = prepared(`DELETE FROM effect WHERE id = ?`)
	qEffectMove = prepared(`UPDATE effect SET customer = ?, moved = ? WHERE id = ?`)
	qEffectHead = prepared(`UPDATE effect SET first = ?2, ready = iif(?2 AND state = 'pending', not_before, iif(?2 AND state = 'sending', lease, NULL)) WHERE id = ?1`)

	// A customer's effects: those whose id says so, unless they were moved
	// away, and those that were moved here.
	qEffectOwn = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE id > ? AND id < ? AND customer = ? AND (?4 = '' OR state = ?4) ORDER BY id LIMIT ?`)
	// It takes the parameters of qEffectOwn; "?2 <> ''" holds always and uses up
	// the one that it has no need of.
	qEffectMoved = prepared(`SELECT ` + effectColumns + ` FROM effect WHERE moved = 1 AND customer = ?3 AND id > ?1 AND ?2 <> '' AND (?4 = '' OR state = ?4) ORDER BY id LIMIT ?5`)
	qLineOwn     = prepared(`SELECT id, conversation, ordinal, first FROM effect WHERE id > ? AND id < ? AND customer = ?`)
	qLineMoved   = prepared(`SELECT id, conversation, ordinal, first FROM effect WHERE moved = 1 AND customer = ?`)

	qDestinationNext = prepared(`SELECT destination FROM effect WHERE destination > ? AND ready IS NOT NULL ORDER BY destination LIMIT 1`)
	qDestinationNone = prepared(`SELECT destination FROM effect WHERE destination = '' AND ready IS NOT NULL LIMIT 1`)
	qEffectReady     = prepared(`SELECT id, ready FROM effect WHERE destination = ? AND ready <= ? ORDER BY ready, id LIMIT ?`)
)

func (s *stmt) effect() (e store.EffectRow) {
	s.decode(9, &e.Effect)
	e.ID, e.Customer, e.State = s.str(0), domain.CustomerID(s.i(1)), domain.EffectState(s.str(2))
	e.NotBefore, e.Attempt, e.Lease, e.LastError = s.at(3), int(s.i(4)), s.at(5), s.str(6)
	e.CreatedAt, e.UpdatedAt = s.at(7), s.at(8)
	e.Released, e.Dead, e.PutBacks = s.i(10) != 0, s.i(11) != 0, int(s.i(12))
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
	limit := store.Limit(p.Limit)
	var out []store.EffectRow
	list := func(q *stmt) {
		for q.row() {
			out = append(out, q.effect())
		}
	}
	switch {
	case p.Customer != 0:
		from, to := idRange(p.Customer)
		for _, id := range []query{qEffectOwn, qEffectMoved} {
			after := p.After
			if id == qEffectOwn {
				after = max(after, from)
			}
			list(r.q(id).text(after).text(to).int(int64(p.Customer)).text(string(p.State)).int(int64(limit)))
		}
		slices.SortFunc(out, func(a, b store.EffectRow) int { return strings.Compare(a.ID, b.ID) })
		out = out[:min(len(out), limit)]
	case p.State == domain.EffectPending:
		list(r.q(qEffectPending).text(p.After).int(int64(limit)))
	case p.State != "":
		list(r.q(qEffectState).text(p.After).text(string(p.State)).int(int64(limit)))
	default:
		list(r.q(qEffectList).text(p.After).int(int64(limit)))
	}
	return out, r.err
}

// idRange is where the ids begin and end that were made for a customer.
func idRange(c domain.CustomerID) (from, to string) { return c.String() + "-", c.String() + "." }

// movedTo reports whether an effect's id was made for another customer.
func movedTo(c domain.CustomerID, id string) int64 {
	if from, to := idRange(c); id > from && id < to {
		return 0
	}
	return 1
}

func (t *tx) EffectAdd(rows []store.EffectRow) error {
	ids := map[string]bool{}
	for _, e := range rows {
		if e.ID == "" || e.Customer <= 0 {
			return emptyKey("effect id or customer")
		}
		q := t.q(qEffectKnown).text(e.ID)
		known := q.row()
		q.reset()
		if known || ids[e.ID] {
			return fmt.Errorf("%w: effect %s is in the outbox", store.ErrConflict, e.ID)
		}
		ids[e.ID] = true
	}
	if err := store.BeginEffects(rows); err != nil {
		return err
	}
	for i := range rows {
		t.addEffect(&rows[i])
	}
	return t.err
}

func (t *tx) addEffect(e *store.EffectRow) {
	before := t.line(e.Customer, e.Conversation)
	first := len(before) == 0
	if !first {
		e.Wait()
	}
	if e.State == domain.EffectSending {
		e.Attempt++
		e.Lease = truncated(e.Lease)
	}
	q := t.q(qEffectAdd).text(e.ID).int(int64(e.Customer)).int(movedTo(e.Customer, e.ID)).text(string(e.State)).
		text(e.Destination).text(e.Conversation).int(e.Ordinal)
	switch {
	case first && e.State == domain.EffectPending:
		q.int(1).time(e.NotBefore)
	case first && e.State == domain.EffectSending:
		q.int(1).time(e.Lease)
	case first:
		q.int(1).null()
	default:
		q.int(0).null()
	}
	q.time(e.NotBefore).int(int64(e.Attempt)).time(e.Lease).text(e.LastError).time(e.CreatedAt).time(e.UpdatedAt).noun(&e.Effect).int(asInt(e.Released)).int(asInt(e.Dead)).int(int64(e.PutBacks)).exec()
	t.w.count.effects++
	t.mark(append(before, place{e.ID, e.Conversation, e.Ordinal, first}))
}

// place is an effect's in the line of its conversation.
type place struct {
	id, conversation string
	ordinal          int64
	first            bool
}

// line gives a customer's effects of one conversation, none for "".
func (t *tx) line(c domain.CustomerID, conversation string) []place {
	if conversation == "" {
		return nil
	}
	return slices.DeleteFunc(t.places(c), func(p place) bool { return p.conversation != conversation })
}

// places gives a customer's effects.
func (t *tx) places(c domain.CustomerID) (out []place) {
	from, to := idRange(c)
	for _, q := range []*stmt{t.q(qLineOwn).text(from).text(to).int(int64(c)), t.q(qLineMoved).int(int64(c))} {
		for q.row() {
			out = append(out, place{q.str(0), q.str(1), q.i(2), q.i(3) != 0})
		}
	}
	return out
}

// mark marks the first effect of a conversation's line, and no other.
func (t *tx) mark(line []place) {
	if len(line) == 0 {
		return
	}
	head := slices.MinFunc(line, func(a, b place) int { return cmp.Or(cmp.Compare(a.ordinal, b.ordinal), strings.Compare(a.id, b.id)) })
	for _, p := range line {
		if want := p.id == head.id; p.first != want {
			first := int64(0)
			if want {
				first = 1
			}
			t.q(qEffectHead).text(p.id).int(first).exec()
		}
	}
}

func (t *tx) dropEffect(e store.EffectRow) {
	t.w.count.effects -= t.q(qEffectDel).text(e.ID).exec()
	t.mark(t.line(e.Customer, e.Conversation))
}

// moveEffects gives one customer's effects to another.
func (t *tx) moveEffects(from, to domain.CustomerID) {
	lines := map[string][]place{}
	for _, p := range t.places(from) {
		t.q(qEffectMove).int(int64(to)).int(movedTo(to, p.id)).text(p.id).exec()
		if p.conversation != "" {
			lines[p.conversation] = nil
		}
	}
	if len(lines) == 0 {
		return
	}
	for _, p := range t.places(to) {
		if _, joined := lines[p.conversation]; joined {
			lines[p.conversation] = append(lines[p.conversation], p)
		}
	}
	for _, line := range lines {
		t.mark(line)
	}
}

func (t *tx) wipeEffects(c domain.CustomerID) {
	for _, p := range t.places(c) {
		t.w.count.effects -= t.q(qEffectDel).text(p.id).exec()
	}
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
		most := min(p.MostFor(d), limit)
		if most == 0 {
			continue
		}
		for q := t.q(qEffectReady).text(d).time(p.Now).int(int64(most)); q.row(); {
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
	t.q(qEffectSet).text(e.ID).text(string(e.State)).time(e.NotBefore).int(int64(e.Attempt)).time(e.Lease).text(e.LastError).time(e.UpdatedAt).
		int(asInt(e.Released)).int(asInt(e.Dead)).int(int64(e.PutBacks)).exec()
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
	e.Released, e.Dead, e.PutBacks = row.Released, row.Dead, row.PutBacks
	t.keepEffect(e)
	return t.err
}

func (t *tx) EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (store.EffectRow, error) {
	e, err := t.EffectGet(id)
	if err != nil {
		return e, err
	}
	if err := e.Set(from, to, notBefore); err != nil {
		return store.EffectRow{}, err
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

func asInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
