package caseload

import (
	"errors"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// states reads the customers as they are, following merges. Who was erased, or
// cannot be read, is left out.
func states(r store.Reader, ids []domain.CustomerID) (map[domain.CustomerID]*domain.Snapshot, error) {
	out := map[domain.CustomerID]*domain.Snapshot{}
	ask := map[domain.CustomerID]bool{}
	for _, id := range ids {
		ask[id] = true
	}
	for hops := 0; len(ask) > 0 && hops <= store.MaxMerges; hops++ {
		keys := make([]domain.CustomerID, 0, len(ask))
		for id := range ask {
			keys = append(keys, id)
		}
		slices.Sort(keys)
		rows, err := r.AdvocateGet(keys)
		if err != nil {
			return nil, err
		}
		next := map[domain.CustomerID]bool{}
		for i, row := range rows {
			switch {
			case row.ID == 0 || row.Erased:
			case row.Redirect != 0:
				next[row.Redirect] = true
			default:
				s := &domain.Snapshot{}
				if len(row.State) > 0 && wire.Unmarshal(row.State, s) == nil {
					out[keys[i]] = s
				}
			}
		}
		ask = next
	}
	return out, nil
}

// index writes how the cases and promises of some customers are listed now.
// cases are such as an event named, which their advocate may have let go of.
func index(tx store.Tx, snaps map[domain.CustomerID]*domain.Snapshot, cases []string, now time.Time) error {
	w := writer{tx: tx, now: now}
	ids := make([]domain.CustomerID, 0, len(snaps))
	for id := range snaps {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	held := map[string]bool{}
	for _, id := range ids {
		for i := range snaps[id].Cases {
			c := &snaps[id].Cases[i]
			if !held[c.ID] {
				held[c.ID] = true
				w.add(c)
			}
		}
	}
	for _, id := range cases {
		if held[id] {
			continue
		}
		held[id] = true
		c, err := tx.CaseGet(id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		w.add(&c)
	}
	return w.write()
}

// writer gathers what is to be listed.
type writer struct {
	tx       store.Tx
	now      time.Time
	keys     [2][]string // of cases and of promises
	wanted   [2]map[string]store.Document
	put      []store.Document
	obsolete [2][]string
}

var indexKinds = [2]string{caseKind, promiseKind}

func (w *writer) add(c *domain.Case) {
	for i := range w.wanted {
		if w.wanted[i] == nil {
			w.wanted[i] = map[string]store.Document{}
		}
	}
	w.keys[0] = append(w.keys[0], c.ID)
	w.wanted[0][c.ID] = caseDocument(c, w.now)
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.ID == "" {
			continue
		}
		w.keys[1] = append(w.keys[1], p.ID)
		if d, ok := promiseDocument(c, p, w.now); ok {
			w.wanted[1][p.ID] = d
		}
	}
}

// write takes out what stands elsewhere, or no more, and puts in what is new.
func (w *writer) write() error {
	for i, kind := range indexKinds {
		for part := range slices.Chunk(w.keys[i], 500) {
			found, err := w.tx.DocumentFind(kind, part)
			if err != nil {
				return err
			}
			for k, key := range part {
				want, listed := w.wanted[i][key]
				had := found[k].ID
				if had != "" && had != want.ID {
					w.obsolete[i] = append(w.obsolete[i], had)
				}
				if listed && had != want.ID {
					w.put = append(w.put, want)
				}
			}
		}
		if len(w.obsolete[i]) > 0 {
			if err := w.tx.DocumentDelete(kind, w.obsolete[i]); err != nil {
				return err
			}
		}
	}
	for part := range slices.Chunk(w.put, 500) {
		if err := w.tx.DocumentPut(part); err != nil {
			return err
		}
	}
	return nil
}
