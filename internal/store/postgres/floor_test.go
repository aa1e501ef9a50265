//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestFloorsConform: a store that remembers from where on to look claims what
// one finds that looks at everything.
func TestFloorsConform(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store {
		s := pgtest.Open(t, postgres.Options{})
		postgres.Remember(s, true)
		return s
	})
}

// TestFloors: claims leave behind what has left the outbox, whatever stays
// there behind a dead letter, and find what is made ready long ago.
func TestFloors(t *testing.T) {
	t.Parallel()
	s, now := pgtest.Open(t, postgres.Options{}), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	postgres.Remember(s, true)
	add := func(id, conversation string, ordinal int64, at time.Time) {
		t.Helper()
		put(t, s, func(tx store.Tx) error {
			return tx.EffectAdd([]store.EffectRow{{Effect: domain.Effect{
				ID: id, Customer: 1, Kind: domain.EffectReply, Destination: "n", Conversation: conversation, Ordinal: ordinal, NotBefore: at,
			}, CreatedAt: now, UpdatedAt: now}})
		})
	}
	claim := func(want ...string) (rows []store.EffectRow) {
		t.Helper()
		put(t, s, func(tx store.Tx) (err error) {
			rows, err = tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute, MostOf: map[string]int{"n": 2}})
			return err
		})
		var got []string
		for i := range rows {
			got = append(got, rows[i].ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("claimed %q, want %q", got, want)
		}
		return rows
	}
	end := func(rows []store.EffectRow, state domain.EffectState) {
		t.Helper()
		put(t, s, func(tx store.Tx) error {
			for _, row := range rows {
				row.State = state
				if err := tx.EffectPut(row); err != nil {
					return err
				}
			}
			return nil
		})
	}
	floor := func(want time.Time, left ...string) {
		t.Helper()
		claim() // the floor that the claim before has seen holds now
		if at, ids := postgres.Floor(s, "n"); !at.Equal(want) || !slices.Equal(ids, left) {
			t.Fatalf("the floor is %v above %q, want %v above %q", at, ids, want, left)
		}
	}

	put(t, s, func(tx store.Tx) error { return insert(tx, 1) })
	add("a1", "x", 1, now)
	add("a2", "x", 2, now)
	end(claim("a1"), domain.EffectDead)
	for i := range 10 {
		now = now.Add(time.Second)
		add(fmt.Sprint("b", i), "", 0, now)
		end(claim(fmt.Sprint("b", i)), domain.EffectDone)
	}
	claim()
	floor(now, "a2")
	if n := one(t, s, `SELECT count(*) FROM effect`); n != 2 {
		t.Fatalf("%d effects stand, want a1 and a2", n)
	}

	// What was ready long ago and has been below it since.
	add("c", "", 0, now.Add(-time.Hour))
	end(claim("c"), domain.EffectDone)
	claim()
	floor(now, "a2")
	// A dead letter is tried again: what was left behind it follows.
	put(t, s, func(tx store.Tx) error {
		_, err := tx.EffectSet("a1", nil, domain.EffectPending, time.Time{})
		return err
	})
	end(claim("a1"), domain.EffectDone)
	end(claim("a2"), domain.EffectDone)
	claim()
	floor(now)

	// More than a claim takes, and the rest after it.
	for i := range 5 {
		add(fmt.Sprint("d", i), "", 0, now.Add(-time.Duration(i)*time.Minute))
	}
	end(claim("d4", "d3"), domain.EffectDone)
	end(claim("d2", "d1"), domain.EffectDone)
	end(claim("d0"), domain.EffectDone)

	// As many as a look takes are ready just as long.
	put(t, s, func(tx store.Tx) error {
		var rows []store.EffectRow
		for i := range 80 {
			rows = append(rows, store.EffectRow{Effect: domain.Effect{ID: fmt.Sprintf("e%02d", i), Customer: 1, Kind: domain.EffectReply, Destination: "n", Conversation: "y", Ordinal: int64(i), NotBefore: now}})
		}
		return tx.EffectAdd(rows)
	})
	for i := range 80 {
		end(claim(fmt.Sprintf("e%02d", i)), domain.EffectDone)
	}
	claim()

	// A transaction that claims, looks again and is rolled back, and one that
	// claims what it has just made ready.
	add("f", "", 0, now)
	broken := errors.New("broken")
	if err := s.Update(context.Background(), func(tx store.Tx) error {
		for range 2 {
			if _, err := tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute}); err != nil {
				return err
			}
		}
		return broken
	}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	end(claim("f"), domain.EffectDone)
	put(t, s, func(tx store.Tx) error {
		err := tx.EffectAdd([]store.EffectRow{{Effect: domain.Effect{ID: "g", Customer: 1, Kind: domain.EffectReply, Destination: "n", NotBefore: now.Add(-time.Hour)}}})
		if err != nil {
			return err
		}
		rows, err := tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute})
		if len(rows) != 1 || rows[0].ID != "g" {
			return fmt.Errorf("claimed %+v, want g: %w", rows, err)
		}
		rows[0].State = domain.EffectDone
		return tx.EffectPut(rows[0])
	})

	// What a transaction writes while the floor rises above it.
	entered, leave, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	let := sync.OnceFunc(func() { close(leave) })
	t.Cleanup(let) // or closing the store would wait for it
	go func() {
		ended <- s.Update(context.Background(), func(tx store.Tx) error {
			err := tx.EffectAdd([]store.EffectRow{{Effect: domain.Effect{ID: "late", Customer: 1, Kind: domain.EffectReply, Destination: "n", NotBefore: now}, CreatedAt: now, UpdatedAt: now}})
			close(entered)
			<-leave
			return err
		})
	}()
	<-entered
	now = now.Add(time.Minute)
	claim()
	floor(now)
	let()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	claim("late")
}

// TestLateFromAnotherNode: what comes below the floors from a node whose clock
// is behind leaves as soon as everything has been looked at, all of it.
func TestLateFromAnotherNode(t *testing.T) {
	t.Parallel()
	url, now := pgtest.URL(t), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, other := pgtest.OpenURL(t, url, postgres.Options{}), pgtest.OpenURL(t, url, postgres.Options{})
	postgres.Remember(s, true)
	add := func(s store.Store, at time.Time, ids ...string) {
		t.Helper()
		put(t, s, func(tx store.Tx) error {
			var rows []store.EffectRow
			for i, id := range ids {
				rows = append(rows, store.EffectRow{Effect: domain.Effect{
					ID: id, Customer: 1, Kind: domain.EffectReply, Destination: "n", NotBefore: at.Add(time.Duration(i) * time.Second),
				}, CreatedAt: now, UpdatedAt: now})
			}
			return tx.EffectAdd(rows)
		})
	}
	claim := func(want ...string) {
		t.Helper()
		put(t, s, func(tx store.Tx) error {
			rows, err := tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Hour, MostOf: map[string]int{"n": 2}})
			var got []string
			for i := range rows {
				got = append(got, rows[i].ID)
			}
			if !slices.Equal(got, want) {
				return fmt.Errorf("claimed %q, want %q: %w", got, want, err)
			}
			return err
		})
	}
	put(t, s, func(tx store.Tx) error { return insert(tx, 1) })
	add(s, now, "first")
	claim("first")
	claim()
	claim()
	if at, _ := postgres.Floor(s, "n"); !at.Equal(now) {
		t.Fatalf("the floor is %v, want %v", at, now)
	}
	add(other, now.Add(-time.Minute), "a", "b", "c", "d", "e")
	claim() // so far nothing tells of them
	postgres.LookAtAll(s)
	claim("a", "b")
	claim("c", "d")
	claim("e")
}
