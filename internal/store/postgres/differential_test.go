//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestDifferential compares all three stores.
func TestDifferential(t *testing.T) {
	t.Parallel()
	server := pgtest.Open(t, postgres.Options{})
	dir, n, runs := t.TempDir(), 0, 0
	storetest.Differential(t, 10,
		storetest.Driver{Name: "memory", Open: func(storetest.TB) store.Store { return memory.New() }},
		storetest.Driver{Name: "postgres",
			Open: func(rt storetest.TB) store.Store {
				if err := server.Wipe(context.Background()); err != nil {
					rt.Fatal(err)
				}
				runs++
				postgres.Remember(server, runs%2 == 0)
				return server
			},
			Close: func(rt storetest.TB, _ store.Store) {
				if wrong, err := server.Check(context.Background()); err != nil || len(wrong) > 0 {
					rt.Fatal(wrong, err)
				}
			}},
		storetest.Driver{Name: "sqlite",
			Open: func(rt storetest.TB) store.Store {
				n++
				s, err := sqlite.Open(context.Background(), filepath.Join(dir, fmt.Sprint(n, ".db")), sqlite.Options{Relaxed: true})
				if err != nil {
					rt.Fatal(err)
				}
				return s
			},
			Close: func(_ storetest.TB, s store.Store) { s.Close() }},
	)
}
