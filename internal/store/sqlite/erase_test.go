package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// What is deleted with a customer is neither in the database's file, once it
// is closed, nor in a backup; a backup has nothing that was replaced before
// either, which the file may have until SQLite writes over it.
func TestEraseLeavesNoText(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db")
	s, err := Open(ctx, path, Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	long := []byte(strings.Repeat("SECRETSTATE ", 2000)) // on pages of its own
	update := func(f func(tx store.Tx) error) {
		t.Helper()
		if err := s.Update(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx store.Tx) error {
		for id := domain.CustomerID(1); id < 20; id++ {
			state, search := []byte("ORDINARY"), "ordinary"
			if id == 7 {
				state, search = long, "secretname"
			}
			if err := tx.AdvocateInsert([]store.Advocate{{ID: id, State: state, CreatedAt: at, Search: search}}); err != nil {
				return err
			}
		}
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 7, Version: 1, State: []byte(strings.ReplaceAll(string(long), "SECRET", "LATEST")), Search: "secretname", At: at, Record: []byte("SECRETRECORD")}})
	})
	update(func(tx store.Tx) error { // an older state, deleted in the ordinary way
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 8, Version: 1, State: []byte(strings.Repeat("FORMER ", 3000)), At: at, Record: []byte("x")}})
	})
	update(func(tx store.Tx) error {
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 8, Version: 2, State: []byte("NEW"), At: at, Record: []byte("x")}})
	})
	update(func(tx store.Tx) error { return tx.CustomerErase(7, at) })
	if err := s.Backup(ctx, copied, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for file, words := range map[string][]string{
		path:   {"LATESTSTATE", "SECRETRECORD"},
		copied: {"SECRETSTATE", "LATESTSTATE", "SECRETRECORD", "secretname", "FORMER"},
	} {
		b, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(b, []byte("ORDINARY")) {
			t.Fatalf("%s: %v", file, err)
		}
		for _, w := range words {
			if n := bytes.Count(b, []byte(w)); n > 0 {
				t.Errorf("%s holds %s %d times", filepath.Base(file), w, n)
			}
		}
	}
}
