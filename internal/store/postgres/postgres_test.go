//go:build unix

package postgres_test

import (
	"os"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return pgtest.Open(t, postgres.Options{}) })
}
