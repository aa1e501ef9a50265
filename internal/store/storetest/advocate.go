package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func testTransaction(t *testing.T, open Factory) {
	ctx := context.Background()
	s := open(t)
	if s.Engine() == "" {
		t.Fatal("Engine is empty")
	}
	boom := errors.New("boom")
	var first int64
	fill := func(tx store.Tx) {
		ok(t, tx.AdvocateInsert([]store.Advocate{{ID: 1, Ref: "R", Search: "ann"}}))
		_, err := tx.SeenAdd([]store.SeenRow{{Key: domain.MakeKey("a"), At: T0}})
		ok(t, err)
		e := []domain.Event{{Source: "s", ID: "1", Type: "x", OrderID: "A", Time: T0}}
		ok(t, tx.EventAppend(e))
		first = e[0].Seq
		ok(t, tx.InboxAppend([]store.InboxRow{{Customer: 1, ReadyAt: T0}}))
		ok(t, tx.OrderPut([]domain.Order{{ID: "A"}}))
		ok(t, tx.SubscriptionAdd([]store.SubscriptionRow{sub(1, "s1", "A")}))
		ok(t, tx.EffectAdd([]store.EffectRow{effect("e1", 1, "", 0)}))
		ok(t, tx.PostPut([]store.PostRow{{Key: domain.PostKey{Network: "n", ID: "1"}, Customer: 1}}))
		ok(t, tx.SwitchPut(store.Switch{Scope: "all", Mode: "stopped", At: T0}))
	}
	empty := func(r store.Reader) {
		want(t, "counts", must[store.Counts](t)(r.Counts()), store.Counts{})
		want(t, "events", len(must[[]domain.Event](t)(r.EventFind(store.EventFindParams{Anchor: orderAnchor("A")}))), 0)
		want(t, "reference", must[[]domain.CustomerID](t)(r.RefFind([]string{"R"})), []domain.CustomerID{0})
		want(t, "found", len(must[[]store.Advocate](t)(r.AdvocateList(store.AdvocateListParams{Query: "ann"}))), 0)
		want(t, "switches", len(must[[]store.Switch](t)(r.SwitchList())), 0)
	}
	wantErr(t, s.Update(ctx, func(tx store.Tx) error { fill(tx); return boom }), boom)
	both(t, s, empty)
	func() { // a panic undoes too, and is passed on
		defer func() { want(t, "panic", recover(), "oh") }()
		s.Update(ctx, func(tx store.Tx) error { fill(tx); panic("oh") })
	}()
	both(t, s, empty)
	canceled, cancel := context.WithCancel(ctx)
	if err := s.Update(canceled, func(tx store.Tx) error { fill(tx); cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("a transaction whose context ended committed: %v", err)
	}
	both(t, s, empty)
	wantErr(t, s.View(canceled, func(store.Reader) error { return nil }), context.Canceled)
	wantErr(t, s.View(ctx, func(store.Reader) error { return boom }), boom)

	update(t, s, fill)
	both(t, s, func(r store.Reader) {
		want(t, "counts", must[store.Counts](t)(r.Counts()),
			store.Counts{Customers: 1, Posts: 1, Events: 1, Subscriptions: 1, Inbox: 1, Orders: 1, EffectsPending: 1})
	})
	update(t, s, func(tx store.Tx) { // numbers given out by what was undone do not matter; these ascend
		e := []domain.Event{{Source: "s", ID: "2", Type: "x", Time: T0}, {Source: "s", ID: "3", Type: "x", Time: T0}}
		ok(t, tx.EventAppend(e))
		if e[0].Seq <= first || e[1].Seq <= e[0].Seq {
			t.Fatalf("seqs are %d and %d after %d", e[0].Seq, e[1].Seq, first)
		}
	})
	update(t, s, func(tx store.Tx) { // a refused call leaves the transaction alive
		wantErr(t, tx.AdvocateInsert([]store.Advocate{{ID: 9}, {ID: 1}}), store.ErrConflict)
		ok(t, tx.SwitchPut(store.Switch{Scope: "after", Mode: "live", At: T0}))
	})
	both(t, s, func(r store.Reader) {
		want(t, "what followed the conflict", must[[]store.Switch](t)(r.SwitchList())[0].Scope, "after")
		want(t, "half an insert", must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{9}))[0].ID, domain.CustomerID(0))
	})
	ok(t, s.Close())
	ok(t, s.Close())
	if s.Update(ctx, func(store.Tx) error { return nil }) == nil || s.View(ctx, func(store.Reader) error { return nil }) == nil {
		t.Fatal("a closed store works")
	}
}

