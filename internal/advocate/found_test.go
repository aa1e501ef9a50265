package advocate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// What the simulator found, each in its smallest form.

func TestASecretInPublicStaysVoidBesideAPrivatePost(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	unclear := domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}
	shown := unclear
	shown.Entities = []domain.Entity{{Kind: domain.EntityEmail, Text: "maria@example.com", Value: "maria@example.com", End: 17}}
	k.decide(k.post("mallory", "it is 11111", domain.Private, unclear), k.post("mallory", "maria@example.com", domain.Public, shown))
	if k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
		t.Error("a public answer proved the order because a private post came with it")
	}
	if r := k.onlyReply(); strings.Contains(r.Text, "delayed") {
		t.Errorf("reply %q", r.Text)
	}
}

func TestAProlongedSubscriptionIsStoredAnew(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("ann", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	first := k.last.Subscribe
	k.now = k.now.Add(24 * time.Hour)
	k.decide(k.post("ann", "where is A-10234 now?", domain.Public, about("A-10234", domain.Neutral)))
	again := k.last.Subscribe
	if len(first) != 1 || len(again) != 1 || first[0].ID != again[0].ID || !again[0].Expires.After(first[0].Expires) {
		t.Errorf("first %s, then %s", mustJSON(t, first), mustJSON(t, again))
	}
}

func TestTheNumbersOfAMergedCustomerHaveTimersOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	other := domain.CustomerID(78)
	add := func(c domain.CustomerID, name string) {
		id, promise := domain.ObjectID(c, domain.KindCase, 1), domain.ObjectID(c, domain.KindPromise, 1)
		due := start.Add(time.Hour)
		k.snap.Cases = append(k.snap.Cases, domain.Case{
			ID: id, State: domain.CaseWaiting, Answered: true, Identity: k.snap.Customer.Identities[0].IdentityKey, OpenedAt: start,
			Promises: []domain.Promise{{ID: promise, What: "update", State: domain.PromiseOpen, Due: due, MadeAt: start}},
		})
		k.snap.Timers = append(k.snap.Timers, domain.Timer{Name: name, Kind: domain.TimerPromise, Due: due, Case: id, Ref: promise})
	}
	add(77, "promise:p1")
	add(other, "promise:"+domain.ObjectID(other, domain.KindPromise, 1))
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandClose, By: "ann", Case: domain.ObjectID(other, domain.KindCase, 1)}})
	if k.snap.Timer("promise:p1") == nil {
		t.Errorf("closing the other's case took the timer of our promise: %s", mustJSON(t, k.snap.Timers))
	}
	if n := len(k.snap.Timers); n != 1 {
		t.Errorf("%d timers are left: %s", n, mustJSON(t, k.snap.Timers))
	}
}

// A call, a promise or a question for a number that only a known order leads
// to tells a stranger that the order exists.
func TestAnOrderDrivesNothingUntilItIsProven(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	asked := k.onlyReply()
	k.decide(k.event("order.delayed", lateOrder()))
	if c := k.oneCase(); len(c.Promises) != 0 || len(c.WorkItems) != 0 || !c.NumberAsked.IsZero() || len(c.Fired) != 0 {
		t.Errorf("case %s", mustJSON(t, c))
	}
	k.noReply()

	unknown := newKit(t, book)
	unknown.decide(unknown.post("mallory", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	unknown.decide(unknown.answer(unknown.lookup()))
	if r := unknown.onlyReply(); r.Text != asked.Text {
		t.Errorf("an unknown order is asked about with %q, a known one with %q", r.Text, asked.Text)
	}

	k.decide(k.post("mallory", "90210", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
	c := k.oneCase()
	if len(c.Promises) != 1 || len(c.WorkItems) != 1 {
		t.Fatalf("once proven, the case is %s", mustJSON(t, c))
	}
	if w := k.snap.WorkItems[0]; w.PostText != "where is A-10234? awful" {
		t.Errorf("the agent is to call about %q", w.PostText)
	}
	k.contains(k.onlyReply().Text, "delayed")
}

func TestAListOfGuessesIsNoProof(t *testing.T) {
	t.Parallel()
	for guess, proves := range map[string]bool{
		"90210": true, "90 210": true, "A-10234, it is 90210": true,
		"10001 10002 90210 10004 10005 10006": false, "90210 10001 10002 10003": false,
	} {
		k := newKit(t, book)
		k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
		k.decide(k.answer(k.lookup(), lateOrder()))
		k.decide(k.post("mallory", guess, domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
		if got := k.snap.Customer.Identities[0].KnowsSecretOf("A-10234"); got != proves {
			t.Errorf("%q proves the order: %v, want %v", guess, got, proves)
		}
	}
}
