package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// Nobody is let in by a session or a link that a backup brings back.
func TestRestoreEndsSessions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(path string, fn func(*sqlite.Store)) {
		t.Helper()
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fn(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	in(filepath.Join(dir, "old.db"), func(s *sqlite.Store) {
		err := s.Update(t.Context(), func(tx store.Tx) error {
			docs := []store.Document{{Kind: "user", ID: "ann", Keys: []string{"mail"}}, {Kind: "link", ID: "invitation", Keys: []string{"of ann"}}}
			for i := range 1001 {
				docs = append(docs, store.Document{Kind: "session", ID: fmt.Sprint(i), Keys: []string{fmt.Sprint("key ", i)}})
			}
			return tx.DocumentPut(docs)
		})
		if err == nil {
			err = s.Backup(t.Context(), filepath.Join(dir, "copy.db"), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if out := must(t, dir, "restore", "copy.db", "--data", filepath.Join(dir, "again")); !strings.Contains(out, "1002 sessions or one-time links ended") {
		t.Errorf("restore: %s", out)
	}
	in(filepath.Join(dir, "again", "advocate.db"), func(s *sqlite.Store) {
		err := s.View(t.Context(), func(r store.Reader) error {
			for kind, want := range map[string]int{"session": 0, "link": 0, "user": 1} {
				docs, err := r.DocumentList(store.DocumentListParams{Kind: kind})
				if err != nil || len(docs) != want {
					t.Errorf("%d documents of the kind %s, %v", len(docs), kind, err)
				}
			}
			found, err := r.DocumentFind("session", []string{"key 7"})
			if err == nil && found[0].ID != "" {
				t.Error("a session is found")
			}
			return err
		})
		if damage, e := s.Check(t.Context()); err != nil || e != nil || len(damage) > 0 {
			t.Fatal(err, e, damage)
		}
	})
}
