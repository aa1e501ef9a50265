package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, opts Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "data.db"), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if damage, err := s.Check(context.Background()); err != nil && !errors.Is(err, errClosed) || len(damage) > 0 {
			t.Errorf("damage: %q, %v", damage, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// logBytes is how long the log is.
func logBytes(s *Store) int64 { return s.checkpointer.pages.Load() * pageBytes }

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return open(t, Options{Relaxed: true}) })
}

// TestConformanceSmall runs the suite as in production, but with runs of a few
// records, order hashes that meet, and checkpoints all the time.
func TestConformanceSmall(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store {
		return open(t, Options{CheckpointBytes: 1, MaxLogBytes: 64 << 10, sealAt: 64,
			placeOrder: func(id string) int64 { return hashOrder(id) % 3 }})
	})
}
