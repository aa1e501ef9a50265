//go:build unix

package postgres_test

import (
	"flag"
	"os"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

func TestMain(m *testing.M) {
	// Each drawn run is a few hundred round trips; more of them on demand.
	if f := flag.Lookup("rapid.checks"); f != nil {
		f.Value.Set("25")
	}
	os.Exit(pgtest.Main(m))
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return pgtest.Open(t, postgres.Options{}) })
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	storetest.RunConcurrent(t, func(t testing.TB) (a, b store.Store) {
		url := pgtest.URL(t)
		return pgtest.OpenURL(t, url, postgres.Options{}), pgtest.OpenURL(t, url, postgres.Options{})
	})
}
