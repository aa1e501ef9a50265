package advocate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// watchBook tells what happens to an order while its case is open.
const watchBook = `
playbook: watch
csat: {after: 24h}
rules:
  - name: look-up
    on: post
    when: size(post.order_refs) > 0
    do:
      - subscribe: {to: "order.*", where: {orderid: "post.order_refs[0]"}, for: 30d}
      - lookup: {component: orders, id: "post.order_refs[0]"}
  - name: outage
    on: post
    when: '"outage" in post.topics'
    do:
      - subscribe: {to: outage.ended, where: {area: leeds}, for: 14d}
      - reply: {text: {en: "I'll write to you when it is over."}}
  - name: watching
    on: answer.orders
    do:
      - reply: {text: {en: "I'm watching {order.id}."}}
  - name: delayed
    on: order.delayed
    when: case.state != "resolved"
    do:
      - work_item: {kind: callback, due: 4h}
      - promise: {what: callback, within: 4h}
      - reply: {text: {en: "{order.id} is delayed; we call you by {due}."}}
  - name: shipped
    on: order.shipped
    when: case.state != "resolved"
    do:
      - reply: {text: {en: "{order.id} is on its way."}}
  - name: delivered
    on: order.delivered
    when: case.state != "resolved"
    do:
      - reply: {text: {en: "{order.id} is there."}}
      - resolve: {outcome: delivered}
  - name: packed
    on: order.packed
    when: case.sentiment == "negative"
    do:
      - reply: {text: {en: "{order.id} is packed."}}
  - name: canceled
    on: order.canceled
    when: case.state == "waiting"
    do:
      - reply: {text: {en: "{order.id} is canceled."}}
  - name: follow-all
    on: post
    when: post.intent == "refund_return"
    do:
      - subscribe: {to: "order.*", where: {customerid: customer.ref}, for: 30d}
      - subscribe: {to: "outage.*", where: {area: bath}, for: 14d}
      - reply: {text: {en: "You may send it back."}}
  - name: disruption
    on: post
    when: post.intent == "technical" && !("outage" in post.topics)
    do:
      - subscribe: {to: "outage.*", where: {area: hull}, for: 14d}
      - reply: {text: {en: "There is a disruption; I'll write to you when it is over."}}
  - name: outage-near
    on: post
    do:
      - subscribe: {to: outage.started, where: {area: york}, for: 14d}
  - name: started
    on: outage.started
    when: case.state != "resolved"
    do:
      - reply: {text: {en: "There is a disruption."}}
  - name: over
    on: outage.ended
    when: case.state != "resolved"
    do:
      - reply: {text: {en: "It is over."}}
      - resolve: {outcome: outage_ended}
`

// watching has told a customer that an order is watched.
func watching(t testing.TB) *kit {
	k := newKit(t, watchBook).known()
	k.asks("where is A-10234?")
	return k
}

