package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const advocateColumns = `id, version, head, armed, ref, search, redirect, erased, next_due, created_at, state`

var (
	qAdvocateGet    = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id = ?`)
	qAdvocateHead   = prepared(`SELECT id, version, head, armed, ref, search, redirect, erased FROM advocate WHERE id = ?`)
	qAdvocateList   = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id > ? AND redirect IS NULL AND erased = 0 ORDER BY id LIMIT ?`)
	qAdvocateErased = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id > ? AND erased = 1 ORDER BY id LIMIT ?`)
	qAdvocateAdd    = prepared(`INSERT INTO advocate (id, version, head, next_due, armed, ref, search, erased, created_at, state) VALUES (?1, 0, 0, ?2, ?2, ?3, ?4, 0, ?5, ?6)`)
	qAdvocateState  = prepared(`UPDATE advocate SET version = ?, head = ?, next_due = ?, state = ? WHERE id = ?`)
	qAdvocateRef    = prepared(`UPDATE advocate SET ref = ? WHERE id = ?`)
	qAdvocateWords  = prepared(`UPDATE advocate SET search = ? WHERE id = ?`)
	qRefFind        = prepared(`SELECT id FROM advocate WHERE ref = ? AND ref <> ''`)
	qSearchPut      = prepared(`INSERT OR REPLACE INTO search (id, words) VALUES (?, ?)`)
	qSearchDel      = prepared(`DELETE FROM search WHERE id = ?`)
	qSearchFind     = prepared(`SELECT id, words FROM search WHERE id > ? AND instr(words, ?) > 0 ORDER BY id`)

	qJournalAdd = prepared(`INSERT INTO journal (seq, customer, version, prev, at, record) VALUES (?, ?, ?, ?, ?, ?)`)
)

// heldAdvocate is what a write must know of the row it changes.
type heldAdvocate struct {
	version, head int64
	armed         int64 // microseconds, never for not at all
	ref, search   string
	gone          bool // unknown, merged or erased
}

const never = 1<<63 - 1

func (s *stmt) held() heldAdvocate {
	h := heldAdvocate{version: s.i(1), head: s.i(2), armed: never, ref: s.str(4), search: s.str(5), gone: !s.isNull(6) || s.i(7) != 0}
	if !s.isNull(3) {
		h.armed = s.i(3)
	}
	return h
}

func (s *stmt) advocate() store.Advocate {
	a := store.Advocate{
		ID: domain.CustomerID(s.i(0)), Version: s.i(1), Ref: s.str(4), Search: s.str(5),
		Redirect: domain.CustomerID(s.i(6)), Erased: s.i(7) != 0, CreatedAt: s.at(9), State: s.bytes(10),
	}
	if !s.isNull(8) {
		a.NextDue = s.at(8)
	}
	return a
}

func (r *reader) AdvocateGet(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	for i, id := range ids {
		if q := r.q(qAdvocateGet).int(int64(id)); q.row() {
			out[i] = q.advocate()
			q.reset()
		}
	}
	return out, r.err
}

func (r *reader) AdvocateList(p store.AdvocateListParams) ([]store.Advocate, error) {
	words := store.SearchWords(p.Query)
	if len(words) > 0 && !p.Erased {
		return r.search(words, p)
	}
	id := qAdvocateList
	if p.Erased {
		if id = qAdvocateErased; len(words) > 0 {
			return nil, nil // a tombstone has no words
		}
	}
	var out []store.Advocate
	for q := r.q(id).int(int64(p.After)).int(int64(store.Limit(p.Limit))); q.row(); {
		out = append(out, q.advocate())
	}
	return out, r.err
}

// search looks for the longest word in SQL and for the others here.
func (r *reader) search(words []string, p store.AdvocateListParams) ([]store.Advocate, error) {
	longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	var ids []domain.CustomerID
	for q := r.q(qSearchFind).int(int64(p.After)).text(longest); q.row(); {
		text := q.str(1)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		if ids = append(ids, domain.CustomerID(q.i(0))); len(ids) == store.Limit(p.Limit) {
			q.reset()
			break
		}
	}
	return r.AdvocateGet(ids)
}

func (r *reader) RefFind(refs []string) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(refs))
	for i, ref := range refs {
		out[i] = r.refOwner(ref)
	}
	return out, r.err
}

func (r *reader) refOwner(ref string) (id domain.CustomerID) {
	if ref == "" {
		return 0
	}
	if q := r.q(qRefFind).text(ref); q.row() {
		id = domain.CustomerID(q.i(0))
		q.reset()
	}
	return id
}

func (t *tx) AdvocateInsert(rows []store.Advocate) error {
	ids, refs := map[domain.CustomerID]bool{}, map[string]bool{}
	for _, a := range rows {
		if a.ID <= 0 {
			return emptyKey("customer id")
		}
		q := t.q(qAdvocateHead).int(int64(a.ID))
		taken := q.row()
		q.reset()
		if taken || ids[a.ID] {
			return fmt.Errorf("%w: advocate %s exists", store.ErrConflict, a.ID)
		}
		if t.refOwner(a.Ref) != 0 || refs[a.Ref] {
			return fmt.Errorf("%w: another customer has that reference", store.ErrConflict)
		}
		ids[a.ID], refs[a.Ref] = true, a.Ref != ""
	}
	for _, a := range rows {
		t.q(qAdvocateAdd).int(int64(a.ID)).maybe(a.NextDue).text(a.Ref).text(a.Search).time(a.CreatedAt).blob(a.State).exec()
		if a.Search != "" {
			t.q(qSearchPut).int(int64(a.ID)).text(a.Search).exec()
		}
		t.w.count.customers++
	}
	return t.err
}

func (t *tx) AdvocateLock(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	for i, id := range ids {
		q := t.q(qAdvocateGet).int(int64(id))
		if !q.row() {
			continue
		}
		out[i] = q.advocate()
		t.hold(id, q.held())
		q.reset()
		if t.w.count.inputs > 0 {
			pending := t.q(qInboxAny).int(int64(id))
			out[i].Pending = pending.row()
			pending.reset()
		}
	}
	return out, t.err
}

func (t *tx) hold(id domain.CustomerID, h heldAdvocate) {
	if t.held == nil {
		t.held = map[domain.CustomerID]heldAdvocate{}
	}
	t.held[id] = h
}

// holding returns what is known of a row; nobody else writes meanwhile.
func (t *tx) holding(id domain.CustomerID) heldAdvocate {
	h, ok := t.held[id]
	if ok {
		return h
	}
	h.gone = true
	if q := t.q(qAdvocateHead).int(int64(id)); q.row() {
		h = q.held()
		q.reset()
	}
	t.hold(id, h)
	return h
}

func (t *tx) AdvocateWrite(rows []store.AdvocateWriteRow) error {
	plan, refs, err := t.planWrite(rows)
	if err != nil {
		return err
	}
	// References that are given up go first: the index allows each once at any
	// moment.
	for _, id := range refs {
		t.q(qAdvocateRef).text("").int(int64(id)).exec()
	}
	order := make([]int, len(rows)) // one page after the other
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, rows[a].ID-rows[b].ID))) })
	for _, i := range order {
		t.writeAdvocate(&rows[i])
	}
	for _, id := range refs {
		t.q(qAdvocateRef).text(plan[id].ref).int(int64(id)).exec()
	}
	return t.err
}

func (t *tx) writeAdvocate(w *store.AdvocateWriteRow) {
	id, h := int64(w.ID), t.holding(w.ID)
	h.version, h.ref = w.Version, w.Ref
	if w.Record != nil {
		t.w.count.journal++
		t.q(qJournalAdd).int(t.w.count.journal).int(id).int(w.Version).int(h.head).time(w.At).blob(w.Record).exec()
		h.head = t.w.count.journal
	}
	t.q(qAdvocateState).int(h.version).int(h.head).maybe(w.NextDue).blob(w.State).int(id).exec()
	if !w.NextDue.IsZero() && w.NextDue.UnixMicro() < h.armed {
		h.armed = w.NextDue.UnixMicro()
		t.q(qAdvocateArm).int(h.armed).int(id).exec()
	}
	if w.Search != h.search {
		t.q(qAdvocateWords).text(w.Search).int(id).exec()
		if w.Search == "" {
			t.q(qSearchDel).int(id).exec()
		} else {
			t.q(qSearchPut).int(id).text(w.Search).exec()
		}
		h.search = w.Search
	}
	t.hold(w.ID, h)
}

// planWrite plays a write through before anything is touched. It returns what
// the rows will be like and whose reference changes.
func (t *tx) planWrite(rows []store.AdvocateWriteRow) (map[domain.CustomerID]heldAdvocate, []domain.CustomerID, error) {
	plan := make(map[domain.CustomerID]heldAdvocate, len(rows))
	owner := map[string]domain.CustomerID{} // of references that change hands
	var refs []domain.CustomerID
	for _, w := range rows {
		h, again := plan[w.ID]
		if !again {
			h = t.holding(w.ID)
		}
		if h.gone || w.Version != h.version+1 {
			return nil, nil, fmt.Errorf("%w: %s cannot become version %d", store.ErrVersion, w.ID, w.Version)
		}
		if w.Ref != h.ref {
			if h.ref != "" {
				owner[h.ref] = 0
			}
			has, moved := owner[w.Ref]
			if !moved {
				has = t.refOwner(w.Ref)
			}
			if w.Ref != "" && has != 0 && has != w.ID {
				return nil, nil, fmt.Errorf("%w: another customer has the reference of %s", store.ErrConflict, w.ID)
			}
			if w.Ref != "" {
				owner[w.Ref] = w.ID
			}
			if !slices.Contains(refs, w.ID) {
				refs = append(refs, w.ID)
			}
		}
		h.version, h.ref = w.Version, w.Ref
		plan[w.ID] = h
	}
	return plan, refs, t.err
}

// customers reads a list of ids.
func (r *reader) customers(q *stmt) ([]domain.CustomerID, error) {
	var out []domain.CustomerID
	for q.row() {
		out = append(out, domain.CustomerID(q.i(0)))
	}
	return out, r.err
}
