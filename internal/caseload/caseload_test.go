package caseload

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/wire"
)

var now = time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)

// desk is a store whose customers a test changes as an advocate would.
type desk struct {
	*testing.T
	st   store.Store
	seen map[domain.CustomerID]*domain.Snapshot
	n    int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	st := memory.New()
	t.Cleanup(func() { st.Close() })
	return &desk{T: t, st: st, seen: map[domain.CustomerID]*domain.Snapshot{}}
}

// put writes a customer's cases, and tells of one of them.
func (d *desk) put(id domain.CustomerID, kind string, cases ...domain.Case) {
	d.Helper()
	s := d.seen[id]
	err := d.st.Update(d.Context(), func(tx store.Tx) error {
		if s == nil {
			s = &domain.Snapshot{Customer: domain.Customer{ID: id}}
			if err := tx.AdvocateInsert([]store.Advocate{{ID: id, State: wire.Marshal(s), CreatedAt: now}}); err != nil {
				return err
			}
		}
		s.Version++
		s.Cases = cases
		if err := tx.AdvocateWrite([]store.AdvocateWriteRow{{ID: id, Version: s.Version, State: wire.Marshal(s), At: now}}); err != nil {
			return err
		}
		if kind == "" {
			return nil
		}
		d.n++
		return tx.EventAppend([]domain.Event{{Source: "advocate", ID: domain.ObjectID(id, domain.KindEmitted, d.n), Type: kind, Time: now, Accepted: now, CaseID: cases[0].ID}})
	})
	if err != nil {
		d.Fatal(err)
	}
	d.seen[id] = s
}

// watched tells of a post that is in no case.
func (d *desk) watched(data string) {
	d.Helper()
	d.told(domain.Event{Type: domain.PostWatched, Data: []byte(data)})
}

// told is an event of the first customer's advocate.
func (d *desk) told(e domain.Event) {
	d.Helper()
	d.n++
	e.Source, e.ID, e.Time, e.Accepted = "advocate", domain.ObjectID(1, domain.KindEmitted, d.n), now, now
	err := d.st.Update(d.Context(), func(tx store.Tx) error { return tx.EventAppend([]domain.Event{e}) })
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) catchUp() {
	d.Helper()
	if err := CatchUp(d.Context(), d.st, func() time.Time { return now }); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) list(state State) (out []string) {
	d.Helper()
	after := ""
	for {
		var page []Ref
		if err := d.st.View(d.Context(), func(r store.Reader) (err error) {
			page, err = Cases(r, state, after, 2)
			return err
		}); err != nil {
			d.Fatal(err)
		}
		for _, p := range page {
			if !ValidPlace(p.Place) {
				d.Errorf("the place %q is not one", p.Place)
			}
			out, after = append(out, p.ID), p.Place
		}
		if len(page) < 2 {
			return out
		}
	}
}

func (d *desk) promises() (out []string) {
	d.Helper()
	if err := d.st.View(d.Context(), func(r store.Reader) error {
		refs, err := Promises(r, "", 100)
		for _, p := range refs {
			out = append(out, p.ID)
		}
		return err
	}); err != nil {
		d.Fatal(err)
	}
	return out
}

func matter(id domain.CustomerID, n int64, age time.Duration, state domain.CaseState, promises ...domain.Promise) domain.Case {
	return domain.Case{ID: domain.ObjectID(id, domain.KindCase, n), State: state, UpdatedAt: now.Add(-age), Promises: promises}
}

func promise(id domain.CustomerID, n int64, in time.Duration, state domain.PromiseState) domain.Promise {
	return domain.Promise{ID: domain.ObjectID(id, domain.KindPromise, n), What: "callback", Due: now.Add(in), State: state}
}

