//go:build unix

package postgres_test

import (
	"context"
	"regexp"
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

// TestPlansOfQueues: whatever the server has counted in the tables that are
// filled and emptied all the time, keys are looked for by the index of those
// keys and nothing is read from end to end.
func TestPlansOfQueues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := pgtest.Open(t, postgres.Options{})
	exempt := []string{ // they walk along a queue from its beginning, or are seldom
		"SELECT count(*) FROM ", "SELECT EXISTS (SELECT FROM ", "SELECT (SELECT count(*) FROM work_item", "SELECT format(", "WITH RECURSIVE place AS ",
		"SELECT customer, subscription, attr, value, type, since,", "WITH ripe AS ", "SELECT ready_at FROM inbox ORDER BY ready_at LIMIT 1",
		"UPDATE effect SET lease = clock_timestamp()", "DELETE FROM inbox WHERE customer = ANY", "UPDATE inbox SET customer = ",
		"SELECT event, anchor, after FROM fanout ORDER BY event", "DELETE FROM delivery WHERE id = ANY",
		"UPDATE delivery SET state = ", // the table also keeps what was delivered
	}
	for _, state := range []string{"nothing", "empty", "few", "emptied"} {
		switch state {
		case "few":
			for c := domain.CustomerID(1); c <= 3; c++ {
				storetest.Fill(t, s, c)
			}
		case "emptied":
			if err := s.Wipe(ctx); err != nil {
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
				table, _, _ := strings.Cut(m[1], "_")
				if !strings.Contains(" inbox effect catch fanout delivery ", " "+table+" ") {
					continue
				}
				seen++
				ok := regexp.MustCompile(`[(.]` + leading[m[1]] + `\b`).MatchString(m[2])
				for _, e := range exempt {
					ok = ok || strings.HasPrefix(text, e)
				}
				if !ok {
					t.Errorf("with %s in the tables, %s is entered by %q and filtered by %q:\n%s\n%s", state, m[1], m[2], m[3], text, plan)
				}
			}
		}
		if seen < 30 {
			t.Errorf("with %s in the tables only %d scans of an index were seen", state, seen)
		}
	}
}
