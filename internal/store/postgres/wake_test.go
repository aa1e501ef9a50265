//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestLease: one holder at a time, a higher fence for each, in database time.
func TestLease(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.URL(t)
	a, b := pgtest.OpenURL(t, url, postgres.Options{}), pgtest.OpenURL(t, url, postgres.Options{})
	now, err := a.Now(ctx)
	if err != nil || time.Since(now).Abs() > time.Minute {
		t.Fatalf("the database's time is %v, %v", now, err)
	}
	take := func(s *postgres.Store, who string, d time.Duration) (store.Lease, bool) {
		l, ok, err := s.LeaseTake(ctx, "stream", who, d)
		if err != nil {
			t.Fatal(err)
		}
		return l, ok
	}
	first, ok := take(a, "a", time.Minute)
	if !ok || first.Fence != 1 || first.Until.Before(now.Add(59*time.Second)) {
		t.Fatalf("taken: %+v, %v", first, ok)
	}
	if _, ok := take(b, "b", time.Minute); ok {
		t.Error("two have it")
	}
	if l, ok := take(a, "a", time.Hour); !ok || l.Fence != 1 || !l.Until.After(first.Until) {
		t.Errorf("prolonged: %+v, %v", l, ok)
	}
	if err := a.LeaseDrop(ctx, first); err != nil {
		t.Error(err)
	}
	second, ok := take(b, "b", 50*time.Millisecond)
	if !ok || second.Fence != 2 {
		t.Errorf("taken over: %+v, %v", second, ok)
	}
	if _, err := a.LeaseReap(ctx, first); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the old holder's: %v", err)
	}
	for ended, err := a.LeaseEnded(ctx, "stream"); len(ended) == 0; ended, err = a.LeaseEnded(ctx, "stream") {
		if err != nil {
			t.Fatal(err)
		}
	}
	if third, ok := take(b, "b", time.Minute); !ok || third.Fence != 3 {
		t.Errorf("its own again, after it had ended: %+v, %v", third, ok)
	}
	if err := a.LeaseDrop(ctx, second); err != nil { // an older fence drops nothing
		t.Error(err)
	}
	if _, ok := take(a, "a", time.Minute); ok {
		t.Error("an older fence gave it away")
	}
}

// TestWakes: a node hears of what another left, not of its own, and again
// after its connection was cut.
func TestWakes(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	a, b := pgtest.OpenURL(t, url, postgres.Options{}), pgtest.OpenURL(t, url, postgres.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	wakes := a.Wakes(ctx)
	await := func(what string) {
		t.Helper()
		select {
		case <-wakes:
		case <-time.After(20 * time.Second):
			t.Fatal(what)
		}
	}
	leave := func(s store.Store) {
		put(t, s, func(tx store.Tx) error {
			return tx.InboxAppend([]store.InboxRow{{Customer: 1, ReadyAt: storetest.T0}})
		})
	}
	await("it begins with one: nobody knows what came before")
	leave(b)
	await("what another node left")
	leave(a)
	select {
	case <-wakes:
		t.Error("a node was woken by itself")
	case <-time.After(50 * time.Millisecond):
	}
	// A catch-up of its own, once nobody is at work who was at its commit.
	busy, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- b.Update(context.Background(), func(tx store.Tx) error {
			err := insert(tx, 7)
			close(busy)
			<-end
			return err
		})
	}()
	<-busy
	put(t, a, func(tx store.Tx) error {
		return tx.CatchUpAdd([]store.CatchUpRow{{Customer: 1, Subscription: "s", Upto: 1}})
	})
	select {
	case <-wakes:
		t.Error("it was ripe too early")
	case <-time.After(100 * time.Millisecond):
	}
	close(end)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	await("a catch-up is ripe")
	one(t, b, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE '%listener' AND datname = current_database()`)
	await("the connection was cut")
	leave(b)
	await("and stands again")
	cancel()
	for range wakes {
	}
	closed := b.Wakes(context.Background())
	b.Close()
	for range closed {
	}
}
