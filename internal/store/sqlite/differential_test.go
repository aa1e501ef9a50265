package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/store/storetest"
)

// TestDifferential draws transactions, runs each on both stores and compares
// everything the calls return, and then everything that can be read.
func TestDifferential(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		lite, err := Open(context.Background(), path, Options{Relaxed: true, sealAt: 5, placeOrder: func(id string) int64 { return hashOrder(id) % 3 }})
		if err != nil {
			rt.Fatal(err)
		}
		defer os.Remove(path)
		defer lite.Close()
		oracle := memory.New()
		d := &drawer{rt}
		for range rapid.IntRange(1, 12).Draw(rt, "transactions") {
			var steps []step
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				steps = append(steps, d.step())
			}
			fails := rapid.IntRange(0, 5).Draw(rt, "fails") == 0
			compare(rt, play(oracle, steps, fails), play(lite, steps, fails))
			compare(rt, look(oracle), look(lite))
		}
		if damage, err := lite.Check(context.Background()); err != nil || len(damage) > 0 {
			rt.Fatal(damage, err)
		}
	})
}

func compare(t *rapid.T, want, got []string) {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("line %d\nmemory %s\nsqlite %s", i, want[i], append(got, "")[min(i, len(got))])
		}
	}
}

type step func(store.Tx) string

func play(s store.Store, steps []step, fails bool) (out []string) {
	boom := errors.New("boom")
	err := s.Update(context.Background(), func(tx store.Tx) error {
		out = nil
		for _, st := range steps {
			out = append(out, st(tx))
		}
		if fails {
			return boom
		}
		return nil
	})
	return append(out, fmt.Sprint(err))
}

// said writes a result down; of an error, only what callers match.
func said(v any, err error) string {
	for _, known := range []error{store.ErrVersion, store.ErrConflict, store.ErrNotFound} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return "refused"
	}
	return fmt.Sprintf("%+v", v)
}

type drawer struct {
	*rapid.T
}

func (d *drawer) n(name string, most int) int { return rapid.IntRange(0, most).Draw(d.T, name) }

func (d *drawer) customer() domain.CustomerID { return domain.CustomerID(d.n("customer", 5)) }

func (d *drawer) time() time.Time {
	return storetest.T0.Add(time.Duration(d.n("time", 8)) * time.Second)
}

func (d *drawer) pick(name string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.T, name)
}

