package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/move"
)

// TestDumpKnowsEveryTable fails when the schema has a table that a move would
// leave behind.
func TestDumpKnowsEveryTable(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Relaxed: true})
	c, release, err := s.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	known := []string{"search", "run", "run_tail", "run_block", "document_key", "goose_db_version"} // derived, or dumped as seen and left as anchors
	for _, table := range store.Tables {
		known = append(known, string(table))
	}
	for q := c.q(qAllTables); q.row(); {
		if name := q.str(0); !slices.Contains(known, name) && !strings.HasPrefix(name, "sqlite_") {
			t.Errorf("table %s is not moved: enter it in store.Tables, or here with a reason", name)
		}
	}
}

var qAllTables = prepared(`SELECT name FROM sqlite_schema WHERE type = 'table'`)

// TestDumpSeen reads keys out of runs and tail, in pieces of any length.
func TestDumpSeen(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Relaxed: true, sealAt: 400})
	const n = 1700
	for i := 0; i < n; i += 17 {
		var rows []store.SeenRow
		for k := range 17 {
			rows = append(rows, store.SeenRow{Key: domain.MakeKey(fmt.Sprint(i + k)), Body: uint64(i + k), At: time.UnixMicro(int64(i + 1))})
		}
		if err := s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.SeenAdd(rows); return err }); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{1, 100, 163, 5000} {
		bodies := map[uint64]bool{}
		err := s.View(t.Context(), func(r store.Reader) error {
			var place store.DumpKey
			for {
				rows, next, err := r.(store.Dumper).DumpRead(store.DumpParams{Table: store.TableSeen, After: place, Limit: limit})
				if err != nil || rows.Len() == 0 {
					return err
				}
				for _, row := range rows.Seen {
					if row.Key != domain.MakeKey(fmt.Sprint(row.Body)) || row.At.UnixMicro() < int64(row.Body/17*17+1) {
						t.Fatalf("%+v", row)
					}
					if bodies[row.Body] {
						t.Fatalf("key %d comes twice", row.Body)
					}
					bodies[row.Body] = true
				}
				place = next
			}
		})
		if err != nil || len(bodies) != n {
			t.Fatalf("limit %d: %d of %d keys, %v", limit, len(bodies), n, err)
		}
		if sum, err := move.SumTable(t.Context(), s, store.TableSeen, nil); err != nil || sum.Rows != n {
			t.Fatal(sum.Rows, err)
		}
	}
}

// TestMark keeps everybody out but the move.
func TestMark(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "advocate.db")
	if _, err := OpenMoving(ctx, path); err == nil {
		t.Fatal("what is not there was opened")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Fatalf("it leaves %s behind", left[0].Name())
	}
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMoving(ctx, filepath.Dir(path)); !errors.Is(err, store.ErrLocked) {
		t.Fatalf("a file in use: %v", err)
	}
	s.Close()
	moving := func(fn func(*Store) error) {
		t.Helper()
		s, err := OpenMoving(ctx, filepath.Dir(path))
		if err == nil {
			err = errors.Join(fn(s), s.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	moving(func(s *Store) error { return s.MarkBegin(ctx, "m", "postgres://db/x", time.Unix(1e9, 0)) })
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, store.ErrMoved) || !strings.Contains(err.Error(), "is being moved to postgres://db/x") {
		t.Fatalf("a file that is being moved: %v", err)
	}
	moving(func(s *Store) error {
		if m, err := s.Mark(ctx); err != nil || m.ID != "m" || !m.Ended.IsZero() {
			t.Errorf("%+v %v", m, err)
		}
		if err := s.MarkBegin(ctx, "n", "x", time.Now()); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a second mark: %v", err)
		}
		if err := s.MarkEnd(ctx, "n", time.Now()); !errors.Is(err, store.ErrConflict) {
			t.Errorf("another's end: %v", err)
		}
		return s.MarkEnd(ctx, "m", time.Unix(2e9, 0))
	})
	if _, err := Open(ctx, path, Options{}); !errors.Is(err, store.ErrMoved) || !strings.Contains(err.Error(), "was moved to postgres://db/x at 2033-05-18 03:33:20 UTC") {
		t.Fatalf("a file that was moved: %v", err)
	}
	moving(func(s *Store) error { return s.MarkRemove(ctx) })
	if s, err = Open(ctx, path, Options{}); err != nil {
		t.Fatal(err)
	}
	s.Close()
}