// asks has the customer ask after the order, and get an answer.
func (k *kit) asks(text string) {
	k.t.Helper()
	k.decide(k.post("maria", text, domain.Private, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.contains(k.onlyReply().Text, "watching A-10234")
	k.decide(k.sent())
}

// quiet lets a case end because nobody writes any more.
func (k *kit) quiet() {
	k.t.Helper()
	k.pass(80 * time.Hour)
	if !slices.Equal(k.last.Record.Due, []domain.TimerKind{domain.TimerClose}) {
		k.t.Errorf("what fell due is %v", k.last.Record.Due)
	}
	if c := &k.snap.Cases[len(k.snap.Cases)-1]; c.IsOpen() || c.Outcome != "answered" {
		k.t.Fatalf("it is not over: %s", mustJSON(k.t, c))
	}
}

func (k *kit) happens(status domain.OrderStatus) {
	k.t.Helper()
	o := lateOrder()
	o.Status, o.UpdatedAt = status, k.now
	k.decide(k.event("order."+string(status), o))
}

// TestWatchingOutlivesSilence: what was promised about an order is kept after
// the case has ended for want of words, and the case is what it would be without
// that silence.
func TestWatchingOutlivesSilence(t *testing.T) {
	t.Parallel()
	k := watching(t)
	k.quiet()
	k.happens(domain.OrderDelayed)
	k.contains(k.onlyReply().Text, "delayed; we call you by")
	if len(k.last.Record.Due) > 0 {
		t.Errorf("nothing fell due: %v", k.last.Record.Due)
	}
	c := k.oneCase()
	if !c.IsOpen() || c.Reopened != 1 || !c.HasOpenPromise("callback") || c.OpenWorkItem(domain.Callback) == nil {
		t.Fatalf("the case is %s", mustJSON(t, c))
	}
	if n := len(k.emitted("advocate.case.reopened")); n != 1 {
		t.Errorf("reopened %d times", n)
	}
	k.decide(k.sent())
	k.now = k.now.Add(time.Hour)
	k.happens(domain.OrderDelivered)
	k.contains(k.onlyReply().Text, "is there")
	if c := k.oneCase(); c.IsOpen() || c.Outcome != "delivered" || c.HasOpenPromise("") {
		t.Errorf("the case is %s", mustJSON(t, c))
	}

	k = watching(t)
	k.quiet()
	k.happens(domain.OrderShipped)
	k.contains(k.onlyReply().Text, "on its way")
	k.decide(k.sent())
	k.quiet() // and it ends again
	k.happens(domain.OrderDelivered)
	k.contains(k.onlyReply().Text, "is there")
}

// TestEventThatLeadsToNothing leaves a case that has ended as it is.
func TestEventThatLeadsToNothing(t *testing.T) {
	t.Parallel()
	k := watching(t)
	k.quiet()
	before := mustJSON(t, k.snap.Cases)
	k.decide(k.event("order.packed", lateOrder()))
	k.decide(k.event("order.canceled", lateOrder())) // its rule is for a case that goes on
	if after := mustJSON(t, k.snap.Cases); after != before || len(k.emitted("advocate.case.reopened")) > 0 {
		t.Errorf("it became %s", after)
	}
	k.snap.Orders[0].Status = domain.OrderDelivered // nothing is waited for
	k.decide(domain.Input{Kind: domain.InputEvent, Event: &domain.Event{Source: "shop", ID: "e", Type: "outage.started", Area: "york", Time: k.now}})
	if after := mustJSON(t, k.snap.Cases); after != before || len(k.emitted("advocate.case.reopened")) > 0 {
		t.Errorf("it became %s", after)
	}
}

// TestEndedStaysEnded: an event wakes no case that an agent or the customer
// ended, with the same word or another.
func TestEndedStaysEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(k *kit){
		"an agent": func(k *kit) {
			k.command(domain.Command{Kind: domain.CommandTake, By: "ann", Case: k.oneCase().ID})
			k.command(domain.Command{Kind: domain.CommandClose, By: "ann", Case: k.oneCase().ID, Disposition: domain.DispositionAnswered})
		},
		"the customer, before": func(k *kit) {
			k.decide(k.post("maria", "stop", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, Stop: true}))
		},
		"the customer, since": func(k *kit) {
			k.quiet()
			k.decide(k.post("maria", "stop", domain.Public, domain.Understanding{Intent: domain.IntentChatter, Stop: true}))
		},
		"who has deleted it since": func(k *kit) {
			k.quiet()
			k.deletes()
		},
		"who deleted it while an agent had it": func(k *kit) {
			k.command(domain.Command{Kind: domain.CommandTake, By: "ann", Case: k.oneCase().ID})
			k.deletes()
			k.command(domain.Command{Kind: domain.CommandHandBack, By: "ann", Case: k.oneCase().ID})
			k.quiet()
		},
		"who is ignored since": func(k *kit) {
			k.quiet()
			k.snap.Customer.Identities[0].Ignored = true
		},
	} {
		k := watching(t)
		end(k)
		k.now = k.now.Add(time.Minute)
		if i := slices.IndexFunc(k.snap.Cases, func(c domain.Case) bool { return c.IsOpen() }); i >= 0 {
			t.Fatalf("%s: %s is open", name, k.snap.Cases[i].ID)
		}
		k.happens(domain.OrderDelayed)
		if len(replies(k.last)) > 0 || len(k.last.WorkItems) > 0 || len(k.emitted("advocate.case.reopened")) > 0 {
			t.Errorf("%s ended it, and it goes on: %s", name, mustJSON(t, k.last.Record))
		}
	}
}