func (d *drawer) step() step {
	c, other, when := d.customer(), d.customer(), d.time()
	id, order := fmt.Sprint(d.n("id", 4)), d.pick("order", "", "A", "B", "C", "D")
	key := domain.ObjectID(max(c, 1), domain.KindEffect, int64(1+d.n("number", 3)))
	switch d.n("op", 21) {
	case 0, 1:
		row := store.Advocate{ID: c, Ref: d.pick("ref", "", "r1", "r2"), Search: d.pick("words", "", "ann", "bob ann"), NextDue: when, CreatedAt: when}
		return func(tx store.Tx) string { return said("", tx.AdvocateInsert([]store.Advocate{row})) }
	case 2, 3, 4:
		skip := int64(d.n("skip", 6) / 6)
		row := store.AdvocateWriteRow{ID: c, State: []byte(id), Ref: d.pick("ref", "", "r1", "r2"), Search: d.pick("words", "", "ann", "bob"), At: when}
		if d.n("due", 1) == 1 {
			row.NextDue = when
		}
		if d.n("record", 3) > 0 {
			row.Record = []byte(id)
		}
		return func(tx store.Tx) string {
			have, err := tx.AdvocateLock([]domain.CustomerID{c, other})
			if err != nil {
				return said(nil, err)
			}
			row.Version = have[0].Version + 1 + skip
			row.At = when.Add(time.Duration(row.Version) * 10 * time.Second) // it never goes back
			return said(have, tx.AdvocateWrite([]store.AdvocateWriteRow{row}))
		}
	case 5:
		rows := []store.SeenRow{{Key: domain.MakeKey(id), Body: uint64(d.n("body", 1)), At: when}, {Key: domain.MakeKey(order), At: when}}
		limit := d.n("limit", 2)
		return func(tx store.Tx) string { return said(tx.SeenAdd(rows)) + said(tx.DueClaim(when, limit)) }
	case 6:
		return func(tx store.Tx) string {
			rows := []store.InboxRow{{Customer: c, ReadyAt: when, Body: []byte(id)}, {Customer: other, ReadyAt: when}}
			return said("", tx.InboxAppend(rows)) + fmt.Sprint(rows)
		}
	case 7:
		return func(tx store.Tx) string {
			rows, err := tx.InboxRead([]domain.CustomerID{c})
			if len(rows) == 0 {
				return said(rows, err)
			}
			return said("", tx.InboxDelete([]store.InboxKey{{Customer: c, Seq: rows[0].Seq}}))
		}
	case 8, 9:
		o := domain.Order{ID: order, CustomerRef: d.pick("ref", "", "r1", "r2"), Tracking: d.pick("tracking", "", "T"), UpdatedAt: when}
		return func(tx store.Tx) string { return said("", tx.OrderPut([]domain.Order{o})) }
	case 10, 11:
		e := domain.Event{Source: "s", ID: id, Type: "x", OrderID: order, CustomerRef: d.pick("ref", "", "r1"), CaseID: domain.ObjectID(max(c, 1), domain.KindCase, 1), Time: storetest.T0}
		return func(tx store.Tx) string {
			rows := []domain.Event{e, e}
			return said("", tx.EventAppend(rows)) + fmt.Sprint(rows)
		}
	case 12:
		row := store.SubscriptionRow{Customer: c, Subscription: domain.Subscription{ID: id, Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: order}, Since: when}}
		return func(tx store.Tx) string {
			return said("", errors.Join(tx.SubscriptionAdd([]store.SubscriptionRow{row}), tx.CatchUpAdd([]store.CatchUpRow{{Customer: c, Subscription: id}})))
		}
	case 13:
		row := store.SubscriptionRow{Customer: c, Subscription: domain.Subscription{ID: id}}
		return func(tx store.Tx) string { return said("", tx.SubscriptionDelete([]store.SubscriptionRow{row})) }
	case 14, 15:
		e := store.EffectRow{Effect: domain.Effect{ID: key, Customer: c, Destination: d.pick("to", "a", "b"), Conversation: d.pick("conversation", "", "x", "y"), Ordinal: int64(d.n("ordinal", 2)), NotBefore: when}}
		if d.n("held", 4) == 0 {
			e.State = domain.EffectHeld
		}
		return func(tx store.Tx) string { return said("", tx.EffectAdd([]store.EffectRow{e})) }
	case 16:
		p := store.EffectClaimParams{Now: when, Lease: 2 * time.Second, Limit: d.n("limit", 3), Busy: []string{d.pick("busy", "", "a")}, Most: d.n("most", 2)}
		return func(tx store.Tx) string { return said(tx.EffectClaim(p)) }
	case 17:
		state := domain.EffectState(d.pick("state", "pending", "held", "dead", "done", "sending", "odd"))
		if d.n("operator", 1) == 0 {
			return func(tx store.Tx) string {
				return said(tx.EffectSet(key, []domain.EffectState{"pending", "dead"}, state, when)) + said(tx.EffectCancel([]string{id, key}))
			}
		}
		attempt := d.n("attempt", 2)
		return func(tx store.Tx) string {
			return said("", tx.EffectPut(store.EffectRow{Effect: domain.Effect{ID: key, NotBefore: when}, State: state, Attempt: attempt, Lease: when}))
		}
	case 18:
		w := domain.WorkItem{ID: id, Customer: c, State: domain.WorkItemState(d.pick("state", "pending", "assigned", "completed")), Queue: d.pick("queue", "", "q"), CreatedAt: storetest.T0, UpdatedAt: when}
		k := domain.Case{ID: id, UpdatedAt: when}
		return func(tx store.Tx) string {
			return said("", errors.Join(tx.WorkItemPut([]domain.WorkItem{w}), tx.CasePut(c, []domain.Case{k}), tx.AttemptAdd([]domain.Attempt{{Order: order, Network: id}}, when)))
		}
	case 19:
		post := store.PostRow{Key: domain.PostKey{Network: d.pick("network", "n", "m"), ID: id}, Customer: c, At: when}
		identity := store.IdentityRow{Key: domain.IdentityKey{Network: "n", Author: id}, Customer: c}
		return func(tx store.Tx) string {
			return said("", tx.PostPut([]store.PostRow{post})) + said("", tx.IdentitySet([]store.IdentityRow{identity}))
		}
	case 20:
		return func(tx store.Tx) string { return said("", tx.CustomerMove(c, other)) }
	}
	if d.n("undo", 2) > 0 {
		return func(tx store.Tx) string { return said("", tx.CustomerSplit(c)) }
	}
	return func(tx store.Tx) string { return said("", tx.CustomerErase(c, when)) }
}

// look reads whatever there is, in a View.
func look(s store.Store) (out []string) {
	add := func(v any, err error) { out = append(out, said(v, err)) }
	s.View(context.Background(), func(r store.Reader) error {
		all := []domain.CustomerID{1, 2, 3, 4, 5, 6}
		add(r.AdvocateGet(all))
		add(r.InboxRead(all))
		add(r.InboxNext())
		add(r.DueNext())
		add(r.RefFind([]string{"r1", "r2"}))
		add(r.OrderGet([]string{"A", "B", "C", "D"}))
		add(r.OrderFindTracking("T"))
		add(r.EventTail(0, 0))
		add(r.Counts())
		add(r.QueueStats(storetest.T0.Add(5 * time.Second)))
		add(r.EffectList(store.EffectListParams{}))
		add(r.WorkItemList(store.WorkItemListParams{}))
		add(r.CatchUpList(0))
		for _, c := range all {
			add(r.JournalRead(store.JournalReadParams{Customer: c}))
			add(r.CaseList(c, 0))
			add(r.EffectList(store.EffectListParams{Customer: c, State: domain.EffectPending}))
		}
		for i := range 5 {
			id := fmt.Sprint(i)
			add(r.PostFindID(id))
			add(r.IdentityFind([]domain.IdentityKey{{Network: "n", Author: id}}))
			add(r.AttemptCount("A", id, storetest.T0.Add(3*time.Second)))
		}
		for _, v := range []string{"A", "B", "C", "D"} {
			a := domain.Anchor{Attr: domain.AnchorOrder, Value: v}
			add(r.EventFind(store.EventFindParams{Anchor: a}))
			add(r.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{a, {Attr: domain.AnchorOrder, Value: "B"}}}, Limit: 2}))
			add(r.SubscriptionScan(store.SubscriptionScanParams{Anchor: a, After: 1, Before: 5, Limit: 1}))
		}
		for _, ref := range []string{"r1", "r2"} {
			add(r.OrderList(ref, 0))
		}
		for _, q := range []string{"", "ann", "bob ann"} {
			add(r.AdvocateList(store.AdvocateListParams{Query: q}))
		}
		return nil
	})
	return out
}
