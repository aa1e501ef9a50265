package engine_test

import (
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func (k *kit) workItem(id string) (w domain.WorkItem) {
	k.t.Helper()
	k.view(func(r store.Reader) (err error) {
		w, err = r.WorkItemGet(id)
		return err
	})
	return w
}

// moves are the commands that a work item's holder or a supervisor gives.
func moves(by, item string) []domain.Command {
	return []domain.Command{
		{Kind: domain.CommandTransfer, By: by, WorkItem: item, Note: "x"},
		{Kind: domain.CommandExpert, By: by, WorkItem: item, Note: "x"},
		{Kind: domain.CommandRaise, By: by, WorkItem: item, Priority: 90},
		{Kind: domain.CommandAssign, By: by, WorkItem: item},
		{Kind: domain.CommandComplete, By: by, WorkItem: item, Disposition: domain.DispositionResolved},
		{Kind: domain.CommandCancel, By: by, WorkItem: item, Note: "x"},
	}
}

// TestAnothersWorkStays: what somebody holds, is offered alone or is kept for
// is theirs and a supervisor's to move, whatever the author could see before.
func TestAnothersWorkStays(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: book})
		k.agent("ann", 5, domain.ActivityAvailable)
		items := k.works(4)
		do := func(c domain.Command) {
			t.Helper()
			wants(t, string(c.Kind), k.engine.Command(k.ctx, 0, c), "")
		}
		held, offered, kept, loose := items[0], items[1], items[2], items[3]
		do(domain.Command{Kind: domain.CommandAssign, By: "ann", WorkItem: held})
		wants(t, "offer", k.offer(offered, "ann", 1), "")
		do(domain.Command{Kind: domain.CommandTransfer, By: "sue", Over: true, WorkItem: kept, Agent: "ann"})
		if w := k.workItem(kept); w.For != "ann" || w.Holder() != "" {
			t.Fatalf("kept for %q, held by %q", w.For, w.Holder())
		}
		for what, id := range map[string]string{"held": held, "offered": offered, "kept": kept} {
			before := k.workItem(id)
			for _, c := range moves("bob", id) {
				wants(t, what+": bob's "+string(c.Kind), k.engine.Command(k.ctx, 0, c), domain.CodeConflict)
			}
			if w := k.workItem(id); w.Version != before.Version {
				t.Errorf("%s: it was changed: %+v", what, w)
			}
		}
		// What is nobody's is taken before it is passed on, and raised by a supervisor.
		for _, c := range moves("bob", loose)[:3] {
			wants(t, "loose: bob's "+string(c.Kind), k.engine.Command(k.ctx, 0, c), domain.CodeConflict)
		}
		// Whose it is may, and so may a supervisor, of the queue that it is in.
		do(domain.Command{Kind: domain.CommandAssign, By: "ann", WorkItem: kept})
		do(domain.Command{Kind: domain.CommandCancel, By: "ann", WorkItem: kept, Note: "x"})
		elsewhere := domain.Command{Kind: domain.CommandRaise, By: "sue", Over: true, Within: "another", WorkItem: held, Priority: 90}
		wants(t, "a right to another queue", k.engine.Command(k.ctx, 0, elsewhere), domain.CodeConflict)
		elsewhere.Within = k.workItem(held).Queue
		do(elsewhere)
		for _, id := range []string{held, offered} {
			do(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: id, Note: "x"})
		}
		do(domain.Command{Kind: domain.CommandCancel, By: "bob", WorkItem: loose, Note: "nobody's"})
	})
}

// TestTakenWorkIsNotMovedAway: of two who go for a work item at once one gets
// it; who only saw that it was nobody's does not end or take what the other has.
func TestTakenWorkIsNotMovedAway(t *testing.T) {
	const tries = 90
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: book})
		k.agent("ann", domain.MaxAgentCapacity, domain.ActivityAvailable)
		for i, item := range k.works(tries) {
			first := domain.Command{Kind: domain.CommandAssign, By: "ann", WorkItem: item}
			if i%3 == 2 { // the other way: an offer is accepted
				wants(t, "offer", k.offer(item, "ann", 1), "")
				first = domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: domain.ReservationID(item, 1)}
			}
			second := domain.Command{Kind: domain.CommandCancel, By: "bob", WorkItem: item, Note: "not needed"}
			if i%2 == 1 {
				second = domain.Command{Kind: domain.CommandAssign, By: "bob", WorkItem: item}
			}
			var wg sync.WaitGroup
			var a, b error
			wg.Go(func() { a = k.engine.Command(k.ctx, 0, first) })
			wg.Go(func() {
				// It comes a little later each time, so that both orders are met, and turns of their own.
				for until := time.Now().Add(time.Duration(i%10) * 50 * time.Microsecond); time.Now().Before(until); {
				}
				b = k.engine.Command(k.ctx, 0, second)
			})
			wg.Wait()
			if (a == nil) == (b == nil) {
				t.Fatalf("%d: ann's %s: %v; bob's %s: %v; want one of them", i, first.Kind, a, second.Kind, b)
			}
			if w := k.workItem(item); a == nil && w.Holder() != "ann" {
				t.Fatalf("%d: ann has it, and it is %s, %q's", i, w.State, w.Holder())
			}
			// Ended, so that ann has room again.
			if a == nil {
				wants(t, "done", k.engine.Command(k.ctx, 0, domain.Command{Kind: domain.CommandCancel, By: "ann", WorkItem: item, Note: "x"}), "")
			}
		}
	})
}