// deletes takes away the one post that the customer wrote.
func (k *kit) deletes() {
	k.t.Helper()
	k.decide(domain.Input{Kind: domain.InputPost, Post: &domain.Post{
		Network: network, ID: k.oneCase().Posts[0].ID, Author: domain.Author{ID: "maria"}, Visibility: domain.Private, Deleted: true,
	}})
}

// TestDeletedIsNotFollowed: who has deleted all that they wrote of a matter, open
// or quiet, hears no more of it, whatever the rules say of an ended case.
func TestDeletedIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, quiet := range []bool{false, true} {
		k := watching(t)
		if quiet {
			k.quiet()
		}
		k.deletes()
		if n := len(k.snap.Subscriptions); n > 0 || len(k.last.Unsubscribe) == 0 {
			t.Errorf("%d subscriptions are left, quiet %v", n, quiet)
		}
	}
}

// TestNewsOfSomethingElse wakes no case: another order of its customer, an
// outage near who asked about something else. The end of an outage that they
// did ask about is told, whatever the subscription.
func TestNewsOfSomethingElse(t *testing.T) {
	t.Parallel()
	asked := func(intent domain.Intent) *kit {
		k := newKit(t, watchBook).known()
		k.decide(k.post("maria", "hello", domain.Private, domain.Understanding{Intent: intent, IntentConfidence: 0.9, NeedsAgent: true}))
		k.onlyReply()
		k.decide(k.sent())
		k.quiet()
		return k
	}
	ended := func(k *kit, area string) {
		k.decide(domain.Input{Kind: domain.InputEvent, Event: &domain.Event{Source: "grid", ID: "e", Type: "outage.ended", Area: area, Time: k.now}})
	}
	k := asked(domain.IntentRefundReturn)
	other := k.event("order.shipped", domain.Order{ID: "B-1", CustomerRef: "C-1", Status: domain.OrderShipped, UpdatedAt: k.now})
	other.Event.CustomerRef = "C-1"
	k.decide(other)
	if len(k.last.Record.Rules) == 0 && len(k.last.Record.Skipped) == 0 {
		t.Fatal("the event has not reached the case")
	}
	k.noReply()
	ended(k, "bath")
	k.noReply()
	if k.oneCase().IsOpen() {
		t.Errorf("it goes on: %s", mustJSON(t, k.oneCase()))
	}

	k = asked(domain.IntentTechnical)
	ended(k, "hull")
	k.contains(k.onlyReply().Text, "over")
}

// TestAwaitedCaseIsKept while news of it may come, though its customer has as many
// newer ones as are kept.
func TestAwaitedCaseIsKept(t *testing.T) {
	t.Parallel()
	k := watching(t)
	k.quiet()
	for i := range domain.MaxKeptCases {
		k.snap.Cases = append(k.snap.Cases, domain.Case{
			ID: fmt.Sprint("other", i), Identity: k.snap.Cases[0].Identity, State: domain.CaseResolved, Outcome: "answered", OpenedAt: start, ResolvedAt: k.now.Add(time.Duration(i+1) * time.Second),
		})
	}
	k.decide(k.event("order.packed", lateOrder()))
	if len(k.snap.Cases) != domain.MaxKeptCases {
		t.Fatalf("%d cases", len(k.snap.Cases))
	}
	k.happens(domain.OrderDelayed)
	k.contains(k.onlyReply().Text, "delayed")
}

