package sqlite

import (
	"context"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestJournalPartEnds: in a chain that damage has broken, rows behind the gap
// are not looked for without end.
func TestJournalPartEnds(t *testing.T) {
	t.Parallel()
	s, at := open(t, Options{}), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	var rows []store.JournalRow
	put(t, s, func(tx store.Tx) error {
		if err := tx.AdvocateInsert([]store.Advocate{{ID: 1, State: []byte("x"), CreatedAt: at}, {ID: 2, State: []byte("x"), CreatedAt: at}}); err != nil {
			return err
		}
		for v := int64(1); v <= 3; v++ {
			if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: v, State: []byte("x"), At: at, Record: []byte("record")}}); err != nil {
				return err
			}
		}
		var err error
		rows, err = tx.JournalRead(store.JournalReadParams{Customer: 1})
		return err
	})
	if len(rows) != 3 {
		t.Fatalf("%d records", len(rows))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // what never ends is to fail here
	defer cancel()
	if err := s.Update(ctx, func(st store.Tx) error {
		st.(*tx).q(qJournalDel).int(rows[1].Seq).exec()
		return st.JournalPart(store.JournalPartParams{From: 1, To: 2, Rows: []store.JournalPart{
			{JournalRow: rows[2], Goes: rows[2].Record}, {JournalRow: rows[0], Stays: []byte("left"), Goes: []byte("gone")},
		}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.View(ctx, func(r store.Reader) error {
		for id, want := range map[domain.CustomerID]string{1: "left", 2: "gone"} {
			if got, err := r.JournalRead(store.JournalReadParams{Customer: id, Limit: 1}); err != nil || len(got) != 1 || string(got[0].Record) != want {
				t.Errorf("%s: %+v, %v; want %q", id, got, err, want)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