func testAdvocate(t *testing.T, open Factory) {
	s := open(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB
	update(t, s, func(tx store.Tx) {
		ok(t, tx.AdvocateInsert([]store.Advocate{
			{ID: 20, Version: 7, State: []byte{0, 1, 255}, NextDue: at(2), Ref: "R-20", Search: "ünïcode 人 ann@x.example", CreatedAt: T0.In(time.FixedZone("x", 3600))},
			{ID: 10, State: big, NextDue: at(time.Microsecond), Search: "ann smith"}, {ID: 30},
		}))
		if tx.AdvocateInsert([]store.Advocate{{ID: 0}}) == nil {
			t.Fatal("customer 0 was made")
		}
		wantErr(t, tx.AdvocateInsert([]store.Advocate{{ID: 40}, {ID: 40}}), store.ErrConflict)
		wantErr(t, tx.AdvocateInsert([]store.Advocate{{ID: 40, Ref: "R-20"}}), store.ErrConflict)
	})
	a20 := store.Advocate{ID: 20, State: []byte{0, 1, 255}, NextDue: T0, Ref: "R-20", Search: "ünïcode 人 ann@x.example", CreatedAt: T0}
	both(t, s, func(r store.Reader) {
		got := must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{20, 99, 10, 20, 0}))
		want(t, "20", got[0], a20)
		want(t, "missing", got[1], store.Advocate{})
		want(t, "again", got[3], a20)
		want(t, "zero", got[4], store.Advocate{})
		if !bytes.Equal(got[2].State, big) {
			t.Fatal("a large state changed")
		}
		want(t, "refs", must[[]domain.CustomerID](t)(r.RefFind([]string{"R-20", "", "r-20"})), []domain.CustomerID{20, 0, 0})
	})
	list := func(p store.AdvocateListParams) (out []domain.CustomerID) {
		both(t, s, func(r store.Reader) {
			out = nil
			for _, a := range must[[]store.Advocate](t)(r.AdvocateList(p)) {
				out = append(out, a.ID)
			}
		})
		return out
	}
	want(t, "all, sorted", list(store.AdvocateListParams{}), []domain.CustomerID{10, 20, 30})
	want(t, "page", list(store.AdvocateListParams{After: 10, Limit: 1}), []domain.CustomerID{20})
	want(t, "query", list(store.AdvocateListParams{Query: " ANN "}), []domain.CustomerID{10, 20})
	want(t, "query page", list(store.AdvocateListParams{Query: "ann", After: 10}), []domain.CustomerID{20})
	want(t, "words", list(store.AdvocateListParams{Query: "ann 人"}), []domain.CustomerID{20})
	want(t, "a percent sign is itself", list(store.AdvocateListParams{Query: "%"}), []domain.CustomerID(nil))

	update(t, s, func(tx store.Tx) {
		due := must[[]domain.CustomerID](t)(tx.DueClaim(T0, 0))
		want(t, "due", due, []domain.CustomerID{20})
		want(t, "next due", must[time.Time](t)(tx.DueNext()), T0)
		want(t, "due, earliest first", must[[]domain.CustomerID](t)(tx.DueClaim(at(time.Hour), 0)), []domain.CustomerID{20, 10})
		want(t, "due, limited", must[[]domain.CustomerID](t)(tx.DueClaim(at(time.Hour), 1)), []domain.CustomerID{20})
		ok(t, tx.InboxAppend([]store.InboxRow{{Customer: 10, ReadyAt: T0}}))
		locked := must[[]store.Advocate](t)(tx.AdvocateLock([]domain.CustomerID{10, 20, 5}))
		want(t, "pending", []bool{locked[0].Pending, locked[1].Pending, locked[2].Pending}, []bool{true, false, false})
		want(t, "unknown", locked[2], store.Advocate{})
		// One wrong version and nothing of the call is written.
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 10, Version: 1, Record: []byte("x")}, {ID: 20, Version: 2}}), store.ErrVersion)
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 99, Version: 1}}), store.ErrConflict)
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 10, Version: 1, Ref: "R-20"}}), store.ErrConflict)
		want(t, "untouched", must[[]store.Advocate](t)(tx.AdvocateGet([]domain.CustomerID{10}))[0].Version, int64(0))
		// A reference changes hands within one call, and rows may follow each other.
		ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{
			{ID: 20, Version: 1, State: []byte("s1"), Search: "bob"}, {ID: 10, Version: 1, Ref: "R-20", NextDue: at(time.Second), At: T0, Record: []byte("r1")},
			{ID: 10, Version: 2, Ref: "R-20", At: at(1), Record: []byte("r2")},
		}))
		wantErr(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 10, Version: 2}}), store.ErrVersion)
	})
	both(t, s, func(r store.Reader) {
		want(t, "reference moved", must[[]domain.CustomerID](t)(r.RefFind([]string{"R-20"})), []domain.CustomerID{10})
		got := must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{10, 20}))
		want(t, "10", got[0], store.Advocate{ID: 10, Version: 2, Ref: "R-20", CreatedAt: time.Time{}})
		want(t, "20", got[1], store.Advocate{ID: 20, Version: 1, State: []byte("s1"), Search: "bob", CreatedAt: T0})
	})
	want(t, "search follows", list(store.AdvocateListParams{Query: "bob"}), []domain.CustomerID{20})
	want(t, "old words are gone", list(store.AdvocateListParams{Query: "ann"}), []domain.CustomerID(nil))
	update(t, s, func(tx store.Tx) {
		want(t, "nothing is due", must[[]domain.CustomerID](t)(tx.DueClaim(at(time.Hour), 0)), []domain.CustomerID(nil))
		want(t, "never due", must[time.Time](t)(tx.DueNext()), time.Time{})
	})
}

