package desk_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// noted is an observer that writes down what it is told.
type noted struct {
	mu   sync.Mutex
	list []string
	more chan struct{} // closed when there is more
}

// moved is closed when the list is longer than now.
func (n *noted) moved() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.more == nil {
		n.more = make(chan struct{})
	}
	return n.more
}

var _ desk.Observer = (*noted)(nil)

func (n *noted) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, fmt.Sprintf(format, args...))
	if n.more != nil {
		close(n.more)
		n.more = nil
	}
}

func (n *noted) has(line string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.list, line)
}

func (n *noted) Matched(time.Duration)                           { n.note("matched") }
func (n *noted) OfferEnded(q string, to domain.ReservationState) { n.note("%s %s", q, to) }
func (n *noted) Taken(q string, inTarget bool)                   { n.note("%s taken %v", q, inTarget) }
func (n *noted) Overdue(q string)                                { n.note("%s overdue", q) }
func (n *noted) Stale()                                          { n.note("stale") }

// TestObserverHearsOfOffers: one that is turned down, one that is taken
// back with its agent, one that is taken up.
func TestObserverHearsOfOffers(t *testing.T) {
	t.Parallel()
	r, seen := openRoomSeen(t, time.Hour)
	r.agent("ann", 1)
	r.posts(1, 1)
	offered := func(agent string) (w domain.WorkItem) {
		r.until("an offer to "+agent, func() bool {
			for _, w = range r.items(store.WorkItemListParams{State: domain.WorkReserved}) {
				if w.Holder() == agent {
					return true
				}
			}
			return false
		})
		return w
	}
	command := func(w domain.WorkItem, kind domain.CommandKind, by, note string) {
		t.Helper()
		if err := r.engine.Command(t.Context(), w.Customer, domain.Command{Kind: kind, By: by, WorkItem: w.ID, Reservation: w.Reservation.ID, Note: note}); err != nil {
			t.Fatal(err)
		}
	}
	command(offered("ann"), domain.CommandReject, "ann", "busy with something")
	r.until("that it was turned down", func() bool { return seen.has("care rejected") })
	r.agent("ben", 1)
	offered("ben")
	r.activity("ben", domain.ActivityBreak)
	r.until("that it was taken back", func() bool { return seen.has("care rescinded") })
	r.agent("cid", 1)
	command(offered("cid"), domain.CommandAccept, "cid", "")
	r.until("that it was taken", func() bool { return seen.has("care accepted") && seen.has("care taken true") })
	if !seen.has("matched") {
		t.Error("how long matching takes is not told")
	}
	for _, none := range []string{"care timeout", "care canceled", "stale", "care overdue"} {
		if seen.has(none) {
			t.Errorf("%s: of %v", none, seen.list)
		}
	}
}
