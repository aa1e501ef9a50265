//go:build unix

package postgres_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// indexScan finds a scan of an index with what it is entered by and what is
// left out afterwards.
var indexScan = regexp.MustCompile(`(?m)^.*(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\S+).*\n(?:\s+Output:.*\n)?(?:\s+Index Cond: (.*)\n)?(?:\s+Filter: (.*)\n)?`)

// byKey is a condition on one key.
var byKey = regexp.MustCompile(`\b(id|customer) (=|>=) `)

// TestPlansOfQueues: whatever the server has counted in the tables that are
// filled and emptied all the time, keys are looked for by the index of those
// keys and nothing is read from end to end.
func TestPlansOfQueues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := pgtest.Open(t, postgres.Options{})
	inOrder := []string{"effect_ready", "inbox_ready", "delivery_live", "delivery_at", "delivery_endpoint", "catch_up_seq_key"} // and not by key
	walks := map[string]string{                                                                                                 // what begins so goes along an index, or all of it, and seldom
		"SELECT count(*) FROM ": "", "SELECT EXISTS (SELECT FROM ": "", "SELECT (SELECT count(*) FROM work_item": "", "SELECT format(": "",
		"WITH RECURSIVE place AS ": "_ready _live", "SELECT customer, subscription, attr, value, type, since,": "catch_up_seq_key", "WITH ripe AS ": "catch_up_seq_key",
		"SELECT ready_at FROM inbox ORDER BY ready_at LIMIT 1": "inbox_ready", "UPDATE effect SET lease = clock_timestamp()": "effect_ready",
		"DELETE FROM inbox WHERE customer = ANY": "inbox_ready", "UPDATE inbox SET customer = ": "inbox_ready", // an erasure, a merge
		"SELECT event, anchor, after FROM fanout ORDER BY event": "fanout_pkey", "DELETE FROM delivery WHERE id = ANY": "delivery_",
	}
	for _, state := range []string{"nothing", "empty tables", "few rows", "emptied tables", "history"} {
		switch state {
		case "few rows":
			for c := domain.CustomerID(1); c <= 3; c++ {
				storetest.Fill(t, s, c)
			}
		case "emptied tables":
			if err := s.Wipe(ctx); err != nil {
				t.Fatal(err)
			}
		case "history":
			if err := s.Exec(ctx, `INSERT INTO delivery (id, endpoint, event, type, customer, state, attempt, not_before, lease, status, error, at, updated, body)
				SELECT n, 'e' || n % 3, n, 't', n, 'done', 1, now(), now(), 200, '', now(), now(), '' FROM generate_series(1, 20000) n;
				INSERT INTO effect (customer, id, state, destination, conversation, ordinal, not_before, attempt, lease, last_error, created, updated, body)
				SELECT n, n, 'held', 'd', '', n, now(), 1, now(), '', now(), now(), '' FROM generate_series(1, 20000) n`); err != nil {
				t.Fatal(err)
			}
		}
		if state != "nothing" {
			if err := s.Exec(ctx, `VACUUM (ANALYZE)`); err != nil {
				t.Fatal(err)
			}
		}
		plans, err := s.Plans(ctx)
		if err != nil {
			t.Fatal(err)
		}
		leading, err := s.Leading(ctx)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for text, plan := range plans {
			for _, m := range indexScan.FindAllStringSubmatch(plan, -1) {
				index, cond, filter := m[1], m[2], m[3]
				table, _, _ := strings.Cut(index, "_")
				if !strings.Contains(" inbox effect catch fanout delivery ", " "+table+" ") {
					continue
				}
				seen++
				ok := regexp.MustCompile(`[(.]`+leading[index]+`\b`).MatchString(cond) && !(slices.Contains(inOrder, index) && byKey.MatchString(cond+filter))
				for begin, names := range walks {
					ok = ok || strings.HasPrefix(text, begin) && (names == "" || slices.ContainsFunc(strings.Fields(names), func(n string) bool { return strings.Contains(index, n) }))
				}
				if !ok {
					t.Errorf("with %s, %s is entered by %q and filtered by %q:\n%s\n%s", state, index, cond, filter, text, plan)
				}
			}
		}
		if seen < 30 {
			t.Errorf("with %s only %d scans of an index were seen", state, seen)
		}
	}
}