func TestCasesAndPromisesOfAllCustomers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	// There before anything was listed, and told of by no event.
	d.put(1, "", matter(1, 1, 5*time.Hour, domain.CaseOpen, promise(1, 1, 3*time.Hour, domain.PromiseOpen)))
	d.catchUp()
	d.put(2, "advocate.case.opened", matter(2, 1, time.Hour, domain.CaseWaiting, promise(2, 1, time.Hour, domain.PromiseOpen), promise(2, 2, 0, domain.PromiseKept)))
	d.put(3, "advocate.case.resolved", matter(3, 1, 2*time.Hour, domain.CaseResolved, promise(3, 1, time.Hour, domain.PromiseOpen)), matter(3, 2, 3*time.Hour, domain.CaseOpen))
	d.catchUp()
	id := func(c domain.CustomerID, n int64) string { return domain.ObjectID(c, domain.KindCase, n) }
	for _, x := range []struct {
		state State
		want  []string
	}{
		{Any, []string{id(2, 1), id(3, 1), id(3, 2), id(1, 1)}}, {Open, []string{id(2, 1), id(3, 2), id(1, 1)}}, {Ended, []string{id(3, 1)}},
	} {
		if got := d.list(x.state); !slices.Equal(got, x.want) {
			t.Errorf("state %d: %v, want %v", x.state, got, x.want)
		}
	}
	if got, want := d.promises(), []string{domain.ObjectID(2, domain.KindPromise, 1), domain.ObjectID(1, domain.KindPromise, 1)}; !slices.Equal(got, want) {
		t.Errorf("promises %v, want %v", got, want)
	}
	// What changes moves, and what ends goes.
	d.put(1, "advocate.promise.kept", matter(1, 1, 0, domain.CaseResolved, promise(1, 1, 3*time.Hour, domain.PromiseKept)))
	d.catchUp()
	d.catchUp()
	if got, want := d.list(Any), []string{id(1, 1), id(2, 1), id(3, 1), id(3, 2)}; !slices.Equal(got, want) {
		t.Errorf("after a change: %v, want %v", got, want)
	}
	if got := d.promises(); len(got) != 1 {
		t.Errorf("a kept promise is still listed: %v", got)
	}
}

