package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Driver is a store that Differential compares. Open makes an empty one; Close
// ends it and looks for damage.
type Driver struct {
	Name  string
	Open  func(TB) store.Store
	Close func(TB, store.Store)
}

// TB is as much of a test as a driver needs.
type TB interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Differential runs the same transactions on the first driver, the oracle, and
// on all others, and compares everything the calls return, and then everything
// that can be read.
//
// First rapid draws short runs, which it can make shorter still when one
// fails. Then longer ones are drawn from seeds, until every operation has
// succeeded at least once and at least runs of them were compared.
func Differential(t *testing.T, runs int, drivers ...Driver) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		d := &drawer{func(name string, most int) int { return rapid.IntRange(0, most).Draw(rt, name) }}
		compareRun(rt, d, 1+d.n("transactions", 11), 8, drivers)
	})
	succeeded := map[string]int{}
	for seed := uint64(1); ; seed++ {
		if t.Failed() {
			t.Fatalf("with seed %d", seed-1)
		}
		var lacks []string
		for _, op := range operations {
			if succeeded[op.name] == 0 {
				lacks = append(lacks, op.name)
			}
		}
		if seed > uint64(runs) && len(lacks) == 0 {
			return
		}
		if seed > uint64(runs)+100 {
			t.Fatalf("%v have never succeeded", lacks)
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		d := &drawer{func(_ string, most int) int { return rng.IntN(most + 1) }}
		for name, n := range compareRun(seeded{t, seed}, d, 20, 10, drivers) {
			succeeded[name] += n
		}
	}
}

// seeded says in each failure how to have it again.
type seeded struct {
	*testing.T
	seed uint64
}

func (s seeded) Fatalf(format string, args ...any) {
	s.T.Helper()
	s.T.Fatalf("with seed %d: "+format, append([]any{s.seed}, args...)...)
}

// compareRun opens the stores, carries transactions out on each and returns
// how often each operation succeeded.
func compareRun(t TB, d *drawer, transactions, steps int, drivers []Driver) map[string]int {
	succeeded := map[string]int{}
	sides := make([]*side, len(drivers))
	for i, driver := range drivers {
		sides[i] = &side{name: driver.Name, s: driver.Open(t)}
		if driver.Close != nil {
			defer driver.Close(t, sides[i].s)
		}
	}
	for range transactions {
		var list []step
		for range 1 + d.n("steps", steps-1) {
			list = append(list, d.step())
		}
		fails := d.n("fails", 5) == 0
		want := sides[0].play(list, fails)
		for name, n := range sides[0].done {
			succeeded[name] += n
		}
		read := sides[0].look()
		for _, other := range sides[1:] {
			compare(t, sides[0], other, want, other.play(list, fails))
			compare(t, sides[0], other, read, other.lookUntil(read))
		}
	}
	return succeeded
}

func compare(t TB, a, b *side, want, got []string) {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("line %d\n%s: %s\n%s: %s", i, a.name, want[i], b.name, append(got, "")[min(i, len(got))])
		}
	}
}

// side is one store in the comparison. Stores number events, inputs and audit rows as they
// like, so numbers are compared by their rank among those that were given out
// and stayed.
type side struct {
	name          string
	s             store.Store
	events, input []int64
	audit         []int64
	done          map[string]int // what succeeded in the last transaction
}

func rank(known []int64, n int64) int64 {
	i, found := slices.BinarySearch(known, n)
	if found {
		i++
	}
	return int64(i)
}

// raw is the number that stands at a rank; one after all others if there is
// none.
func raw(known []int64, rank int64) int64 {
	if rank >= 1 && rank <= int64(len(known)) {
		return known[rank-1]
	}
	if len(known) == 0 {
		return 1000
	}
	return known[len(known)-1] + 1000
}

