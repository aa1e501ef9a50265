package advocate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// agreed completes a call about the customer's own late order with a promise.
func agreed(t *testing.T, what string, in time.Duration) *kit {
	t.Helper()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "Where is A-10234?!", domain.Private, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	w := k.accepted("ann")
	k.command(domain.Command{
		Kind: domain.CommandComplete, By: "ann", WorkItem: w.ID, Disposition: domain.DispositionResolved, Promise: &domain.Undertake{What: what, By: k.now.Add(in)},
	})
	return k
}

func (k *kit) stateOf(what string) domain.PromiseState {
	k.t.Helper()
	for _, p := range k.oneCase().Promises {
		if p.What == what {
			return p.State
		}
	}
	k.t.Fatalf("no promise %s in %s", what, mustJSON(k.t, k.oneCase()))
	return ""
}

func happened(status domain.OrderStatus, at time.Time) domain.Order {
	o := lateOrder()
	o.Status, o.UpdatedAt = status, at
	return o
}

// TestAnEventKeepsWhatAnAgentPromised: the known words are kept by what
// happens to the case's order, and the case ends.
func TestAnEventKeepsWhatAnAgentPromised(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		what, event string
		status      domain.OrderStatus
		kept        bool
	}{
		{"refund", "order.refunded", domain.OrderRefunded, true},
		{"Refund", "order.refunded", domain.OrderRefunded, true},
		{"replacement", "order.shipped", domain.OrderShipped, true},
		{"shipment", "order.delivered", domain.OrderDelivered, true},
		{"delivery", "order.delivered", domain.OrderDelivered, true},
		{"cancellation", "order.canceled", domain.OrderCanceled, true},
		{"delivery", "order.shipped", domain.OrderShipped, false},
		{"flowers", "order.refunded", domain.OrderRefunded, false},
	} {
		k := agreed(t, x.what, 48*time.Hour)
		k.contains(k.onlyReply().Text, "As agreed")
		k.contains(k.onlyReply().Text, "on Wednesday")
		if k.onlyReply().Visibility != domain.Private {
			t.Errorf("%s: confirmed in public", x.what)
		}
		k.decide(k.sent())
		k.now = k.now.Add(time.Hour)
		k.decide(k.event(x.event, happened(x.status, k.now)))
		if got := k.stateOf(x.what) == domain.PromiseKept; got != x.kept {
			t.Errorf("%s by %s: kept is %v, want %v", x.what, x.event, got, x.kept)
			continue
		}
		if !x.kept {
			continue
		}
		k.told("advocate.promise.kept")
		if k.oneCase().IsOpen() || len(replies(k.last)) != 1 {
			t.Errorf("%s by %s: %d messages, %s", x.what, x.event, len(replies(k.last)), mustJSON(t, k.oneCase()))
		}
		k.pass(72 * time.Hour)
		for _, r := range replies(k.last) {
			if r.Template == "promise-broken" {
				t.Errorf("%s: told of a broken promise", x.what)
			}
		}
	}
}

// TestTheClosingTellsWhatWasDone: the message that ends the case says what
// became of the order.
func TestTheClosingTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	k := agreed(t, "refund", 48*time.Hour)
	k.now = k.now.Add(time.Minute)
	k.decide(k.event("order.refunded", happened(domain.OrderRefunded, k.now)))
	if r := k.onlyReply(); r.Template != "closing-order" || !strings.Contains(r.Text, "has been refunded") {
		t.Errorf("%s: %q", r.Template, r.Text)
	}
}

// TestAnotherOrderKeepsNothing: what happens to another order of the customer
// is not what was promised.
func TestAnotherOrderKeepsNothing(t *testing.T) {
	t.Parallel()
	k := agreed(t, "refund", 48*time.Hour)
	k.snap.Subscriptions = append(k.snap.Subscriptions, domain.Subscription{
		ID: "s9", Case: k.oneCase().ID, To: "order.*", Anchor: domain.Anchor{Attr: domain.AnchorOrder, Value: "B-2"}, Expires: k.now.Add(time.Hour),
	})
	o := happened(domain.OrderRefunded, k.now)
	o.ID = "B-2"
	k.decide(k.event("order.refunded", o))
	if s := k.stateOf("refund"); s != domain.PromiseOpen {
		t.Errorf("another order's refund made it %s", s)
	}
}

// TestAPromiseWaitsForItsEvents: an advocate that follows no order subscribes
// to what keeps the promise, as long as it is due.
func TestAPromiseWaitsForItsEvents(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.command(domain.Command{
		Kind: domain.CommandComplete, By: "ann", WorkItem: w.ID, Disposition: domain.DispositionReached, Promise: &domain.Undertake{What: "refund", By: k.now.Add(60 * 24 * time.Hour)},
	})
	if !slices.ContainsFunc(k.snap.Subscriptions, func(s domain.Subscription) bool {
		return s.To == "order.refunded" && s.Anchor == (domain.Anchor{Attr: domain.AnchorCustomer, Value: "C-1"}) && s.Expires.Equal(k.now.Add(61*24*time.Hour)) && s.Linked
	}) {
		t.Fatalf("nothing is awaited: %s", mustJSON(t, k.snap.Subscriptions))
	}
	k.now = k.now.Add(24 * time.Hour)
	o := happened(domain.OrderRefunded, k.now)
	e := k.event("order.refunded", o)
	e.Event.CustomerRef = "C-1"
	k.decide(e)
	if k.stateOf("refund") != domain.PromiseKept || k.oneCase().IsOpen() {
		t.Errorf("%s", mustJSON(t, k.oneCase()))
	}
}

// TestAPersonKeepsAPromise: what no event shows a person says, and the case
// ends with its closing message unless something else is open.
func TestAPersonKeepsAPromise(t *testing.T) {
	t.Parallel()
	k := agreed(t, "flowers", 48*time.Hour)
	k.contains(k.onlyReply().Text, "flowers, by")
	p := k.oneCase().Promises[len(k.oneCase().Promises)-1]
	k.command(domain.Command{Kind: domain.CommandKeep, By: "bob", Case: k.oneCase().ID, Kept: "another"})
	if k.stateOf("flowers") != domain.PromiseOpen {
		t.Fatal("another promise kept it")
	}
	k.command(domain.Command{Kind: domain.CommandKeep, By: "bob", Case: k.oneCase().ID, Kept: p.ID, Note: "sent by courier"})
	k.told("advocate.promise.kept")
	if r := k.onlyReply(); !strings.HasPrefix(r.Template, "closing") || k.oneCase().IsOpen() {
		t.Errorf("%s, %s", r.Template, k.oneCase().State)
	}
	if p := k.oneCase().Promises[len(k.oneCase().Promises)-1]; p.State != domain.PromiseKept || !strings.Contains(p.Evidence, "bob: sent by courier") {
		t.Errorf("%s", mustJSON(t, p))
	}
	k.command(domain.Command{Kind: domain.CommandKeep, By: "bob", Case: k.oneCase().ID, Kept: p.ID})
	if len(k.last.Emitted) != 0 {
		t.Errorf("kept twice: %s", mustJSON(t, k.last.Emitted))
	}

	k = agreed(t, "flowers", 48*time.Hour)
	k.command(domain.Command{Kind: domain.CommandTake, Case: k.oneCase().ID})
	k.command(domain.Command{Kind: domain.CommandKeep, By: "bob", Case: k.oneCase().ID, Kept: p.ID})
	k.noReply()
	if !k.oneCase().IsOpen() || k.stateOf("flowers") != domain.PromiseKept {
		t.Errorf("a case in somebody's hands: %s", mustJSON(t, k.oneCase()))
	}
}
