package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestDifferential compares with the oracle, with runs of a few records and
// order hashes that meet. (The driver for PostgreSQL compares all three.)
func TestDifferential(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	storetest.Differential(t, 30,
		storetest.Driver{Name: "memory", Open: func(storetest.TB) store.Store { return memory.New() }},
		storetest.Driver{Name: "sqlite",
			Open: func(t storetest.TB) store.Store {
				n++
				s, err := Open(context.Background(), filepath.Join(dir, fmt.Sprint(n, ".db")), Options{Relaxed: true, sealAt: 5, placeOrder: func(id string) int64 { return hashOrder(id) % 3 }})
				if err != nil {
					t.Fatal(err)
				}
				return s
			},
			Close: func(t storetest.TB, opened store.Store) {
				s := opened.(*Store)
				damage, err := s.Check(context.Background())
				s.Close()
				os.Remove(s.path)
				if err != nil || len(damage) > 0 {
					t.Fatal(damage, err)
				}
			}},
	)
}