// testDue moves times to and fro: later, earlier, away and back.
func testDue(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2, 3)
	version := map[domain.CustomerID]int64{}
	set := func(id domain.CustomerID, due time.Time) {
		t.Helper()
		version[id]++
		update(t, s, func(tx store.Tx) {
			ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: version[id], NextDue: due, At: T0}}))
		})
	}
	claim := func(now time.Time, limit int, expect ...domain.CustomerID) {
		t.Helper()
		update(t, s, func(tx store.Tx) {
			t.Helper()
			want(t, "due", must[[]domain.CustomerID](t)(tx.DueClaim(now, limit)), expect)
		})
	}
	next := func(expect time.Time) {
		t.Helper()
		both(t, s, func(r store.Reader) { want(t, "next", must[time.Time](t)(r.DueNext()), expect) })
	}
	next(time.Time{})
	set(1, at(time.Second))
	set(2, at(2*time.Second))
	set(3, at(3*time.Second))
	next(at(time.Second))
	claim(at(time.Minute), 0, 1, 2, 3)
	set(1, at(5*time.Second)) // later
	next(at(2 * time.Second))
	claim(at(time.Second), 0)
	claim(at(2*time.Second), 0, 2)
	claim(at(time.Minute), 0, 2, 3, 1)
	claim(at(time.Minute), 1, 2)
	set(2, time.Time{}) // away
	next(at(3 * time.Second))
	claim(at(time.Minute), 0, 3, 1)
	set(1, at(time.Second)) // earlier again
	claim(at(time.Minute), 0, 1, 3)
	set(2, at(time.Millisecond)) // and back
	next(at(time.Millisecond))
	claim(at(time.Minute), 2, 2, 1)
	for _, id := range []domain.CustomerID{1, 2, 3} {
		set(id, time.Time{})
	}
	next(time.Time{})
	claim(at(time.Hour), 0)
}

