package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// agent writes an agent into the store.
func (k *kit) agent(id string, capacity int, a domain.Activity) {
	k.t.Helper()
	err := k.store.Update(k.ctx, func(tx store.Tx) error {
		had, err := tx.DocumentGet(store.AgentKind, []string{id})
		if err != nil {
			return err
		}
		d, err := store.AgentDocument(domain.Agent{ID: id, Capacity: capacity, Activity: a, Queues: []string{"care"}, Version: had[0].Version})
		if err != nil {
			return err
		}
		return tx.DocumentPut([]store.Document{d})
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// works makes n customers who each have one open work item, and returns these.
func (k *kit) works(n int) []string {
	k.t.Helper()
	var out []string
	for i := range n {
		id := k.take(k.post(fmt.Sprintf("asker%d", i), "I want to speak to a person please"))
		k.settle()
		snap := k.snapshot(id)
		if len(snap.WorkItems) != 1 {
			k.t.Fatalf("%d work items, want 1", len(snap.WorkItems))
		}
		out = append(out, snap.WorkItems[0].ID)
	}
	return out
}

func (k *kit) offer(item, agent string, n int) error {
	return k.engine.Command(k.ctx, 0, domain.Command{
		Kind: domain.CommandOffer, By: "desk", WorkItem: item, Agent: agent, Reservation: domain.ReservationID(item, n),
	})
}

func wants(t *testing.T, what string, err error, code domain.Code) {
	t.Helper()
	if got := domain.ErrorCode(err); err == nil && code != "" || err != nil && got != code {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

func TestDeskCommands(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: book})
		items := k.works(2)
		k.agent("ann", 1, domain.ActivityAvailable)
		k.agent("bob", 1, domain.ActivityBreak)
		wants(t, "to nobody we know", k.offer(items[0], "zoe", 1), domain.CodeNotFound)
		wants(t, "to one at a break", k.offer(items[0], "bob", 1), domain.CodeConflict)
		wants(t, "a number ahead", k.offer(items[0], "ann", 2), domain.CodeConflict)
		wants(t, "the first", k.offer(items[0], "ann", 1), "")
		wants(t, "without room", k.offer(items[1], "ann", 1), domain.CodeConflict)
		wants(t, "offered already", k.offer(items[0], "ann", 2), domain.CodeConflict)

		do := func(what string, code domain.Code, c domain.Command) {
			t.Helper()
			wants(t, what, k.engine.Command(k.ctx, 0, c), code)
		}
		r := domain.ReservationID(items[0], 1)
		do("somebody else's offer", domain.CodeForbidden, domain.Command{Kind: domain.CommandAccept, By: "bob", Reservation: r})
		do("an offer of long ago", domain.CodeConflict, domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: domain.ReservationID(items[0], 9)})
		do("no reservation", domain.CodeInvalid, domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: "x"})
		do("of another item", domain.CodeInvalid, domain.Command{Kind: domain.CommandAccept, By: "ann", WorkItem: items[1], Reservation: r})
		do("accept", "", domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: r})
		do("accept again", domain.CodeConflict, domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: r})
		do("wrap another's", domain.CodeConflict, domain.Command{Kind: domain.CommandWrap, By: "bob", WorkItem: items[0]})
		do("complete another's", domain.CodeConflict, domain.Command{Kind: domain.CommandComplete, By: "bob", WorkItem: items[0], Disposition: "resolved"})
		do("to no queue", domain.CodeInvalid, domain.Command{Kind: domain.CommandTransfer, By: "ann", WorkItem: items[0], Queue: "nowhere"})
		do("to nobody", domain.CodeInvalid, domain.Command{Kind: domain.CommandTransfer, By: "ann", WorkItem: items[0], Agent: "zoe"})
		do("until yesterday", domain.CodeInvalid, domain.Command{Kind: domain.CommandSnooze, By: "ann", WorkItem: items[0], Until: start.Add(-time.Hour)})
		do("nothing asked", domain.CodeInvalid, domain.Command{Kind: domain.CommandExpert, By: "ann", WorkItem: items[0]})
		do("nothing raised", domain.CodeInvalid, domain.Command{Kind: domain.CommandRaise, By: "sue", Over: true, WorkItem: items[0]})
		do("a supervisor takes it back", "", domain.Command{Kind: domain.CommandTransfer, By: "sue", Over: true, WorkItem: items[0], Note: "ann is ill"})
		wants(t, "there is room again", k.offer(items[1], "ann", 1), "")
		k.advance(31 * time.Second)
		k.settle()
		do("too late", domain.CodeConflict, domain.Command{Kind: domain.CommandAccept, By: "ann", Reservation: domain.ReservationID(items[1], 1)})
		wants(t, "offered again", k.offer(items[1], "ann", 2), "")
	})
}

// TestOffersRace: however many offers of different items reach one agent at
// once, no more are made than there is room for.
func TestOffersRace(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{playbook: book})
		items := k.works(6)
		k.agent("ann", 2, domain.ActivityAvailable)
		var wg sync.WaitGroup
		errs := make([]error, len(items))
		for i, item := range items {
			wg.Go(func() { errs[i] = k.offer(item, "ann", 1) })
		}
		wg.Wait()
		made := 0
		for i, err := range errs {
			switch {
			case err == nil:
				made++
			case domain.ErrorCode(err) != domain.CodeConflict:
				t.Errorf("offer %d: %v", i, err)
			}
		}
		var held []domain.WorkItem
		k.view(func(r store.Reader) (err error) {
			held, err = r.WorkItemList(store.WorkItemListParams{Holder: "ann"})
			return err
		})
		if made != 2 || len(held) != 2 {
			t.Errorf("%d offers were made and %d are held, want 2: %v", made, len(held), errs)
		}
	})
}
