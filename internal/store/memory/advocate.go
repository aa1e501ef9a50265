package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (r *reader) AdvocateGet(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	for i, id := range ids {
		if a, ok := r.s.advocates.get(id); ok {
			a.State = blob(a.State)
			out[i] = a
		}
	}
	return out, nil
}

func (r *reader) AdvocateList(p store.AdvocateListParams) ([]store.Advocate, error) {
	words := store.SearchWords(p.Query)
	out := r.s.advocates.list(func(a store.Advocate) bool {
		if a.ID <= p.After || a.Redirect != 0 || a.Erased != p.Erased {
			return false
		}
		for _, w := range words {
			if !strings.Contains(a.Search, w) {
				return false
			}
		}
		return true
	}, func(a, b store.Advocate) int { return cmp.Compare(a.ID, b.ID) }, store.Limit(p.Limit))
	for i := range out {
		out[i].State = blob(out[i].State)
	}
	return out, nil
}

func (r *reader) RefFind(refs []string) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(refs))
	for i, ref := range refs {
		out[i] = r.s.refs.rows[ref]
	}
	return out, nil
}

func (t *tx) AdvocateInsert(rows []store.Advocate) error {
	ids, refs := map[domain.CustomerID]bool{}, map[string]bool{}
	for _, a := range rows {
		if a.ID <= 0 {
			return emptyKey("customer id")
		}
		if _, taken := t.s.advocates.get(a.ID); taken || ids[a.ID] {
			return fmt.Errorf("%w: advocate %s exists", store.ErrConflict, a.ID)
		}
		if _, taken := t.s.refs.get(a.Ref); taken || refs[a.Ref] {
			return fmt.Errorf("%w: another customer has that reference", store.ErrConflict)
		}
		ids[a.ID], refs[a.Ref] = true, a.Ref != ""
	}
	for _, a := range rows {
		t.s.advocates.put(t.s, a.ID, store.Advocate{
			ID: a.ID, State: blob(a.State), NextDue: micros(a.NextDue),
			Ref: a.Ref, Search: a.Search, CreatedAt: micros(a.CreatedAt),
		})
		if a.Ref != "" {
			t.s.refs.put(t.s, a.Ref, a.ID)
		}
	}
	return nil
}

func (t *tx) AdvocateLock(ids []domain.CustomerID) ([]store.Advocate, error) {
	out, err := t.AdvocateGet(ids)
	if err != nil {
		return nil, err
	}
	pending := map[domain.CustomerID]bool{}
	for k := range t.s.inbox.rows {
		pending[k.Customer] = true
	}
	for i := range out {
		out[i].Pending = out[i].ID != 0 && pending[out[i].ID]
	}
	return out, nil
}

func (t *tx) AdvocateWrite(rows []store.AdvocateWriteRow) error {
	if err := t.checkWrite(rows); err != nil {
		return err
	}
	for _, w := range rows {
		a := t.s.advocates.rows[w.ID]
		if a.Ref != w.Ref {
			if a.Ref != "" && t.s.refs.rows[a.Ref] == w.ID {
				t.s.refs.del(t.s, a.Ref)
			}
			if w.Ref != "" {
				t.s.refs.put(t.s, w.Ref, w.ID)
			}
		}
		a.Version, a.State, a.NextDue, a.Ref, a.Search = w.Version, blob(w.State), micros(w.NextDue), w.Ref, w.Search
		t.s.advocates.put(t.s, w.ID, a)
		if w.Record != nil {
			t.appendJournal(store.JournalRow{Customer: w.ID, Version: w.Version, At: micros(w.At), Record: blob(w.Record)})
		}
	}
	return nil
}

