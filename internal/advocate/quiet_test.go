package advocate_test

import (
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
