//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestLostConnection: a transaction whose connection is cut is run again; when
// that does not help, it is refused and leaves nothing.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s, other := pgtest.OpenURL(t, url, postgres.Options{}), pgtest.OpenURL(t, url, postgres.Options{})
	kill := func(tx store.Tx) {
		one(t, other, fmt.Sprintf(`SELECT pg_terminate_backend(%d)::int::int8`, postgres.PID(tx)))
	}
	runs := 0
	put(t, s, func(tx store.Tx) error {
		runs++
		if err := insert(tx, 1); err != nil {
			return err
		}
		if runs == 1 {
			kill(tx)
		}
		return insert(tx, 2)
	})
	if runs != 2 {
		t.Errorf("it took %d runs", runs)
	}
	err := s.Update(context.Background(), func(tx store.Tx) error {
		if err := insert(tx, 3); err != nil {
			return err
		}
		kill(tx)
		return insert(tx, 4)
	})
	if !errors.Is(err, store.ErrBusy) {
		t.Errorf("always cut off: %v", err)
	}
	err = s.View(context.Background(), func(r store.Reader) error {
		one(t, other, fmt.Sprintf(`SELECT pg_terminate_backend(%d)::int::int8`, postgres.PID(r)))
		_, err := r.Counts()
		return err
	})
	if !errors.Is(err, store.ErrBusy) {
		t.Errorf("a reader that was cut off: %v", err)
	}
	if n := one(t, s, `SELECT count(*) FROM advocate`); n != 2 {
		t.Errorf("%d customers were kept", n)
	}
	if wrong, err := s.Check(context.Background()); err != nil || len(wrong) > 0 {
		t.Error(wrong, err)
	}
}

// TestServerGone: a server that is away, by crash or on purpose, refuses work
// at once and takes it again when it is back; what was committed is there.
func TestServerGone(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	cluster, err := pgtest.NewCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.Stop() })
	s := pgtest.OpenURL(t, cluster.URL("postgres"), postgres.Options{})
	n := domain.CustomerID(0)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		n++
		put(t, s, func(tx store.Tx) error { return insert(tx, n) })
		inside := make(chan error, 1)
		err := s.Update(context.Background(), func(tx store.Tx) error {
			if err := insert(tx, 1000+n); err != nil {
				return err
			}
			if cluster.PID() != 0 {
				inside <- cluster.Signal(sig)
			}
			return insert(tx, 2000+n)
		})
		if e := <-inside; e != nil {
			t.Fatal(e)
		}
		if !errors.Is(err, store.ErrBusy) {
			t.Errorf("%v: %v", sig, err)
		}
		began := time.Now()
		if err := s.Update(context.Background(), func(tx store.Tx) error { return nil }); !errors.Is(err, store.ErrBusy) {
			t.Errorf("away: %v", err)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %v to refuse", took)
		}
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
		put(t, s, func(tx store.Tx) error {
			have, err := tx.AdvocateGet([]domain.CustomerID{n, 1000 + n, 2000 + n})
			if err == nil && (have[0].ID != n || have[1].ID != 0 || have[2].ID != 0) {
				err = fmt.Errorf("after %v there are %v, %v and %v", sig, have[0].ID, have[1].ID, have[2].ID)
			}
			return err
		})
	}
}

// TestSilentTransaction: a node that has stopped in the middle loses its
// locks, and learns that its transaction did not take place.
func TestSilentTransaction(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s := pgtest.OpenURL(t, url, postgres.Options{IdleTimeout: 200 * time.Millisecond})
	other := pgtest.OpenURL(t, url, postgres.Options{})
	put(t, s, func(tx store.Tx) error { return insert(tx, 1) })
	stuck, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	done := make(chan error, 1)
	go func() {
		done <- s.Update(context.Background(), func(tx store.Tx) error {
			if a, err := tx.AdvocateLock([]domain.CustomerID{1}); err != nil || a[0].Taken {
				return errors.Join(err, errors.New("it is somebody else's now"))
			}
			once.Do(func() { close(stuck); <-free })
			return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: storetest.T0}})
		})
	}()
	<-stuck
	put(t, other, func(tx store.Tx) error { // waits for the lock to fall
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: storetest.T0}})
	})
	close(free)
	if err := <-done; !errors.Is(err, store.ErrVersion) {
		t.Errorf("the one that was silent: %v", err)
	}
}

// TestLimits: nobody waits for ever.
func TestLimits(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	holder := pgtest.OpenURL(t, url, postgres.Options{})
	put(t, holder, func(tx store.Tx) error { return insert(tx, 1) })
	held, leave := make(chan struct{}), make(chan struct{})
	end := sync.OnceFunc(func() { close(leave) })
	t.Cleanup(end) // or closing its store would wait for it, where the test fails
	done := make(chan error, 1)
	go func() {
		done <- holder.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.AdvocateLock([]domain.CustomerID{1})
			close(held)
			<-leave
			return err
		})
	}()
	<-held
	write := func(tx store.Tx) error {
		return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: 1, At: storetest.T0}})
	}
	for _, c := range []struct {
		what string
		opts postgres.Options
	}{
		{"lock", postgres.Options{LockTimeout: 20 * time.Millisecond}},
		{"statement", postgres.Options{StatementTimeout: 200 * time.Millisecond}},
	} {
		if err := pgtest.OpenURL(t, url, c.opts).Update(context.Background(), write); !errors.Is(err, store.ErrBusy) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	narrow := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 1, AcquireTimeout: time.Second})
	if err := narrow.Update(context.Background(), func(store.Tx) error {
		return narrow.Update(context.Background(), func(store.Tx) error { return nil })
	}); !errors.Is(err, store.ErrBusy) || !strings.Contains(err.Error(), "all 1 connections") {
		t.Errorf("connections: %v", err)
	}
	if st := narrow.Stats(); st.Max != 1 || st.InUse != 0 {
		t.Errorf("the pool: %+v", st)
	}
	end()
	if err := <-done; err != nil {
		t.Error(err)
	}
	put(t, narrow, write)
}

// TestMuteServer: a server that acknowledges and does not answer, as one whose
// machine hangs, is given up by this side; nothing waits for it without end.
func TestMuteServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	cluster, err := pgtest.NewCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.Stop() })
	s := pgtest.OpenURL(t, cluster.URL("postgres"), postgres.Options{StatementTimeout: 500 * time.Millisecond, NetworkTimeout: 500 * time.Millisecond, AcquireTimeout: 500 * time.Millisecond})
	put(t, s, func(tx store.Tx) error { return insert(tx, 1) })
	began := time.Now()
	err = s.Update(context.Background(), func(tx store.Tx) error {
		if err := insert(tx, 2); err != nil {
			return err
		}
		pid := int(postgres.PID(tx))
		t.Cleanup(func() { syscall.Kill(pid, syscall.SIGCONT) })
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		return insert(tx, 3)
	})
	if took := time.Since(began); !errors.Is(err, store.ErrBusy) || took > 10*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	// What is idle for longer than a statement may take is as good as new.
	time.Sleep(1200 * time.Millisecond)
	put(t, s, func(tx store.Tx) error { return insert(tx, 4) })
}
