//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

func put(t testing.TB, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func one(t testing.TB, s *postgres.Store, sql string) int64 {
	t.Helper()
	n, err := s.One(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(tx store.Tx, id domain.CustomerID) error {
	return tx.AdvocateInsert([]store.Advocate{{ID: id, State: []byte("new"), CreatedAt: storetest.T0}})
}

// TestEraseLeavesNothing looks at every value of every table.
func TestEraseLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := pgtest.Open(t, postgres.Options{})
	for c := domain.CustomerID(1); c <= 3; c++ {
		storetest.Fill(t, s, c)
	}
	before, err := s.Dump(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.ToLower(before), storetest.Secret); n < 30 {
		t.Fatalf("the dump shows %d of what is there", n)
	}
	put(t, s, func(tx store.Tx) error {
		return errors.Join(tx.CustomerMove(1, 2), tx.CustomerErase(2, storetest.T0), tx.CustomerErase(3, storetest.T0))
	})
	text, err := s.Dump(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if at := strings.Index(strings.ToLower(text), storetest.Secret); at >= 0 {
		t.Fatalf("left behind: %s", text[max(0, at-300):at+50])
	}
	if wrong, err := s.Check(ctx); err != nil || len(wrong) > 0 {
		t.Fatal(wrong, err)
	}
}

// TestCheck: what contradicts itself is found.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := pgtest.Open(t, postgres.Options{})
	storetest.Fill(t, s, 1)
	put(t, s, func(tx store.Tx) error {
		return tx.DocumentPut([]store.Document{{Kind: "user", ID: "ann", Keys: []string{"mail"}}})
	})
	for _, c := range [][2]string{
		{`UPDATE tally SET posts = posts + 1 WHERE shard = 3`, "the counted posts are 2; there are 1"},
		{`UPDATE reference SET customer = 7`, "customer 1 is not who has the reference of its row"},
		{`UPDATE advocate SET armed = NULL`, "customer 1 would not be woken in time"},
		{`DELETE FROM document_key`, "a key of the user ann finds another one, or none"},
		{`INSERT INTO document_key VALUES ('user', 'other', 'ann')`, "the user ann is found by a key that it does not have"},
		{`DELETE FROM search`, "customer 1 is not found by the words of its row"},
	} {
		one(t, s, `WITH x AS (`+c[0]+` RETURNING 1) SELECT count(*) FROM x`)
		wrong, err := s.Check(context.Background())
		if err != nil || !strings.Contains(strings.Join(wrong, "\n"), c[1]) {
			t.Errorf("after %s: %q, %v", c[0], wrong, err)
		}
	}
}

// TestHotUpdates: a decision rewrites its advocate's row and its order's
// without a word to any index.
func TestHotUpdates(t *testing.T) {
	t.Parallel()
	s := pgtest.Open(t, postgres.Options{})
	const n = 200
	put(t, s, func(tx store.Tx) error {
		for i := domain.CustomerID(1); i <= n; i++ {
			err := errors.Join(
				tx.AdvocateInsert([]store.Advocate{{ID: i, State: make([]byte, 1500), NextDue: storetest.T0, Ref: fmt.Sprint("R", i), Search: fmt.Sprint("name", i), CreatedAt: storetest.T0}}),
				tx.OrderPut([]domain.Order{{ID: fmt.Sprint("A-", i), CustomerRef: fmt.Sprint("R", i), Tracking: fmt.Sprint("T", i)}}))
			if err != nil {
				return err
			}
		}
		return nil
	})
	{
		// One update a page: it is hot where the page has room for it, as the
		// fill factor sees to, and no index has a column that changed. More
		// would depend on when the server prunes the page.
		v := int64(1)
		put(t, s, func(tx store.Tx) error {
			for i := domain.CustomerID(1); i <= n; i += 5 {
				a, err := tx.AdvocateLock([]domain.CustomerID{i})
				if err != nil {
					return err
				}
				orders, err := tx.OrderGet([]string{fmt.Sprint("A-", i)})
				if err != nil {
					return err
				}
				orders[0].Version = v
				err = errors.Join(tx.OrderPut(orders), tx.AdvocateWrite([]store.AdvocateWriteRow{{
					ID: i, Version: v, State: make([]byte, 1500), NextDue: storetest.T0.Add(time.Duration(v) * time.Hour), Ref: a[0].Ref, Search: a[0].Search, At: storetest.T0, Record: []byte("x"),
				}}))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, table := range []string{"advocate", "orders"} {
		// Statistics reach the others' view after a while.
		deadline := time.Now().Add(20 * time.Second)
		for {
			all := one(t, s, `SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = '`+table+`'`)
			hot := one(t, s, `SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = '`+table+`'`)
			if all == n/5 {
				if hot < all*9/10 {
					t.Errorf("%s: %d of %d updates were hot", table, hot, all)
				}
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d updates are counted", table, all)
			}
		}
	}
}

// TestPlans: every statement finds its rows by an index, also in a database
// that has no statistics yet. The exceptions are small or have nothing else to
// go by.
func TestPlans(t *testing.T) {
	t.Parallel()
	plans, err := pgtest.Open(t, postgres.Options{}).Plans(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) < 80 {
		t.Fatalf("only %d statements", len(plans))
	}
	small := []string{"event_seq", "inbox_seq", "journal_seq", "catch_up_seq", "audit_seq", "tally", "playbook", "switch", "token", "notice", "advocate_schema", "pg_"}
	for text, plan := range plans {
		if strings.Contains(text, "format('") || strings.Contains(text, "FROM pg_class") {
			continue // a check reads tables from end to end
		}
		for line := range strings.Lines(plan) {
			_, table, found := strings.Cut(line, "Seq Scan on public.")
			if found && !slices.ContainsFunc(small, func(s string) bool { return strings.HasPrefix(table, s) }) {
				t.Errorf("%s\n%s", text, plan)
			}
			// A hashed sub-plan reads all of its table before the first row.
			if strings.Contains(line, "Hash Join") || strings.Contains(line, "Merge Join") || strings.Contains(line, "hashed SubPlan") {
				t.Errorf("%s\n%s", text, plan)
			}
		}
	}
}

// TestOddTexts: what a text column cannot hold costs nobody else anything.
func TestOddTexts(t *testing.T) {
	t.Parallel()
	s := pgtest.Open(t, postgres.Options{})
	odd := "a\x00b\xff"
	put(t, s, func(tx store.Tx) error {
		return errors.Join(
			tx.AdvocateInsert([]store.Advocate{{ID: 1, Ref: odd, Search: odd, CreatedAt: storetest.T0}}),
			tx.OrderPut([]domain.Order{{ID: odd, CustomerRef: odd, Tracking: odd}}),
			tx.IdentitySet([]store.IdentityRow{{Key: domain.IdentityKey{Network: "n", Author: odd}, Customer: 1}}),
			tx.PostPut([]store.PostRow{{Key: domain.PostKey{Network: "n", ID: odd}, Customer: 1}}),
			tx.SwitchPut(store.Switch{Scope: odd, Mode: odd}))
	})
	put(t, s, func(tx store.Tx) error {
		orders, err := tx.OrderGet([]string{odd, odd})
		who, err2 := tx.IdentityFind([]domain.IdentityKey{{Network: "n", Author: odd}})
		refs, err3 := tx.RefFind([]string{odd})
		posts, err4 := tx.PostFind([]domain.PostKey{{Network: "n", ID: odd}})
		if err := errors.Join(err, err2, err3, err4); err != nil {
			return err
		}
		if orders[1].ID == "" || who[0] != 1 || refs[0] != 1 || posts[0].Customer != 1 {
			return fmt.Errorf("found %v, %v, %v, %v", orders[1].ID, who, refs, posts)
		}
		return tx.OrderPut(orders)
	})
}
