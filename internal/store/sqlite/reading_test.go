package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/contact-advocate/advocate/internal/store"
)

// filesIn tells all files of a directory with what is in them, but for an index
// of a log, which every reader writes.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range all {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(f.Name()) != ".db-shm" {
			out[f.Name()] = fmt.Sprintf("%x", sha256.Sum256(b))
		}
	}
	return out
}

// note keeps a document, and noted reads it.
func note(t *testing.T, s *Store, body string) {
	t.Helper()
	put(t, s, func(tx store.Tx) error {
		docs, err := tx.DocumentLock("note", []string{"a"})
		if err != nil {
			return err
		}
		d := docs[0]
		d.Kind, d.ID, d.Body = "note", "a", []byte(body)
		return tx.DocumentPut([]store.Document{d})
	})
}

func noted(t *testing.T, s store.Store) (body string) {
	t.Helper()
	err := s.View(context.Background(), func(r store.Reader) error {
		docs, err := r.DocumentGet("note", []string{"a"})
		if err == nil {
			body = string(docs[0].Body)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return body
}

// TestReading: what is read is what was committed last, while somebody writes,
// after they ended, and after a crash; nothing changes, and nobody is kept out.
func TestReading(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "data.db")
	if _, err := OpenReading(ctx, path); err == nil || len(filesIn(t, dir)) != 0 {
		t.Errorf("a file that is not there: %v", err)
	}
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	note(t, s, "1")
	r, err := OpenReading(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if got := noted(t, r); got != "1" {
		t.Errorf("beside a writer it reads %q", got)
	}
	note(t, s, "2")
	if got := noted(t, r); got != "2" {
		t.Errorf("after another commit it reads %q", got)
	}
	crashed := filepath.Join(t.TempDir(), "data.db") // its log is not in the file yet
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(crashed+end, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	was := filesIn(t, filepath.Dir(crashed))
	if left, err := OpenReading(ctx, crashed); err != nil || noted(t, left) != "2" {
		t.Errorf("after a crash: %v", err)
	}
	if is := filesIn(t, filepath.Dir(crashed)); !maps.Equal(is, was) {
		t.Errorf("after a crash there is %v; there was %v", is, was)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	was = filesIn(t, dir)
	if got := noted(t, r); got != "2" {
		t.Errorf("after the writer has ended it reads %q", got)
	}
	if err := r.Update(ctx, func(store.Tx) error { return nil }); err == nil {
		t.Error("it takes a change")
	}
	if is := filesIn(t, dir); !maps.Equal(is, was) {
		t.Errorf("there is %v; there was %v", is, was)
	}
}

// TestReadingWhileAServerStarts: what is read of a file that changes meanwhile is
// refused, whether or not whoever wrote has ended by then.
func TestReadingWhileAServerStarts(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "data.db")
	begin := func() *Store {
		s, err := Open(ctx, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := begin()
	note(t, s, "1")
	for _, stays := range []bool{false, true} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(1e9, 0)); err != nil {
			t.Fatal(err)
		}
		r, err := OpenReading(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		err = r.View(ctx, func(store.Reader) error {
			s = begin()
			note(t, s, "2")
			if stays {
				return nil
			}
			return s.Close()
		})
		if !errors.Is(err, store.ErrBusy) {
			t.Errorf("a writer that stays, %v: %v", stays, err)
		}
		if got := noted(t, r); got != "2" {
			t.Errorf("a writer that stays, %v: then it reads %q", stays, got)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKeptSchema: a file of another schema is refused and stays as it is.
func TestKeptSchema(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "data.db")
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{
		`UPDATE goose_db_version SET version_id = 0 WHERE version_id > 2`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`,
	} {
		c, err := sqlite3.Open(path)
		if err == nil {
			err = errors.Join(c.Exec(change), c.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		was := filesIn(t, dir)
		if _, err := OpenReading(ctx, path); !errors.Is(err, store.ErrSchema) {
			t.Errorf("%s: reading: %v", change, err)
		}
		if _, err := Open(ctx, path, Options{KeepSchema: true}); !errors.Is(err, store.ErrSchema) {
			t.Errorf("%s: %v", change, err)
		}
		if is := filesIn(t, dir); !maps.Equal(is, was) {
			t.Errorf("%s: there is %v; there was %v", change, is, was)
		}
	}
}