func testJournal(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2)
	update(t, s, func(tx store.Tx) {
		for v := int64(1); v <= 9; v++ {
			row := store.AdvocateWriteRow{ID: 1, Version: v, At: at(time.Duration(v) * time.Second), Record: []byte{byte(v)}}
			if v == 4 {
				row.Record = nil // state only
			}
			ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{row}))
			ok(t, tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 2, Version: v, At: row.At, Record: []byte("other")}}))
		}
	})
	read := func(p store.JournalReadParams) (out []store.JournalRow) {
		both(t, s, func(r store.Reader) { out = must[[]store.JournalRow](t)(r.JournalRead(p)) })
		return out
	}
	versions := func(rows []store.JournalRow) (out []int64) {
		for _, r := range rows {
			out = append(out, r.Version)
		}
		return out
	}
	want(t, "newest first", versions(read(store.JournalReadParams{Customer: 1})), []int64{9, 8, 7, 6, 5, 3, 2, 1})
	want(t, "before", versions(read(store.JournalReadParams{Customer: 1, Before: 6, Limit: 2})), []int64{5, 3})
	page := read(store.JournalReadParams{Customer: 1, Limit: 3})
	want(t, "row", page[2], store.JournalRow{Seq: page[2].Seq, Customer: 1, Version: 7, At: at(7 * time.Second), Record: []byte{7}})
	want(t, "next page", versions(read(store.JournalReadParams{Customer: 1, BeforeSeq: page[2].Seq, Limit: 3})), []int64{6, 5, 3})
	want(t, "nobody", read(store.JournalReadParams{Customer: 7}), []store.JournalRow(nil))
}

func testSeen(t *testing.T, open Factory) {
	s := open(t)
	row := func(n int, body uint64) store.SeenRow {
		return store.SeenRow{Key: domain.MakeKey(fmt.Sprint(n)), Body: body, At: T0}
	}
	add := func(rows ...store.SeenRow) (out []store.SeenResult) {
		update(t, s, func(tx store.Tx) { out = must[[]store.SeenResult](t)(tx.SeenAdd(rows)) })
		return out
	}
	want(t, "first", add(row(1, 1), row(2, 1<<63), row(1, 1), row(1, 2)),
		[]store.SeenResult{store.SeenNew, store.SeenNew, store.SeenSame, store.SeenConflict})
	want(t, "later", add(row(2, 1<<63), row(1, 3), row(3, 0)), []store.SeenResult{store.SeenSame, store.SeenConflict, store.SeenNew})
	want(t, "a conflict changes nothing", add(row(1, 1)), []store.SeenResult{store.SeenSame})
	for i := 0; i < 1000; i += 10 { // enough for whatever a driver does with many
		var rows []store.SeenRow
		for n := range 10 {
			rows = append(rows, row(1000+i+n, uint64(i+n)))
		}
		for _, r := range add(rows...) {
			want(t, "many", r, store.SeenNew)
		}
	}
	for n := range 1000 {
		want(t, "known", add(row(1000+n, uint64(n)), row(1000+n, 5000)), []store.SeenResult{store.SeenSame, store.SeenConflict})
	}
}