// checkWrite plays a write through before anything is touched.
func (t *tx) checkWrite(rows []store.AdvocateWriteRow) error {
	versions, refOf, owner := map[domain.CustomerID]int64{}, map[domain.CustomerID]string{}, map[string]domain.CustomerID{}
	for _, w := range rows {
		a, ok := t.s.advocates.get(w.ID)
		version, again := versions[w.ID]
		if !again {
			version, refOf[w.ID] = a.Version, a.Ref
		}
		if !ok || a.Redirect != 0 || a.Erased || w.Version != version+1 {
			return fmt.Errorf("%w: %s cannot become version %d", store.ErrVersion, w.ID, w.Version)
		}
		versions[w.ID] = w.Version
		if old := refOf[w.ID]; w.Ref != old {
			if old != "" {
				owner[old] = 0
			}
			has, changed := owner[w.Ref]
			if !changed {
				has = t.s.refs.rows[w.Ref]
			}
			if w.Ref != "" && has != 0 && has != w.ID {
				return fmt.Errorf("%w: another customer has the reference of %s", store.ErrConflict, w.ID)
			}
			if w.Ref != "" {
				owner[w.Ref] = w.ID
			}
			refOf[w.ID] = w.Ref
		}
	}
	return nil
}

func (t *tx) appendJournal(row store.JournalRow) {
	t.s.seq.journal++
	row.Seq = t.s.seq.journal
	t.s.journal.put(t.s, row.Seq, row)
	t.s.journalOf.put(t.s, row.Customer, append(t.s.journalOf.rows[row.Customer], row.Seq))
}

func (t *tx) JournalPart(p store.JournalPartParams) error {
	s := t.s
	for _, part := range p.Rows {
		row := s.journal.rows[part.Seq]
		if len(part.Goes) > 0 {
			t.appendJournal(store.JournalRow{Customer: p.To, Version: row.Version, At: row.At, Record: blob(part.Goes)})
		}
		if row.Record = blob(part.Stays); row.Record != nil {
			s.journal.put(s, row.Seq, row)
			continue
		}
		s.journal.del(s, row.Seq)
		s.journalOf.put(s, p.From, slices.DeleteFunc(slices.Clone(s.journalOf.rows[p.From]), func(seq int64) bool { return seq == row.Seq }))
	}
	return nil
}

func (r *reader) JournalRead(p store.JournalReadParams) ([]store.JournalRow, error) {
	a, ok := r.s.advocates.get(p.Customer)
	if !ok || a.Redirect != 0 {
		return nil, nil
	}
	var out []store.JournalRow
	for _, c := range r.s.merged(p.Customer) {
		for _, seq := range r.s.journalOf.rows[c] {
			out = append(out, r.s.journal.rows[seq])
		}
	}
	slices.SortFunc(out, func(a, b store.JournalRow) int { return then(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq)) })
	if p.BeforeSeq != 0 {
		i := slices.IndexFunc(out, func(row store.JournalRow) bool { return row.Seq == p.BeforeSeq })
		if i < 0 {
			return nil, fmt.Errorf("%w: no record %d of %s to go on from", store.ErrNotFound, p.BeforeSeq, p.Customer)
		}
		out = out[i+1:]
	}
	if p.Before != 0 {
		out = slices.DeleteFunc(out, func(row store.JournalRow) bool { return row.Version >= p.Before })
	}
	out = out[:min(len(out), store.Limit(p.Limit))]
	for i := range out {
		out[i].Record = blob(out[i].Record)
	}
	return out, nil
}

// merged returns the customer and everyone merged into it, at any remove.
func (s *Store) merged(id domain.CustomerID) []domain.CustomerID {
	out := []domain.CustomerID{id}
	for i := 0; i < len(out); i++ {
		var into []domain.CustomerID
		for _, a := range s.advocates.rows {
			if a.Redirect == out[i] {
				into = append(into, a.ID)
			}
		}
		slices.Sort(into)
		out = append(out, into...)
	}
	return out
}

func (t *tx) DueClaim(now time.Time, limit int) ([]domain.CustomerID, error) {
	due := t.s.advocates.list(func(a store.Advocate) bool { return !a.NextDue.IsZero() && !a.NextDue.After(now) },
		func(a, b store.Advocate) int { return then(a.NextDue.Compare(b.NextDue), cmp.Compare(a.ID, b.ID)) }, store.Limit(limit))
	var out []domain.CustomerID
	for i := range due {
		out = append(out, due[i].ID)
	}
	return out, nil
}

func (r *reader) DueNext() (next time.Time, err error) {
	for _, a := range r.s.advocates.rows {
		if !a.NextDue.IsZero() && (next.IsZero() || a.NextDue.Before(next)) {
			next = a.NextDue
		}
	}
	return next, nil
}
