//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/move"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// target is a driver whose stores are to be filled, one after the other in one
// database.
func target(t *testing.T) storetest.Driver {
	server := opened(t, pgtest.URL(t))
	return storetest.Driver{Name: "postgres",
		Open: func(rt storetest.TB) store.Store {
			if err := server.Wipe(context.Background()); err != nil {
				rt.Fatal(err)
			}
			return server
		},
		Close: func(rt storetest.TB, _ store.Store) {
			if wrong, err := server.Check(context.Background()); err != nil || len(wrong) > 0 {
				rt.Fatal(wrong, err)
			}
		},
	}
}

func opened(t *testing.T, url string) *postgres.Store {
	s, err := postgres.OpenMoving(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestMoveFromMemory(t *testing.T) {
	t.Parallel()
	storetest.Move(t, 5, storetest.Driver{Name: "memory", Open: func(storetest.TB) store.Store { return memory.New() }}, target(t))
}

func TestMoveFromSQLite(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	storetest.Move(t, 5, storetest.Driver{Name: "sqlite",
		Open: func(rt storetest.TB) store.Store {
			n++
			s, err := sqlite.Open(context.Background(), filepath.Join(dir, fmt.Sprint(n, ".db")), sqlite.Options{Relaxed: true})
			if err != nil {
				rt.Fatal(err)
			}
			return s
		},
		Close: func(_ storetest.TB, s store.Store) {
			s.Close()
			os.Remove(s.(*sqlite.Store).Path())
		},
	}, target(t))
}

// filled is a source with rows in a few tables.
func filled(t *testing.T) store.Store {
	s := memory.New()
	err := s.Update(context.Background(), func(tx store.Tx) error {
		var orders []domain.Order
		for i := range 50 {
			orders = append(orders, domain.Order{ID: fmt.Sprint("A", i)})
		}
		events := []domain.Event{{Source: "s", ID: "1", Type: "x", OrderID: "A1", Time: storetest.T0}}
		return errors.Join(tx.OrderPut(orders), tx.EventAppend(events), tx.AdvocateInsert([]store.Advocate{{ID: 7, State: []byte("s"), CreatedAt: storetest.T0}}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMoveFindsDamage changes a row behind the move's back, on either side.
func TestMoveFindsDamage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, damage := range map[string]string{
		"orders":   `UPDATE orders SET body = (SELECT body FROM orders WHERE id = 'A2') WHERE id = 'A1'`,
		"event":    `DELETE FROM event`,
		"advocate": `UPDATE advocate SET state = 'S'`,
		"attempt":  `INSERT INTO attempt VALUES (now(), 'a', 'b')`,
		"counter":  `SELECT nextval('event_seq')`,
		"":         ``,
	} {
		from, url := filled(t), pgtest.URL(t)
		to := opened(t, url)
		if err := to.LoadBegin(ctx, "m", "a source"); err != nil {
			t.Fatal(err)
		}
		if err := move.Copy(ctx, move.CopyParams{From: from, To: to, ID: "m"}); err != nil {
			t.Fatal(err)
		}
		run(t, url, damage)
		err := move.Verify(ctx, from, to, nil)
		var differs *move.DifferenceError
		if name == "" {
			if err != nil {
				t.Fatal(err)
			}
			// The source changes.
			ok(t, from.Update(ctx, func(tx store.Tx) error { return tx.OrderPut([]domain.Order{{ID: "B"}}) }))
			if err = move.Verify(ctx, from, to, nil); !errors.As(err, &differs) || differs.Table != store.TableOrder || !differs.Source {
				t.Errorf("a source that has changed: %v", err)
			}
			continue
		}
		if !errors.As(err, &differs) || string(differs.Table) != name || differs.Source {
			t.Errorf("damaged %s: %v", name, err)
		}
	}
}

// TestTargetIsClosed lets no node in before everything is there, and no second
// move at any time.
func TestTargetIsClosed(t *testing.T) {
	t.Parallel()
	ctx, url := context.Background(), pgtest.URL(t)
	to := opened(t, url)
	refuses := func(what string, want error, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("%s: %v, want %v", what, err, want)
		}
	}
	open := func() error {
		s, err := postgres.Open(ctx, url, postgres.Options{})
		if err == nil {
			s.Close()
		}
		return err
	}
	ok(t, open())
	ok(t, to.LoadBegin(ctx, "m", "a source"))
	refuses("a node", store.ErrMoved, open())
	refuses("a second move", store.ErrConflict, to.LoadBegin(ctx, "n", "another source"))
	rows := store.LoadParams{ID: "m", Table: store.TableOrder, Rows: store.Dump{Orders: []domain.Order{{ID: "A"}}}, Next: store.LoadPart{Rows: 1, Place: store.DumpKey("x")}}
	ok(t, to.LoadWrite(ctx, rows))
	refuses("the same rows from another process", store.ErrConflict, to.LoadWrite(ctx, rows))
	rows.ID = "n"
	refuses("another move's rows", store.ErrConflict, to.LoadWrite(ctx, rows))
	refuses("another move's end", store.ErrConflict, to.LoadFinish(ctx, "n"))
	ok(t, to.LoadFinish(ctx, "m"))
	ok(t, open())
	refuses("a late cancel", store.ErrConflict, to.LoadCancel(ctx, "m"))
	if state, err := to.LoadState(ctx); err != nil || !state.Done || state.Parts[store.TableOrder].Rows != 1 {
		t.Fatalf("%+v %v", state, err)
	}

	full := pgtest.Open(t, postgres.Options{})
	ok(t, full.Update(ctx, func(tx store.Tx) error { return tx.SwitchPut(store.Switch{Scope: "all", Mode: "stopped"}) }))
	refuses("a database with rows", store.ErrConflict, full.LoadBegin(ctx, "m", "a source"))
	if state, err := full.LoadState(ctx); err != nil || state.ID != "" {
		t.Fatalf("a refused move left %+v %v", state, err)
	}
}

// TestLoadKnowsEveryTable fails when the schema has a table that nobody looks
// at before a database is called empty.
func TestLoadKnowsEveryTable(t *testing.T) {
	t.Parallel()
	known := append(postgres.LoadedTables(), "tally", "lease", "advocate_schema", "advocate_move", "advocate_move_part")
	c, err := pgx.Connect(t.Context(), pgtest.URL(t))
	ok(t, err)
	defer c.Close(context.Background())
	found, err := c.Query(t.Context(), `SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`)
	ok(t, err)
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	ok(t, err)
	for _, name := range names {
		if !slices.Contains(known, name) {
			t.Errorf("table %s is unknown to the move: enter it where rows are loaded, or here with a reason", name)
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	ok(t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(t.Context(), sql)
	ok(t, err)
}

// BenchmarkMove moves customers with a state and a record each, and checks
// them.
func BenchmarkMove(b *testing.B) {
	ctx := context.Background()
	dir, state := b.TempDir(), make([]byte, 2000)
	for i := range state {
		state[i] = byte(i * i)
	}
	const customers = 20000
	from, err := sqlite.Open(ctx, filepath.Join(dir, "x.db"), sqlite.Options{Relaxed: true})
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	for i := 0; i < customers; i += 1000 {
		err := from.Update(ctx, func(tx store.Tx) error {
			var rows []store.Advocate
			var writes []store.AdvocateWriteRow
			var posts []store.PostRow
			var seen []store.SeenRow
			for k := i; k < i+1000; k++ {
				id := domain.CustomerID(k + 1)
				rows = append(rows, store.Advocate{ID: id, Ref: fmt.Sprint("K", k), Search: fmt.Sprint("customer ", k), CreatedAt: storetest.T0})
				writes = append(writes, store.AdvocateWriteRow{ID: id, Version: 1, State: state, Ref: fmt.Sprint("K", k), Search: fmt.Sprint("customer ", k), At: storetest.T0, Record: state[:800]})
				posts = append(posts, store.PostRow{Key: domain.PostKey{Network: "n", ID: fmt.Sprint(k)}, Customer: id, At: storetest.T0})
				seen = append(seen, store.SeenRow{Key: domain.MakeKey(fmt.Sprint(k)), At: storetest.T0})
			}
			_, err := tx.SeenAdd(seen)
			return errors.Join(err, tx.AdvocateInsert(rows), tx.AdvocateWrite(writes), tx.PostPut(posts))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		to, err := postgres.OpenMoving(ctx, pgtest.URL(b), postgres.Options{})
		if err == nil {
			err = to.LoadBegin(ctx, "m", "x")
		}
		start := time.Now()
		if err == nil {
			err = move.Copy(ctx, move.CopyParams{From: from, To: to, ID: "m"})
		}
		copied := time.Since(start)
		if err == nil {
			err = move.Verify(ctx, from, to, nil)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(4*customers/copied.Seconds(), "rows-copied/s")
		b.ReportMetric(4*customers/(time.Since(start)-copied).Seconds(), "rows-compared/s")
		to.Close()
	}
}