// TestEachPostCountsOnce though a node dies between reading and writing.
func TestEachPostCountsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	late := matter(1, 1, 0, domain.CaseOpen)
	late.Topics, late.Sentiment, late.Intent, late.Focus = []domain.Topic{domain.TopicLate}, domain.Negative, domain.IntentOrderStatus, "A-1"
	d.put(1, "", late)
	d.seen[1].Orders = []domain.KnownOrder{{Order: domain.Order{ID: "A-1", Area: "North", Items: []domain.OrderItem{{SKU: "Kettle"}}}, Open: true, Found: true}}
	d.catchUp()
	for range 3 {
		d.put(1, "advocate.post.received", late)
	}
	d.watched(`{"network":"sandbox","intent":"complaint","sentiment":"negative","topics":["late"]}`)
	d.watched(`nonsense`)
	// The same post as a mention, which a search had found before.
	d.told(domain.Event{Type: "advocate.post.received", CaseID: late.ID, Data: []byte(`{"network":"sandbox","visibility":"public","watched":true}`)})
	d.catchUp()
	d.catchUp()
	var hours []Hour
	if err := d.st.View(t.Context(), func(r store.Reader) (err error) {
		hours, err = Hours(r, now.Add(-time.Hour))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(hours) != 1 || !hours[0].At.Equal(now.Truncate(time.Hour)) {
		t.Fatalf("hours %+v", hours)
	}
	for name, want := range map[string]int64{
		"posts": 5, "topic/late": 4, "sentiment/negative": 4, "intent/order_status": 3, "intent/complaint": 1, "sku/kettle": 3, "area/north": 3,
	} {
		if hours[0].Counts[name] != want {
			t.Errorf("%s counts %d, want %d: %v", name, hours[0].Counts[name], want, hours[0].Counts)
		}
	}
}

func TestSpikes(t *testing.T) {
	t.Parallel()
	// Ten days of two posts an hour about late orders, more of them by day.
	var hours []Hour
	for at := now.Truncate(time.Hour).Add(-10 * 24 * time.Hour); !at.After(now); at = at.Add(time.Hour) {
		h := Hour{at, map[string]int64{"posts": 10, "topic/late": 2, "sentiment/negative": 5}}
		if at.Hour() >= 8 && at.Hour() < 20 {
			h.Counts["topic/refund"] = 12
		}
		hours = append(hours, h)
	}
	if got := Spikes(hours, now); len(got) != 0 {
		t.Errorf("the usual is called a spike: %+v", got)
	}
	last := hours[len(hours)-1].Counts
	last["topic/outage"], last["posts"], last["sku/kettle"], last["network/x"] = 40, 60, 4, 500
	got := Spikes(hours, now)
	if len(got) != 2 || got[0].Kind != Topic || got[0].Name != "outage" || got[0].Count != 40 || got[0].Usual != 0 || got[1].Kind != Posts {
		t.Errorf("spikes %+v", got)
	}
	if got := Spikes(hours[len(hours)-3:], now); got != nil {
		t.Errorf("with two hours of history: %+v", got)
	}
	if got := Spikes(nil, now); got != nil {
		t.Errorf("of nothing: %+v", got)
	}
}

// alone is a cluster of one node.
type alone struct{}

func (alone) Alone(ctx context.Context, _ string, work func(context.Context)) { work(ctx) }

// watched tells of every transaction that was written.
type watched struct {
	store.Store
	wrote chan struct{}
}

func (w watched) Update(ctx context.Context, fn func(store.Tx) error) error {
	err := w.Store.Update(ctx, fn)
	w.wrote <- struct{}{}
	return err
}

func TestItFollowsTheLog(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := feed.New(d.st, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { f.Run(ctx) })
	w := watched{d.st, make(chan struct{}, 100)}
	all.Go(func() {
		New(feed.Projection{Store: w, Engine: alone{}, Feed: f, Now: func() time.Time { return now }}).Run(ctx)
	})
	<-w.wrote // nobody is there yet, and that is written down
	d.put(7, "advocate.case.opened", matter(7, 1, 0, domain.CaseOpen))
	f.Changed()
	<-w.wrote
	if got := d.list(Open); len(got) != 1 {
		t.Errorf("listed: %v", got)
	}
	cancel()
	all.Wait()
}

// TestManyAtOnce: more customers than a transaction takes are listed all the
// same.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const many = seedBatch + batch + 50
	for i := range many {
		kind := "advocate.case.opened"
		if i < seedBatch+10 {
			kind = ""
		}
		d.put(domain.CustomerID(i+1), kind, matter(domain.CustomerID(i+1), 1, time.Duration(i)*time.Second, domain.CaseOpen))
		if i == seedBatch+9 {
			d.catchUp()
		}
	}
	d.catchUp()
	got := d.list(Open)
	if len(got) != many || got[0] != domain.ObjectID(1, domain.KindCase, 1) || got[many-1] != domain.ObjectID(many, domain.KindCase, 1) {
		t.Errorf("%d are listed, from %v to %v", len(got), got[:1], got[len(got)-1:])
	}
}

func FuzzPlace(f *testing.F) {
	f.Add("")
	f.Add(fmt.Sprintf("%016x/c1-k1", 77))
	f.Add("ffffffffffffffff/x")
	f.Fuzz(func(t *testing.T, s string) {
		if ref, ok := caseRef(s); ok && (ref.ID == "" || ref.Place != s) {
			t.Errorf("%q is read as %+v", s, ref)
		}
	})
}

// TestAMergedCustomerIsFollowed as far as merges may go in a row.
func TestAMergedCustomerIsFollowed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const last = domain.CustomerID(store.MaxMerges + 1)
	for id := domain.CustomerID(1); id <= last; id++ {
		d.put(id, "")
	}
	err := d.st.Update(t.Context(), func(tx store.Tx) error {
		for id := domain.CustomerID(1); id < last; id++ {
			if err := tx.CustomerMove(id, id+1); err != nil {
				return err
			}
		}
		found, err := states(tx, []domain.CustomerID{1})
		if err == nil && found[last] == nil {
			t.Errorf("after %d merges there is nobody: %v", store.MaxMerges, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
