package postgres

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (t *tx) AdvocateWrite(rows []store.AdvocateWriteRow) error {
	ids := make([]domain.CustomerID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	t.holdAll(ids)
	plan, err := t.planWrite(rows)
	if err != nil {
		return err
	}
	// Of rows that follow each other only the last one's state is written.
	last := make(map[domain.CustomerID]int, len(rows))
	var records []int
	for i := range rows {
		last[rows[i].ID] = i
		if rows[i].Record != nil {
			records = append(records, i)
		}
	}
	states := slices.Sorted(maps.Values(last))
	t.writeStates(rows, states, records)
	text := map[domain.CustomerID]heldAdvocate{}
	for id, h := range plan {
		if old := t.held[id]; old.ref != h.ref || old.search != h.search {
			text[id] = h
		}
	}
	t.writeTexts(text)
	for id, h := range plan {
		t.hold(id, h)
	}
	return t.err
}

// writeStates writes states and records, both in one round trip.
func (t *tx) writeStates(rows []store.AdvocateWriteRow, states, records []int) {
	for len(states) > 0 || len(records) > 0 {
		s, r := states[:min(len(states), batchRows)], records[:min(len(records), batchRows)]
		states, records = states[len(s):], records[len(r):]
		b := t.batch()
		b.add(qAdvocateWrite, b.arg().
			ints(len(s), func(i int) int64 { return int64(rows[s[i]].ID) }).
			ints(len(s), func(i int) int64 { return rows[s[i]].Version }).
			maybes(len(s), func(i int) time.Time { return rows[s[i]].NextDue }).
			blobs(len(s), func(i int) []byte { return rows[s[i]].State }))
		if len(r) > 0 {
			b.add(qJournalAdd, b.arg().
				ints(len(r), func(i int) int64 { return int64(rows[r[i]].ID) }).
				ints(len(r), func(i int) int64 { return rows[r[i]].Version }).
				times(len(r), func(i int) time.Time { return rows[r[i]].At }).
				blobs(len(r), func(i int) []byte { return rows[r[i]].Record }))
		}
		b.send()
		q := b.next()
		q.close()
		if t.err == nil && q.changed != int64(len(s)) {
			t.fail(fmt.Errorf("store: %d of %d advocates were written", q.changed, len(s)))
		}
		if len(r) > 0 {
			b.next().close()
		}
		b.close()
	}
}

// writeTexts writes what changed of references and search words, which is
// seldom anything. References that are given up go first.
func (t *tx) writeTexts(text map[domain.CustomerID]heldAdvocate) {
	if len(text) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(text))
	chunks(len(ids), func(from, to int) {
		part := ids[from:to]
		t.exec(qAdvocateText, t.arg().ids(part).
			texts(len(part), func(i int) string { return text[part[i]].ref }).
			texts(len(part), func(i int) string { return text[part[i]].search }))
	})
	var given []domain.CustomerID
	taken, words := map[domain.CustomerID]heldAdvocate{}, map[domain.CustomerID]heldAdvocate{}
	for _, id := range ids {
		old, h := t.held[id], text[id]
		if old.ref != h.ref {
			taken[id] = h
			if old.ref != "" {
				given = append(given, id)
			}
		}
		if old.search != h.search {
			words[id] = h
		}
	}
	t.giveRefs(given)
	t.takeRefs(taken)
	t.putWords(words)
}

// giveRefs frees the references of customers that are held.
func (t *tx) giveRefs(ids []domain.CustomerID) {
	chunks(len(ids), func(from, to int) {
		part := ids[from:to]
		t.exec(qRefDel, t.arg().texts(len(part), func(i int) string { return t.held[part[i]].ref }).ids(part))
	})
}

// takeRefs gives references that nobody had. Another transaction that gives
// one of them too makes this one wait and then run again.
func (t *tx) takeRefs(text map[domain.CustomerID]heldAdvocate) {
	var ids []domain.CustomerID
	for id, h := range text {
		if h.ref != "" {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b domain.CustomerID) int { return compareText(text[a].ref, text[b].ref) })
	chunks(len(ids), func(from, to int) {
		part := ids[from:to]
		n := t.exec(qRefAdd, t.arg().texts(len(part), func(i int) string { return text[part[i]].ref }).ids(part))
		if t.err == nil && n != int64(len(part)) {
			t.fail(errAgain)
		}
	})
}

// planWrite plays a write through before anything is touched, and returns what
// the rows will be like.
func (t *tx) planWrite(rows []store.AdvocateWriteRow) (map[domain.CustomerID]heldAdvocate, error) {
	if t.err != nil {
		return nil, t.err
	}
	var asked []string
	for i := range rows {
		if ref := storable(rows[i].Ref); ref != "" && ref != t.holding(rows[i].ID).ref {
			asked = append(asked, ref)
		}
	}
	stored := map[string]domain.CustomerID{}
	if len(asked) > 0 {
		stored = t.refOwners(asked)
	}
	plan := make(map[domain.CustomerID]heldAdvocate, len(rows))
	owner := map[string]domain.CustomerID{} // of references that change hands
	for i := range rows {
		w := &rows[i]
		h, again := plan[w.ID]
		if !again {
			h = t.holding(w.ID)
		}
		if h.gone || w.Version != h.version+1 {
			return nil, fmt.Errorf("%w: %s cannot become version %d", store.ErrVersion, w.ID, w.Version)
		}
		if ref := storable(w.Ref); ref != h.ref {
			if h.ref != "" {
				owner[h.ref] = 0
			}
			has, moved := owner[ref]
			if !moved {
				has = stored[ref]
			}
			if ref != "" && has != 0 && has != w.ID {
				return nil, fmt.Errorf("%w: another customer has the reference of %s", store.ErrConflict, w.ID)
			}
			if ref != "" {
				owner[ref] = w.ID
			}
			h.ref = ref
		}
		h.version, h.search = w.Version, storable(w.Search)
		plan[w.ID] = h
	}
	return plan, t.err
}
