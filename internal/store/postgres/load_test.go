//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
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
	storetest.Move(t, 12, storetest.Driver{Name: "memory", Open: func(storetest.TB) store.Store { return memory.New() }}, target(t))
}

func TestMoveFromSQLite(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	storetest.Move(t, 12, storetest.Driver{Name: "sqlite",
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
