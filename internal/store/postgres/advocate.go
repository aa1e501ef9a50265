package postgres

import (
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const advocateColumns = `id, version, next_due, redirect, erased, created, ref, search, state`

var (
	qAdvocateGet = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id = ANY ($1::bigint[])`)
	// One statement takes all locks it can get and waits for none.
	qAdvocateLock = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`)
	// Writers that have not locked wait for whoever has.
	qAdvocateHold = prepared(`SELECT id, version, redirect, erased, ref, search FROM advocate WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE`)
	qAdvocateIs   = prepared(`SELECT id FROM advocate WHERE id = ANY ($1::bigint[])`)

	qAdvocateList   = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id > $1::bigint AND redirect IS NULL AND NOT erased ORDER BY id LIMIT $2::bigint`)
	qAdvocateErased = prepared(`SELECT ` + advocateColumns + ` FROM advocate WHERE id > $1::bigint AND erased ORDER BY id LIMIT $2::bigint`)
	qAdvocateAdd    = prepared(`INSERT INTO advocate (id, version, next_due, armed, created, ref, search, state)
		SELECT u.id, 0, u.due, u.due, u.created, u.ref, u.search, u.state
		FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[]) u(id, due, created, ref, search, state)`)
	qAdvocateWrite = prepared(`UPDATE advocate a SET version = u.version, next_due = u.due, armed = least(a.armed, u.due), state = u.state
		FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bytea[]) u(id, version, due, state) WHERE a.id = u.id`)
	qAdvocateText = prepared(`UPDATE advocate a SET ref = u.ref, search = u.search
		FROM unnest($1::bigint[], $2::text[], $3::text[]) u(id, ref, search) WHERE a.id = u.id`)

	qRefFind = prepared(`SELECT ref, customer FROM reference WHERE ref = ANY ($1::text[])`)
	qRefAdd  = prepared(`INSERT INTO reference (ref, customer) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT (ref) DO NOTHING`)
	qRefDel  = prepared(`DELETE FROM reference r USING unnest($1::text[], $2::bigint[]) u(ref, customer) WHERE (r.ref, r.customer) = (u.ref, u.customer)`)

	qJournalAdd = prepared(`INSERT INTO journal (customer, seq, version, at, record) SELECT u.customer, nextval('journal_seq'), u.version, u.at, u.record
		FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bytea[]) u(customer, version, at, record)`)
)

// heldAdvocate is what this transaction knows of a row that it has locked.
type heldAdvocate struct {
	version     int64
	ref, search string
	gone        bool // unknown, merged or erased
}

func (q *rows) advocate() store.Advocate {
	return store.Advocate{
		ID: domain.CustomerID(q.i(0)), Version: q.i(1), NextDue: q.at(2), Redirect: domain.CustomerID(q.i(3)), Erased: q.bool(4),
		CreatedAt: q.at(5), Ref: q.str(6), Search: q.str(7), State: q.bytes(8),
	}
}

// places maps ids to where they stand in a list; an id may stand twice.
func places(ids []domain.CustomerID) (unique []domain.CustomerID, at map[domain.CustomerID][]int) {
	at = make(map[domain.CustomerID][]int, len(ids))
	for i, id := range ids {
		if id <= 0 {
			continue
		}
		if at[id] = append(at[id], i); len(at[id]) == 1 {
			unique = append(unique, id)
		}
	}
	return unique, at
}

func (r *reader) AdvocateGet(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	unique, at := places(ids)
	chunks(len(unique), func(from, to int) {
		for q := r.query(qAdvocateGet, r.arg().ids(unique[from:to])); q.next(); {
			for _, i := range at[domain.CustomerID(q.i(0))] {
				out[i] = q.advocate()
			}
		}
	})
	return out, r.err
}

func (r *reader) advocates(q *rows) ([]store.Advocate, error) {
	var out []store.Advocate
	for q.next() {
		out = append(out, q.advocate())
	}
	return out, r.err
}

func (r *reader) AdvocateList(p store.AdvocateListParams) ([]store.Advocate, error) {
	words := store.SearchWords(p.Query)
	switch {
	case len(words) > 0 && p.Erased:
		return nil, nil // a tombstone has no words
	case len(words) > 0:
		return r.search(words, p)
	}
	id := qAdvocateList
	if p.Erased {
		id = qAdvocateErased
	}
	return r.advocates(r.query(id, r.arg().int(int64(p.After)).int(int64(store.Limit(p.Limit)))))
}

func (r *reader) RefFind(refs []string) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(refs))
	owners := r.refOwners(refs)
	for i, ref := range refs {
		out[i] = owners[storable(ref)]
	}
	return out, r.err
}

func (r *reader) refOwners(refs []string) map[string]domain.CustomerID {
	out := map[string]domain.CustomerID{}
	chunks(len(refs), func(from, to int) {
		part := refs[from:to]
		for q := r.query(qRefFind, r.arg().texts(len(part), func(i int) string { return part[i] })); q.next(); {
			out[q.str(0)] = domain.CustomerID(q.i(1))
		}
	})
	return out
}

func (t *tx) AdvocateInsert(rows []store.Advocate) error {
	ids, refs, text := map[domain.CustomerID]bool{}, map[string]bool{}, map[domain.CustomerID]heldAdvocate{}
	list, refList := make([]domain.CustomerID, 0, len(rows)), []string(nil)
	for i := range rows {
		a := &rows[i]
		ref := storable(a.Ref)
		switch {
		case a.ID <= 0:
			return emptyKey("customer id")
		case ids[a.ID]:
			return fmt.Errorf("%w: advocate %s exists", store.ErrConflict, a.ID)
		case ref != "" && refs[ref]:
			return fmt.Errorf("%w: another customer has that reference", store.ErrConflict)
		}
		ids[a.ID], refs[ref] = true, true
		list = append(list, a.ID)
		if ref != "" {
			refList = append(refList, ref)
		}
		text[a.ID] = heldAdvocate{ref: ref, search: storable(a.Search)}
	}
	chunks(len(list), func(from, to int) {
		for q := t.query(qAdvocateIs, t.arg().ids(list[from:to])); q.next(); {
			t.conflict = fmt.Errorf("%w: advocate %s exists", store.ErrConflict, domain.CustomerID(q.i(0)))
		}
	})
	if len(refList) > 0 && len(t.refOwners(refList)) > 0 {
		t.conflict = fmt.Errorf("%w: another customer has that reference", store.ErrConflict)
	}
	if err := t.refused(); err != nil {
		return err
	}
	chunks(len(rows), func(from, to int) { t.insertAdvocates(rows[from:to]) })
	t.takeRefs(text)
	t.putWords(text)
	for id, h := range text {
		t.hold(id, h)
	}
	t.delta.customers += int64(len(rows))
	return t.err
}

func (t *tx) insertAdvocates(part []store.Advocate) {
	n := len(part)
	t.exec(qAdvocateAdd, t.arg().
		ints(n, func(i int) int64 { return int64(part[i].ID) }).
		maybes(n, func(i int) time.Time { return part[i].NextDue }).
		times(n, func(i int) time.Time { return part[i].CreatedAt }).
		texts(n, func(i int) string { return part[i].Ref }).
		texts(n, func(i int) string { return part[i].Search }).
		blobs(n, func(i int) []byte { return part[i].State }))
}

// refused gives back what a look before the write found.
func (t *tx) refused() error {
	err := t.conflict
	t.conflict = nil
	if t.err != nil {
		return t.err
	}
	return err
}

func (t *tx) hold(id domain.CustomerID, h heldAdvocate) {
	if t.held == nil {
		t.held = map[domain.CustomerID]heldAdvocate{}
	}
	t.held[id] = h
}

// AdvocateLock takes the locks in one statement, in the order of the ids, and
// looks at the inboxes in a second one: what was appended by a transaction
// that found a lock taken is seen by whoever had it next.
func (t *tx) AdvocateLock(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	unique, at := places(ids)
	chunks(len(unique), func(from, to int) { t.lock(unique[from:to], at, out) })
	return out, t.err
}

func (t *tx) lock(ids []domain.CustomerID, at map[domain.CustomerID][]int, out []store.Advocate) {
	b := t.batch()
	b.add(qAdvocateLock, b.arg().ids(ids))
	b.add(qInboxPending, b.arg().ids(ids))
	b.send()
	got := 0
	for q := b.next(); q.next(); got++ {
		a := q.advocate()
		for n, i := range at[a.ID] {
			if out[i] = a; n > 0 {
				out[i].State = q.bytes(8)
			}
		}
		t.hold(a.ID, heldAdvocate{version: a.Version, ref: a.Ref, search: a.Search, gone: a.Redirect != 0 || a.Erased})
	}
	for q := b.next(); q.next(); {
		for _, i := range at[domain.CustomerID(q.i(0))] {
			out[i].Pending = out[i].ID != 0
		}
	}
	b.close()
	if t.err != nil || got == len(ids) {
		return
	}
	// Who is missing is unknown, or another transaction's.
	var rest []domain.CustomerID
	for _, id := range ids {
		if out[at[id][0]].ID == 0 {
			rest = append(rest, id)
		}
	}
	for q := t.query(qAdvocateIs, t.arg().ids(rest)); q.next(); {
		for _, i := range at[domain.CustomerID(q.i(0))] {
			out[i].Taken = true
		}
	}
}

// holdAll locks those that are not locked yet, waiting for them.
func (t *tx) holdAll(ids []domain.CustomerID) {
	var rest []domain.CustomerID
	for _, id := range ids {
		if _, ok := t.held[id]; !ok {
			rest = append(rest, id)
		}
	}
	unique, _ := places(rest)
	chunks(len(unique), func(from, to int) {
		for q := t.query(qAdvocateHold, t.arg().ids(unique[from:to])); q.next(); {
			t.hold(domain.CustomerID(q.i(0)), heldAdvocate{version: q.i(1), gone: !q.isNull(2) || q.bool(3), ref: q.str(4), search: q.str(5)})
		}
	})
}

// holding returns what is known of a row after holdAll.
func (t *tx) holding(id domain.CustomerID) heldAdvocate {
	if h, ok := t.held[id]; ok {
		return h
	}
	return heldAdvocate{gone: true}
}
