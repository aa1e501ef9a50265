//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestJustChanged: a row that another transaction changes between the look at
// it and the write is not taken for lost, and not for ours when it is not.
func TestJustChanged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.URL(t)
	s, now := pgtest.OpenURL(t, url, postgres.Options{}), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	other, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close(ctx) })

	// meanwhile runs fn while another transaction has changed a row, and lets
	// that one commit when fn waits for it.
	meanwhile := func(t *testing.T, change string, fn func(store.Tx) error) {
		t.Helper()
		held, err := other.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if tag, err := held.Exec(ctx, change); err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%s: %v, %v", change, tag, err)
		}
		done := make(chan error, 1)
		go func() { done <- s.Update(ctx, fn) }()
		for one(t, s, `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`) == 0 {
			select {
			case err := <-done:
				t.Fatalf("it waited for nothing: %v", err)
			default:
			}
		}
		if err := held.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}

	put(t, s, func(tx store.Tx) error { return insert(tx, 1) })
	for name, c := range map[string]struct {
		change string
		ours   bool
	}{
		"another version":      {`UPDATE effect SET updated = updated + '1 s' WHERE id = 'b'`, true},
		"another one's by now": {`UPDATE effect SET attempt = attempt + 1 WHERE id = 'b'`, false},
	} {
		t.Run("effect/"+name, func(t *testing.T) {
			var rows []store.EffectRow
			for _, id := range []string{"a", "b", "c"} {
				rows = append(rows, store.EffectRow{Effect: domain.Effect{ID: id, Customer: 1, Kind: domain.EffectReply, Destination: "n", NotBefore: now}, CreatedAt: now, UpdatedAt: now})
			}
			put(t, s, func(tx store.Tx) error { return tx.EffectAdd(rows) })
			put(t, s, func(tx store.Tx) (err error) {
				rows, err = tx.EffectClaim(store.EffectClaimParams{Now: now, Lease: time.Minute})
				return err
			})
			var ended []bool
			meanwhile(t, c.change, func(tx store.Tx) (err error) {
				ended, _, err = tx.(store.EffectEnder).EffectEnd(rows)
				return err
			})
			if want := []bool{true, c.ours, true}; !slices.Equal(ended, want) {
				t.Errorf("ended %v, want %v", ended, want)
			}
			if left := one(t, s, `SELECT count(*) FROM effect`); (left == 0) != c.ours {
				t.Errorf("%d effects are left", left)
			}
			if err := s.Exec(ctx, `DELETE FROM effect`); err != nil {
				t.Fatal(err)
			}
		})
	}
	for name, c := range map[string]struct {
		change string
		ours   bool
	}{
		"another version":      {`UPDATE delivery SET updated = updated + '1 s' WHERE id = 'd'`, true},
		"another one's by now": {`UPDATE delivery SET attempt = attempt + 1 WHERE id = 'd'`, false},
	} {
		t.Run("delivery/"+name, func(t *testing.T) {
			row := store.DeliveryRow{ID: "d", Endpoint: "e", EventSeq: 1, Type: "t", NotBefore: now, At: now, UpdatedAt: now}
			put(t, s, func(tx store.Tx) error { return tx.DeliveryAdd([]store.DeliveryRow{row}) })
			var rows []store.DeliveryRow
			put(t, s, func(tx store.Tx) (err error) {
				rows, err = tx.DeliveryClaim(store.DeliveryClaimParams{Now: now, Lease: time.Minute})
				return err
			})
			var refused error
			meanwhile(t, c.change, func(tx store.Tx) error {
				row := rows[0]
				row.State = store.DeliveryDone
				refused = tx.DeliveryPut(row)
				return nil
			})
			if (refused == nil) != c.ours || refused != nil && !errors.Is(refused, store.ErrConflict) {
				t.Errorf("it says %v", refused)
			}
			if done := one(t, s, `SELECT count(*) FROM delivery WHERE state = 'done'`); (done == 1) != c.ours {
				t.Errorf("%d are done", done)
			}
			if err := s.Exec(ctx, `DELETE FROM delivery`); err != nil {
				t.Fatal(err)
			}
		})
	}
}
