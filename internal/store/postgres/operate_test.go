//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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
	for _, c := range [][2]string{
		{`UPDATE tally SET posts = posts + 1 WHERE shard = 3`, "the counted posts are 2; there are 1"},
		{`UPDATE reference SET customer = 7`, "customer 1 is not who has the reference of its row"},
		{`UPDATE advocate SET armed = NULL`, "customer 1 would not be woken in time"},
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
	small := []string{"event_seq", "inbox_seq", "journal_seq", "catch_up_seq", "tally", "playbook", "switch", "token", "notice", "advocate_schema", "pg_"}
	for text, plan := range plans {
		if strings.Contains(text, "format('") || strings.Contains(text, "FROM pg_class") {
			continue // a check reads tables from end to end
		}
		for line := range strings.Lines(plan) {
			_, table, found := strings.Cut(line, "Seq Scan on ")
			if found && !slices.ContainsFunc(small, func(s string) bool { return strings.HasPrefix(table, s) }) {
				t.Errorf("%s\n%s", text, plan)
			}
			if strings.Contains(line, "Hash Join") || strings.Contains(line, "Merge Join") {
				t.Errorf("%s\n%s", text, plan)
			}
		}
	}
}

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
	held, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- holder.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.AdvocateLock([]domain.CustomerID{1})
			close(held)
			<-end
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
		{"statement", postgres.Options{StatementTimeout: 50 * time.Millisecond}},
	} {
		if err := pgtest.OpenURL(t, url, c.opts).Update(context.Background(), write); !errors.Is(err, store.ErrBusy) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	narrow := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 1, AcquireTimeout: 50 * time.Millisecond})
	if err := narrow.Update(context.Background(), func(store.Tx) error {
		return narrow.Update(context.Background(), func(store.Tx) error { return nil })
	}); !errors.Is(err, store.ErrBusy) || !strings.Contains(err.Error(), "all 1 connections") {
		t.Errorf("connections: %v", err)
	}
	if st := narrow.Stats(); st.Max != 1 || st.InUse != 0 {
		t.Errorf("the pool: %+v", st)
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	put(t, narrow, write)
}

// TestSchema: a database that is not this program's is refused in words.
func TestSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bare := pgtest.Bare(t)
	if v, err := postgres.SchemaOf(ctx, bare); v != 0 || err != nil {
		t.Errorf("an empty database is at schema %d, %v", v, err)
	}
	if _, err := postgres.Open(ctx, bare, postgres.Options{Schema: postgres.SchemaKeep}); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "migrate") {
		t.Errorf("too old: %v", err)
	}
	var wg sync.WaitGroup // nodes that start at once
	for range 4 {
		wg.Go(func() {
			s, err := postgres.Open(ctx, bare, postgres.Options{MaxConns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	if v, err := postgres.SchemaOf(ctx, bare); v != postgres.SchemaVersion || err != nil {
		t.Errorf("it is at schema %d, %v", v, err)
	}
	s := pgtest.OpenURL(t, bare, postgres.Options{Schema: postgres.SchemaKeep})
	one(t, s, `WITH x AS (INSERT INTO advocate_schema (version_id, is_applied) VALUES (999, true) RETURNING 1) SELECT count(*) FROM x`)
	_, err := postgres.Open(ctx, bare, postgres.Options{})
	if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "999") {
		t.Errorf("too new: %v", err)
	}
	put(t, s, func(tx store.Tx) error { return insert(tx, 1) }) // who serves goes on
}

// TestAddress: what cannot be an address is refused without showing a
// password.
func TestAddress(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, url := range []string{"postgres://u:geheim@:x/db", "postgres://u:geheim@127.0.0.1:1/db?connect_timeout=1", "geheim"} {
		_, err := postgres.Open(ctx, url, postgres.Options{})
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", url, err)
		}
	}
	cluster := pgtest.Shared(t)
	if cluster == nil {
		return
	}
	if _, err := postgres.Open(ctx, cluster.URL("nowhere"), postgres.Options{}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("no such database: %v", err)
	}
}

// TestClassify: each trouble has the sentinel that says what it is.
func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want error
	}{
		{&pgconn.PgError{Code: "53100"}, store.ErrFull},
		{&pgconn.PgError{Code: "53300"}, store.ErrBusy},
		{&pgconn.PgError{Code: "53200"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57P01"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57P03"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57014"}, store.ErrBusy},
		{&pgconn.PgError{Code: "25006"}, store.ErrBusy},
		{&pgconn.PgError{Code: "40P01"}, store.ErrBusy},
		{&pgconn.PgError{Code: "08006"}, store.ErrBusy},
		{&pgconn.PgError{Code: "58030"}, store.ErrIO},
		{&pgconn.PgError{Code: "XX001"}, store.ErrDamaged},
		{&pgconn.PgError{Code: "42P01"}, store.ErrSchema},
		{io.ErrUnexpectedEOF, store.ErrBusy},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, store.ErrBusy},
	} {
		got := postgres.Classify(fmt.Errorf("insert: %w", c.err))
		if !errors.Is(got, c.want) || !errors.Is(got, c.err) {
			t.Errorf("%v is %v, want %v", c.err, got, c.want)
		}
		if again := postgres.Classify(got); again.Error() != got.Error() {
			t.Errorf("classified twice: %v", again)
		}
	}
	if err := errors.New("other"); postgres.Classify(err) != err || postgres.Classify(nil) != nil {
		t.Error("what is none of these must stay as it is")
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
	if err := a.LeaseCheck(ctx, first); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the old holder's: %v", err)
	}
	for a.LeaseCheck(ctx, second) == nil { // until it ends
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
