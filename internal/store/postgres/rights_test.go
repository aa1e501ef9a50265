//go:build unix

package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestOrdinaryUser: a node's user who is no superuser works with the rights
// that the documentation names, and is told which it lacks.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := pgtest.URL(t)
	owner := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 2}) // its sessions are somebody else's
	user, as, run := pgtest.Ordinary(t, url)
	run(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ` + user)
	s := pgtest.OpenURL(t, as, postgres.Options{Schema: postgres.SchemaKeep, MaxConns: 2})
	event := func() error {
		return s.Update(ctx, func(tx store.Tx) error {
			return tx.EventAppend([]domain.Event{{ID: "1", Source: "shop", Type: "order.shipped"}})
		})
	}
	examine := func() postgres.Condition {
		t.Helper()
		c, err := s.Examine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}

	all := one(t, owner, `SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'advocate_schema%'`)
	if c := examine(); len(c.Refused) != int(all) {
		t.Errorf("of %d tables and sequences it may not use %v", all, c.Refused)
	}
	run(`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + user)
	sequences := []string{"audit_seq", "catch_up_seq", "event_seq", "inbox_seq", "journal_seq"}
	if c := examine(); !slices.Equal(c.Refused, sequences) {
		t.Errorf("without sequences it may not use %v", c.Refused)
	}
	if err := event(); !errors.Is(err, store.ErrDenied) {
		t.Errorf("an event without sequences: %v", err)
	}
	// Counting with one is not all: where subscriptions begin is read from it.
	run(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ` + user)
	if c := examine(); !slices.Equal(c.Refused, sequences) {
		t.Errorf("with USAGE alone it may not use %v", c.Refused)
	}
	if err := s.Granted(ctx); !errors.Is(err, store.ErrDenied) || !strings.Contains(err.Error(), "event_seq, inbox_seq") {
		t.Errorf("with USAGE alone: %v", err)
	}
	run(`GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ` + user)
	if err := errors.Join(event(), s.Granted(ctx)); err != nil {
		t.Errorf("with the rights that the documentation names: %v", err)
	}

	c := examine()
	if len(c.Refused) > 0 || c.MayCreate || !c.Hidden {
		t.Errorf("may not use %v, may create %v, hidden %v", c.Refused, c.MayCreate, c.Hidden)
	}
	// The owner's connections are among those to the server.
	if c.Ours < 2 || c.Sessions < c.Ours {
		t.Errorf("of %d connections to the server %d are to this database", c.Sessions, c.Ours)
	}
	run(`GRANT pg_monitor TO ` + user)
	if c := examine(); c.Hidden {
		t.Error("pg_monitor is not enough to see others' sessions")
	}
	run(`REVOKE INSERT ON post, identity FROM `+user, `REVOKE ALL ON catch_up FROM `+user)
	if c := examine(); !slices.Equal(c.Refused, []string{"catch_up", "identity", "post"}) {
		t.Errorf("it may not use %v", c.Refused)
	}
}