func (s *side) ranked(list []domain.Event) []domain.Event {
	out := slices.Clone(list)
	for i := range out {
		if out[i].Seq != 0 {
			out[i].Seq = rank(s.events, out[i].Seq)
		}
	}
	return out
}

func (s *side) inputs(list []store.InboxRow) []store.InboxRow {
	out := slices.Clone(list)
	for i := range out {
		out[i].Seq = rank(s.input, out[i].Seq)
	}
	return out
}

func (s *side) subscriptions(list []store.SubscriptionRow) []store.SubscriptionRow {
	out := slices.Clone(list)
	for i := range out {
		out[i].After = rank(s.events, out[i].After)
	}
	return out
}

// step is one operation with what was drawn for it.
type step struct {
	name string
	run  func(*side, store.Tx) (any, error)
}

func (s *side) play(steps []step, fails bool) (out []string) {
	boom := errors.New("boom")
	events, input, audit := slices.Clone(s.events), slices.Clone(s.input), slices.Clone(s.audit)
	err := s.s.Update(context.Background(), func(tx store.Tx) error {
		out, s.done = nil, map[string]int{}
		s.events, s.input, s.audit = slices.Clone(events), slices.Clone(input), slices.Clone(audit)
		for _, st := range steps {
			v, err := st.run(s, tx)
			out = append(out, st.name+" "+said(v, err))
			if err == nil {
				s.done[st.name]++
			}
		}
		if fails {
			return boom
		}
		return nil
	})
	if err != nil {
		s.events, s.input, s.audit, s.done = events, input, audit, nil
	}
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

// lookUntil reads whatever there is until it is what is wanted: a store whose
// transactions run beside each other may hold some of it back for a moment.
func (s *side) lookUntil(want []string) []string {
	deadline := time.Now().Add(3 * time.Second)
	for {
		got := s.look()
		if s.s.Serial() || slices.Equal(want, got) || time.Now().After(deadline) {
			return got
		}
	}
}

// look reads whatever there is, in a View.
func (s *side) look() (out []string) {
	add := func(v any, err error) { out = append(out, said(v, err)) }
	err := s.s.View(context.Background(), func(r store.Reader) error {
		events, err := r.EventTail(0, 0) // a View that begins with it sees most
		add(s.ranked(events), err)
		add(r.CatchUpList(0))
		all := []domain.CustomerID{1, 2, 3, 4, 5, 6}
		add(r.AdvocateGet(all))
		inputs, err := r.InboxRead(all)
		add(s.inputs(inputs), err)
		add(r.InboxNext())
		add(r.DueNext())
		add(r.RefFind([]string{"r1", "r2"}))
		add(r.OrderGet([]string{"A", "B", "C", "D"}))
		add(r.OrderFindTracking("T"))
		add(r.Counts())
		add(r.QueueStats(T0.Add(5 * time.Second)))
		add(r.EffectList(store.EffectListParams{}))
		add(wholeItems(r.WorkItemList(store.WorkItemListParams{})))
		add(wholeItems(r.WorkItemList(store.WorkItemListParams{State: domain.WorkPending, Queue: "q", Limit: 2})))
		fanouts, err := r.FanoutList(0)
		for i := range fanouts {
			fanouts[i].EventSeq = rank(s.events, fanouts[i].EventSeq)
		}
		add(fanouts, err)
		notices, err := r.NoticeFind([]domain.Anchor{{Attr: domain.AnchorOrder, Value: "A"}})
		add(s.ranked(notices), err)
		add(r.SwitchList())
		add(r.TokenList())
		add(r.PlaybookActive())
		add(r.PlaybookList(3))
		s.lookAtCustomers(r, all, add)
		s.lookUnderKeys(r, add)
		s.lookAtDesk(r, add)
		return nil
	})
	return append(out, fmt.Sprint(err))
}

func (s *side) lookAtCustomers(r store.Reader, all []domain.CustomerID, add func(any, error)) {
	for _, c := range all {
		first, err := r.JournalRead(store.JournalReadParams{Customer: c, Limit: 3})
		add(withoutSeq(first), err)
		if len(first) > 1 {
			rest, err := r.JournalRead(store.JournalReadParams{Customer: c, BeforeSeq: first[1].Seq})
			add(withoutSeq(rest), err)
		}
		older, err := r.JournalRead(store.JournalReadParams{Customer: c, Before: 2})
		add(withoutSeq(older), err)
		add(r.CaseList(c, 0))
		add(r.MergeList(c))
		add(r.EffectList(store.EffectListParams{Customer: c, State: domain.EffectPending}))
	}
}

func withoutSeq(rows []store.JournalRow) []store.JournalRow {
	out := slices.Clone(rows)
	for i := range out {
		out[i].Seq = 0
	}
	return out
}

func (s *side) lookUnderKeys(r store.Reader, add func(any, error)) {
	for i := range 5 {
		id := fmt.Sprint(i)
		add(r.PostFindID(id))
		add(r.IdentityFind([]domain.IdentityKey{{Network: "n", Author: id}}))
		add(r.AttemptCount("A", id, T0.Add(3*time.Second)))
		add(r.AttemptShown("A", T0.Add(time.Duration(i)*time.Second), 1+i))
	}
	for _, v := range []string{"A", "B", "C", "D"} {
		a := domain.Anchor{Attr: domain.AnchorOrder, Value: v}
		events, err := r.EventFind(store.EventFindParams{Anchor: a})
		add(s.ranked(events), err)
		events, err = r.EventFind(store.EventFindParams{Anchor: a, Upto: raw(s.events, 4), Limit: 2})
		add(s.ranked(events), err)
		found, err := r.SubscriptionFind(store.SubscriptionFindParams{Anchors: [][]domain.Anchor{{a, {Attr: domain.AnchorOrder, Value: "B"}}}, Limit: 2})
		for i := range found {
			found[i] = s.subscriptions(found[i])
		}
		add(found, err)
		rows, err := r.SubscriptionScan(store.SubscriptionScanParams{Anchor: a, After: 1, Before: raw(s.events, 5), Limit: 1})
		add(s.subscriptions(rows), err)
	}
	for _, ref := range []string{"r1", "r2"} {
		add(r.OrderList(ref, 0))
	}
	for _, q := range []string{"", "ann", "bob ann", "n", "nn"} {
		list, err := r.AdvocateList(store.AdvocateListParams{Query: q})
		add(list, err)
	}
}

// drawer draws operations; int draws a number from 0 to most.
type drawer struct {
	int func(name string, most int) int
}

func (d *drawer) n(name string, most int) int { return d.int(name, most) }

func (d *drawer) customer() domain.CustomerID { return domain.CustomerID(d.n("customer", 5)) }

func (d *drawer) time() time.Time { return T0.Add(time.Duration(d.n("time", 8)) * time.Second) }

func (d *drawer) id() string { return fmt.Sprint(d.n("id", 4)) }

func (d *drawer) pick(name string, from ...string) string {
	return from[d.n(name, len(from)-1)]
}

func (d *drawer) order() string { return d.pick("order", "", "A", "B", "C", "D") }

// effectID is an effect's key, whose customer's it is or somebody else's.
func (d *drawer) effectID(c domain.CustomerID) string {
	return domain.ObjectID(max(c, 1), domain.KindEffect, int64(1+d.n("number", 3)))
}

func (d *drawer) step() step {
	var weighted []int
	for i, op := range operations {
		for range max(1, op.weight) {
			weighted = append(weighted, i)
		}
	}
	op := operations[weighted[d.n("op", len(weighted)-1)]]
	return step{op.name, op.draw(d)}
}

// results joins what several calls of one operation say.
type results []string

func (r *results) add(v any, err error) { *r = append(*r, said(v, err)) }

func (r results) String() string { return strings.Join(r, " ") }