func testInbox(t *testing.T, open Factory) {
	s := open(t)
	people(t, s, 1, 2, 3)
	rows := []store.InboxRow{
		{Customer: 2, ReadyAt: at(time.Second), Kind: domain.InputPost, Body: []byte(`{"a":"人"}`)},
		{Customer: 1, ReadyAt: at(time.Minute), Kind: domain.InputEvent}, {Customer: 2, ReadyAt: at(time.Hour), Kind: domain.InputTimer},
		{Customer: 3, ReadyAt: at(time.Second)},
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.InboxAppend(rows))
		if tx.InboxAppend([]store.InboxRow{{}}) == nil {
			t.Fatal("an input for nobody was kept")
		}
	})
	for i := 1; i < len(rows); i++ {
		if rows[i].Seq <= rows[i-1].Seq {
			t.Fatalf("seqs do not ascend: %+v", rows)
		}
	}
	both(t, s, func(r store.Reader) {
		want(t, "read", must[[]store.InboxRow](t)(r.InboxRead([]domain.CustomerID{2, 1, 2, 9})), []store.InboxRow{rows[1], rows[0], rows[2]})
		want(t, "size", must[int](t)(r.InboxSize()), 4)
		want(t, "next", must[time.Time](t)(r.InboxNext()), rows[0].ReadyAt)
	})
	update(t, s, func(tx store.Tx) {
		claim := func(now time.Time, limit int) []domain.CustomerID {
			return must[[]domain.CustomerID](t)(tx.InboxClaim(now, limit))
		}
		want(t, "none is ready", claim(T0, 0), []domain.CustomerID(nil))
		want(t, "ready now, then by id", claim(at(time.Second), 0), []domain.CustomerID{2, 3})
		want(t, "longest first, each once", claim(at(2*time.Hour), 0), []domain.CustomerID{2, 3, 1})
		want(t, "limit", claim(at(2*time.Hour), 1), []domain.CustomerID{2})
		ok(t, tx.InboxDelete([]store.InboxKey{{Customer: 2, Seq: rows[0].Seq}, {Customer: 1, Seq: rows[0].Seq}, {Customer: 9, Seq: 99}, {Customer: 1, Seq: rows[2].Seq}}))
		want(t, "size", must[int](t)(tx.InboxSize()), 3)
		want(t, "claim after", claim(at(2*time.Hour), 0), []domain.CustomerID{3, 1, 2})
	})
}

func testConcurrency(t *testing.T, open Factory) {
	s := open(t)
	ctx := context.Background()
	people(t, s, 1)
	const workers, rounds = 8, 25
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for done := 0; done < rounds; {
				taken := false
				if err := s.Update(ctx, func(tx store.Tx) error {
					a, err := tx.AdvocateLock([]domain.CustomerID{1})
					if err != nil {
						return err
					}
					if taken = a[0].Taken; taken {
						return nil // another one's now
					}
					return tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: 1, Version: a[0].Version + 1, State: []byte(fmt.Sprint(a[0].Version + 1)), At: T0, Record: []byte{byte(w)}}})
				}); err != nil {
					t.Error(err)
				}
				if !taken {
					done++
				}
				if err := s.View(ctx, func(r store.Reader) error { // one consistent state
					a, err := r.AdvocateGet([]domain.CustomerID{1})
					if err != nil {
						return err
					}
					j, err := r.JournalRead(store.JournalReadParams{Customer: 1, Limit: 1})
					if err != nil {
						return err
					}
					if v := a[0].Version; v > 0 && (fmt.Sprint(v) != string(a[0].State) || j[0].Version != v) {
						t.Errorf("version %d, state %s, journal %d", v, a[0].State, j[0].Version)
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	both(t, s, func(r store.Reader) {
		want(t, "version", must[[]store.Advocate](t)(r.AdvocateGet([]domain.CustomerID{1}))[0].Version, int64(workers*rounds))
		want(t, "journal", len(must[[]store.JournalRow](t)(r.JournalRead(store.JournalReadParams{Customer: 1}))), workers*rounds)
	})
}
