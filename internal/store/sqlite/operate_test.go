package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

func put(t testing.TB, s *Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestEraseLeavesNothing looks at every value of every table.
func TestEraseLeavesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Relaxed: true, sealAt: 4})
	for c := domain.CustomerID(1); c <= 3; c++ {
		storetest.Fill(t, s, c)
	}
	if !strings.Contains(dump(t, s), storetest.Secret) {
		t.Fatal("the dump does not show what is there")
	}
	put(t, s, func(tx store.Tx) error {
		return errors.Join(tx.CustomerMove(1, 2), tx.CustomerErase(2, storetest.T0), tx.CustomerErase(3, storetest.T0))
	})
	if text := dump(t, s); strings.Contains(text, storetest.Secret) {
		at := strings.Index(text, storetest.Secret)
		t.Fatalf("left behind: %s", text[max(0, at-300):at+50])
	}
}

// dump returns all tables as text, in lower case.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	for _, name := range tables {
		rows, err := db.Query("SELECT * FROM " + name)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new([]byte)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				fmt.Fprintf(&out, "%s.%s=%s\n", name, columns[i], *v.(*[]byte))
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return strings.ToLower(out.String())
}

func TestLock(t *testing.T) {
	t.Parallel()
	s := open(t, Options{})
	_, err := Open(context.Background(), s.path, Options{})
	if !errors.Is(err, store.ErrLocked) {
		t.Fatalf("second open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(context.Background(), s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	// Who waits for a file that its holder removes must not believe to have it.
	f, err := os.OpenFile(s.path+".lock", os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, gone := range []func() error{
		func() error { return os.Remove(f.Name()) },
		func() error { return os.WriteFile(f.Name(), nil, 0o600) }, // the next one's
	} {
		if err := gone(); err != nil {
			t.Fatal(err)
		}
		if err := hold(f); !errors.Is(err, store.ErrLocked) {
			t.Errorf("a lock file that was removed: %v", err)
		}
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	c, err := sqlite3.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec(`CREATE TABLE x (y)`), c.Close()); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{})
	s.Close()
	c, err = sqlite3.Open(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`), c.Close()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{other, text, s.path} {
		if _, err := Open(ctx, path, Options{}); !errors.Is(err, store.ErrSchema) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	if _, err := Open(ctx, filepath.Join(dir, "no", "such", "dir", "x.db"), Options{}); err == nil {
		t.Error("a missing directory was no error")
	}
}

// TestSchemaOfUnreleasedBuilds: a file whose tables are not those of its
// version is refused with a word that says why, and what others added is not.
func TestSchemaOfUnreleasedBuilds(t *testing.T) {
	t.Parallel()
	for change, ok := range map[string]bool{
		`DROP INDEX advocate_armed; ALTER TABLE advocate DROP COLUMN armed`: false,
		`ALTER TABLE effect ADD COLUMN line TEXT NOT NULL DEFAULT ''`:       false,
		`DROP TABLE run_block`: false,
		`CREATE TABLE mine (x); CREATE INDEX mine_at ON post (at, id); ANALYZE`: true,
	} {
		s := open(t, Options{})
		s.Close()
		c, err := sqlite3.Open(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Exec(change), c.Close()); err != nil {
			t.Fatal(err)
		}
		again, err := Open(context.Background(), s.path, Options{})
		switch {
		case ok && err != nil:
			t.Errorf("%s: %v", change, err)
		case ok:
			again.Close()
		case !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "before the first release"):
			t.Errorf("%s: %v", change, err)
		}
	}
}

// TestFull fills the database to its largest size: the transaction fails
// whole, also when its function ignores the error, and the store goes on.
func TestFull(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Relaxed: true})
	limit := func(pages int) {
		if err := s.w.db.Exec(fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(400)
	big := make([]byte, 64<<10)
	n := domain.CustomerID(0)
	var err error
	for err == nil {
		n++
		err = s.Update(context.Background(), func(tx store.Tx) error {
			tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey(n.String())}})
			tx.AdvocateInsert([]store.Advocate{{ID: 2 * n}})
			tx.AdvocateInsert([]store.Advocate{{ID: 2*n + 1, State: big}})
			return nil
		})
	}
	if !errors.Is(err, store.ErrFull) || !errors.Is(err, store.ErrBusy) || n < 3 {
		t.Fatalf("after %d: %v", n, err)
	}
	limit(100000)
	put(t, s, func(tx store.Tx) error {
		seen, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey(n.String())}})
		if err == nil && seen[0] != store.SeenNew {
			t.Error("a key of the failed transaction is known")
		}
		found, err := tx.AdvocateGet([]domain.CustomerID{2 * n, 2*n + 1, 2})
		if err == nil && (found[0].ID != 0 || found[1].ID != 0 || found[2].ID == 0) {
			t.Errorf("half of a transaction is there: %v", found)
		}
		return err
	})
}

// fullVFS has a disk with no room left for the log once full is set.
type fullVFS struct {
	vfs.VFS
	full *atomic.Bool
}

type fullFile struct {
	vfs.File
	full *atomic.Bool
}

func (v fullVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = fullFile{f, v.full}
	}
	return f, out, err
}

func (f fullFile) Unwrap() vfs.File { return f.File }

func (f fullFile) WriteAt(b []byte, at int64) (int, error) {
	if f.full.Load() {
		return 0, &os.PathError{Op: "write", Path: "log", Err: syscall.ENOSPC}
	}
	return f.File.WriteAt(b, at)
}

// TestFullDisk tells a full disk from a busy store, also when the write that
// fails is one of the log's that were held back.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	vfs.Register("test-full", gatherVFS{fullVFS{vfs.Find("os"), &full}})
	db, err := sqlite3.Open("file:" + filepath.Join(t.TempDir(), "x.db") + "?vfs=test-full")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec("PRAGMA journal_mode=wal; PRAGMA synchronous=full; CREATE TABLE x (n)"); err != nil {
		t.Fatal(err)
	}
	full.Store(true)
	if err := classify(db.Exec("INSERT INTO x VALUES (1)")); !errors.Is(err, store.ErrFull) {
		t.Errorf("a full disk is %v", err)
	}
	full.Store(false)
	if err := db.Exec("INSERT INTO x VALUES (1)"); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := open(t, Options{Relaxed: true})
	for c := domain.CustomerID(1); c <= 3; c++ {
		storetest.Fill(t, s, c)
	}
	put(t, s, func(tx store.Tx) error {
		return tx.AdvocateInsert([]store.Advocate{{ID: 9, State: make([]byte, 8<<20)}})
	})
	path := filepath.Join(t.TempDir(), "a b%20#?.db")
	steps, last := 0, [2]int{}
	err := s.Backup(ctx, path, func(done, total int) {
		steps, last = steps+1, [2]int{done, total}
		put(t, s, func(tx store.Tx) error { return tx.SwitchPut(store.Switch{Scope: "during", Mode: fmt.Sprint(steps)}) }) // writers go on
	})
	if err != nil || steps < 1 || last[0] != last[1] {
		t.Fatalf("%d steps, %v, %v", steps, last, err)
	}
	if err := s.Backup(ctx, path, nil); err == nil {
		t.Fatal("an existing file was overwritten")
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Backup(canceled, path+"2", nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	b, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if damage, err := b.Check(ctx); err != nil || len(damage) > 0 {
		t.Fatal(damage, err)
	}
	put(t, b, func(tx store.Tx) error {
		during, err := tx.SwitchList()
		counts, _ := tx.Counts()
		if len(during) > 0 || counts.Customers != 4 {
			t.Errorf("not one state: %v, %+v", during, counts)
		}
		return err
	})
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	type report struct {
		logged, moved int
		err           error
	}
	reports := make(chan report, 100_000)
	s := open(t, Options{Relaxed: true, CheckpointBytes: 64 << 10, MaxLogBytes: 256 << 10, OnCheckpoint: func(logged, moved int, err error) { reports <- report{logged, moved, err} }})
	write := func(i int) {
		put(t, s, func(tx store.Tx) error {
			return tx.OrderPut([]domain.Order{{ID: fmt.Sprint(i % 100), Reason: fmt.Sprint(i, strings.Repeat("x", 20_000))}})
		})
	}
	restarts := 0
	for i, before := 0, int64(0); restarts < 2; i++ {
		if write(i); logBytes(s) < before {
			restarts++
		}
		if before = logBytes(s); i == 20_000 {
			t.Fatalf("the log is never started again: %d bytes", before)
		}
	}
	if r := <-reports; r.err != nil || r.moved == 0 {
		t.Fatal(r)
	}
}

// TestReopen comes back with runs, tails and counters as they were.
func TestReopen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "data.db")
	for round := range 4 {
		s, err := Open(ctx, path, Options{Relaxed: true, sealAt: 50})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 30 * (round + 1) {
			put(t, s, func(tx store.Tx) error {
				seen, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey(fmt.Sprint(i)), Body: uint64(i)}})
				if err == nil && (seen[0] == store.SeenNew) != (i >= 30*round) {
					t.Fatalf("round %d, key %d: %v", round, i, seen)
				}
				return errors.Join(err, tx.EventAppend([]domain.Event{{Source: "s", ID: "x", Type: "t", OrderID: "A"}}))
			})
		}
		put(t, s, func(tx store.Tx) error {
			found, err := tx.EventFind(store.EventFindParams{Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: "A"}})
			if want := 30 * (round + 1) * (round + 2) / 2; len(found) != want || found[0].Seq != int64(want) {
				t.Fatalf("round %d: %d events, want %d", round, len(found), want)
			}
			return err
		})
		if damage, err := s.Check(ctx); err != nil || len(damage) > 0 {
			t.Fatal(damage, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReopenFreesLeases: what a process that is gone was sending may be claimed
// at once by the next one, and as another attempt.
func TestReopenFreesLeases(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "data.db")
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	claim := func(s *Store) (out []store.EffectRow) {
		put(t, s, func(tx store.Tx) (err error) {
			out, err = tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Hour, Limit: 10})
			return err
		})
		return out
	}
	s, err := Open(ctx, path, Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, func(tx store.Tx) error {
		e := domain.Effect{Customer: 1, Kind: domain.EffectReply, Destination: "network:a", Conversation: "c", NotBefore: now}
		first, second := e, e
		first.ID, second.ID, second.Ordinal = "one", "two", 1
		return tx.EffectAdd([]store.EffectRow{{Effect: first, CreatedAt: now}, {Effect: second, CreatedAt: now}})
	})
	if got := claim(s); len(got) != 1 || got[0].ID != "one" {
		t.Fatalf("claimed %v", got)
	}
	if got := claim(s); len(got) != 0 {
		t.Fatalf("claimed %v in spite of the lease", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(ctx, path, Options{Relaxed: true}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := claim(s); len(got) != 1 || got[0].ID != "one" || got[0].Attempt != 2 {
		t.Fatalf("after the restart: claimed %v, want the second attempt of one", got)
	}
}

// TestKill ends a writing process at a random moment: what it said was
// durable is there, and nothing is half there.
func TestKill(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("STORE_KILL_PATH"); path != "" {
		writeForever(t, path)
	}
	path := filepath.Join(t.TempDir(), "data.db")
	last := 0
	for round := range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$", "-test.parallel=1")
		cmd.Env = append(os.Environ(), "STORE_KILL_PATH="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 40+17*round && lines.Scan(); n++ {
			fmt.Sscanf(lines.Text(), "durable %d", &last)
		}
		cmd.Process.Kill()
		for lines.Scan() {
			fmt.Sscanf(lines.Text(), "durable %d", &last)
		}
		cmd.Wait()
		s, err := Open(context.Background(), path, Options{sealAt: 64})
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, func(tx store.Tx) error {
			counts, err := tx.Counts()
			a, _ := tx.AdvocateGet([]domain.CustomerID{1})
			if n := int(a[0].Version); n < last || last == 0 || int(counts.Events) != n || int(counts.Inbox) != n {
				t.Errorf("version %d, durable %d, counts %+v", n, last, counts)
			}
			return err
		})
		if damage, err := s.Check(context.Background()); err != nil || len(damage) > 0 {
			t.Error(damage, err)
		}
		s.Close()
	}
}

func writeForever(t *testing.T, path string) {
	s, err := Open(context.Background(), path, Options{sealAt: 64, CheckpointBytes: 64 << 10, MaxLogBytes: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	for {
		var n int64
		put(t, s, func(tx store.Tx) error {
			a, err := tx.AdvocateLock([]domain.CustomerID{1})
			if err != nil {
				return err
			}
			if a[0].ID == 0 {
				if err := tx.AdvocateInsert([]store.Advocate{{ID: 1}}); err != nil {
					return err
				}
			}
			n = a[0].Version + 1
			seen, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey(fmt.Sprint(n))}})
			if err == nil && seen[0] != store.SeenNew {
				err = fmt.Errorf("key %d was seen", n)
			}
			return errors.Join(err, tx.EventAppend([]domain.Event{{Source: "s", ID: "x", Type: "t", OrderID: "A"}}),
				tx.InboxAppend([]store.InboxRow{{Customer: 1, Body: make([]byte, 3000)}}),
				tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: n, State: make([]byte, 2000), Record: []byte("r")}}))
		})
		fmt.Printf("durable %d\n", n)
	}
}
