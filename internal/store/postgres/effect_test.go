//go:build unix

package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestEffectEnd: of many effects those leave that are still who claimed them
// believes they are.
func TestEffectEnd(t *testing.T) {
	t.Parallel()
	s, now := pgtest.Open(t, postgres.Options{}), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	claim := func(at time.Time) (rows []store.EffectRow) {
		put(t, s, func(tx store.Tx) (err error) {
			rows, err = tx.EffectClaim(store.EffectClaimParams{Now: at, Lease: time.Minute})
			return err
		})
		return rows
	}
	put(t, s, func(tx store.Tx) error {
		if err := insert(tx, 1); err != nil {
			return err
		}
		var rows []store.EffectRow
		for _, id := range []string{"a", "b", "c"} {
			rows = append(rows, store.EffectRow{Effect: domain.Effect{ID: id, Customer: 1, Kind: domain.EffectReply, Destination: "n", NotBefore: now}, CreatedAt: now, UpdatedAt: now})
		}
		return tx.EffectAdd(rows)
	})
	rows := claim(now)
	if len(rows) != 3 {
		t.Fatalf("claimed %d of 3", len(rows))
	}
	put(t, s, func(tx store.Tx) error {
		b := rows[1]
		b.State = domain.EffectPending
		return tx.EffectPut(b)
	})
	if again := claim(now); len(again) != 1 || again[0].ID != "b" || again[0].Attempt != 2 {
		t.Fatalf("claimed again: %+v", again)
	}
	asked := []store.EffectRow{rows[2], rows[1], rows[0], rows[2], {Effect: domain.Effect{ID: "unknown"}, Attempt: 1}}
	for i := range asked {
		asked[i].State = domain.EffectDone
	}
	put(t, s, func(tx store.Tx) error {
		ended, next, err := tx.(store.EffectEnder).EffectEnd(asked)
		if want := []bool{true, false, true, false, false}; err == nil && !slices.Equal(ended, want) {
			t.Errorf("ended %v, want %v", ended, want)
		}
		if next {
			t.Error("something waits behind effects without a conversation")
		}
		return err
	})
	if n := one(t, s, `SELECT count(*) FROM effect WHERE id = 'b'`); n != 1 {
		t.Error("what somebody else has claimed is gone")
	}
	if n := one(t, s, `SELECT count(*) FROM effect`); n != 1 {
		t.Errorf("%d effects stand, want one", n)
	}
	put(t, s, func(tx store.Tx) error {
		line := func(id string, ordinal int64) store.EffectRow {
			return store.EffectRow{Effect: domain.Effect{ID: id, Customer: 1, Kind: domain.EffectReply, Destination: "n", Conversation: "x", Ordinal: ordinal, NotBefore: now}}
		}
		return tx.EffectAdd([]store.EffectRow{line("x1", 1), line("x2", 2)})
	})
	for i, id := range []string{"x1", "x2"} {
		put(t, s, func(tx store.Tx) error {
			_, next, err := tx.(store.EffectEnder).EffectEnd([]store.EffectRow{{Effect: domain.Effect{ID: id}}})
			if next != (i == 0) {
				t.Errorf("after %s something waits: %v", id, next)
			}
			return err
		})
	}
}