// TestTwoCasesOfAnOrder: who asked again after the first case was forgotten hears
// what happens once.
func TestTwoCasesOfAnOrder(t *testing.T) {
	t.Parallel()
	for _, over := range []bool{false, true} {
		k := watching(t)
		k.quiet()
		k.pass(10 * 24 * time.Hour)
		k.asks("and now?")
		if len(k.snap.Cases) != 2 {
			t.Fatalf("%d cases", len(k.snap.Cases))
		}
		if over {
			k.quiet()
		}
		k.happens(domain.OrderShipped)
		k.onlyReply()
		if k.snap.Cases[0].IsOpen() || !k.snap.Cases[1].IsOpen() {
			t.Errorf("the wrong one has it: %s", mustJSON(t, k.snap.Cases))
		}
	}
}

// TestToldInTheOtherCase: what ends the case that its customer has gone on with
// is no news to a newer one.
func TestToldInTheOtherCase(t *testing.T) {
	t.Parallel()
	k := watching(t)
	k.quiet()
	k.pass(10 * 24 * time.Hour)
	k.asks("and now?")
	k.quiet()
	more := k.post("maria", "and?", domain.Private, domain.Understanding{Intent: domain.IntentOrderStatus, IntentConfidence: 0.9, NeedsAgent: true})
	more.Post.InReplyTo = k.snap.Cases[0].Thread
	k.decide(more)
	if len(k.snap.Cases) != 2 || !k.snap.Cases[0].IsOpen() || k.snap.Cases[1].IsOpen() {
		t.Fatalf("the cases are %s", mustJSON(t, k.snap.Cases))
	}
	k.happens(domain.OrderDelivered)
	k.contains(k.onlyReply().Text, "is there")
	if n := len(k.emitted("advocate.case.reopened")); n != 0 {
		t.Errorf("reopened %d times", n)
	}
}

// TestNotRatedWhileWatched: nobody is asked how it went while the order is under
// way or the outage goes on.
func TestNotRatedWhileWatched(t *testing.T) {
	t.Parallel()
	asked := func(k *kit) bool {
		return slices.ContainsFunc(replies(k.last), func(r domain.Reply) bool { return r.Template == advocate.RatingTemplate })
	}
	k := watching(t)
	k.quiet()
	k.pass(5 * 24 * time.Hour)
	if k.oneCase().Rating != nil {
		t.Fatal("asked while the order is late")
	}
	k.happens(domain.OrderDelivered)
	k.decide(k.sent())
	k.pass(25 * time.Hour)
	if !asked(k) {
		t.Error("not asked after the delivery")
	}

	k = watching(t)
	o := lateOrder()
	o.Status = domain.OrderDelivered
	k.snap.Orders[0].Order = o // there, as the order system said to another question
	k.quiet()
	k.pass(25 * time.Hour)
	if !asked(k) {
		t.Error("not asked of an order that is there")
	}

	k = newKit(t, watchBook).known()
	down := domain.Understanding{Intent: domain.IntentTechnical, NeedsAgent: true, Topics: []domain.Topic{"outage"}}
	k.decide(k.post("maria", "your checkout is down", domain.Private, down))
	k.decide(k.sent())
	k.quiet()
	k.pass(5 * 24 * time.Hour)
	if k.oneCase().Rating != nil {
		t.Error("asked while the outage goes on")
	}
	k.decide(domain.Input{Kind: domain.InputEvent, Event: &domain.Event{Source: "shop", ID: "e", Type: "outage.ended", Area: "leeds", Time: k.now}})
	if r := k.onlyReply(); !strings.Contains(r.Text, "over") {
		t.Errorf("told %q", r.Text)
	}
	if c := k.oneCase(); c.Outcome != "outage_ended" {
		t.Errorf("the case is %s", mustJSON(t, c))
	}
}
