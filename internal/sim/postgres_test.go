//go:build unix

package sim

import (
	"context"
	"os"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestPostgreSQL runs over the store that nodes share. Transactions there are
// decided elsewhere at the same time in principle, so that the history need not
// be the one in memory, record for record; the invariants hold all the same.
func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	seeds, steps := fromEnv(t, "ADVOCATE_SIM_SEEDS", 1), fromEnv(t, "ADVOCATE_SIM_STEPS", 300)
	seeds = min(seeds, 5) // a step is some round trips to a server
	for seed := 201; seed < 201+seeds; seed++ {
		r, err := Run(context.Background(), Options{Seed: int64(seed), Steps: steps, StoreName: "postgres://…", Store: func() (store.Store, func(), error) {
			return pgtest.Open(t, postgres.Options{MaxConns: 6}), func() {}, nil
		}})
		mustHold(t, r, err)
		if r.Decisions == 0 {
			t.Errorf("seed %d: nothing was decided", seed)
		}
	}
}
