package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestSync: the next transaction runs while the disk works, Update returns
// only when its own commit is on it, and one sync serves many.
func TestSync(t *testing.T) {
	t.Parallel()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "data.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan error)
	s.syncer.sync = func(f *os.File) error {
		entered <- struct{}{}
		if err := <-leave; err != nil {
			return err
		}
		return syncFile(f)
	}
	ended := make(chan error, 3)
	ran := make(chan struct{}, 3)
	write := func(scope string) {
		ended <- s.Update(context.Background(), func(tx store.Tx) error {
			ran <- struct{}{}
			return tx.SwitchPut(store.Switch{Scope: scope, Mode: "live"})
		})
	}
	go write("a")
	<-ran
	<-entered
	for _, scope := range []string{"b", "c"} {
		go write(scope)
		<-ran // while a's sync is under way
	}
	// The writer is free again, so b and c are committed.
	<-s.writing
	s.writing <- struct{}{}
	select {
	case err := <-ended:
		t.Fatal("returned before it was on the disk", err)
	default:
	}
	leave <- nil
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	<-entered // one sync for both
	select {
	case err := <-ended:
		t.Fatal("returned before it was on the disk", err)
	default:
	}
	leave <- nil
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}

	// A repeat that writes nothing says so only when what it repeats is on
	// the disk.
	key := []store.SeenRow{{Key: domain.MakeKey("k"), Body: 1}}
	repeat := func() {
		ended <- s.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.SeenAdd(key)
			ran <- struct{}{}
			return err
		})
	}
	go repeat()
	<-ran
	<-entered
	go repeat()
	<-ran
	<-s.writing
	s.writing <- struct{}{}
	select {
	case err := <-ended:
		t.Fatal("a repeat returned before what it repeats was on the disk", err)
	default:
	}
	leave <- nil
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}

	boom := errors.New("boom")
	go write("d")
	<-ran
	<-entered
	leave <- boom
	if err := <-ended; !errors.Is(err, boom) {
		t.Fatalf("a failed sync was taken for a commit: %v", err)
	}
	if err := s.Update(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, boom) {
		t.Fatalf("the store went on after a failed sync: %v", err)
	}
	if err := s.Close(); !errors.Is(err, boom) {
		t.Fatalf("close after a failed sync: %v", err)
	}
}
