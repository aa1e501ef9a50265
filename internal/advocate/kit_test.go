package advocate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// book is a small playbook that uses most functions.
const book = `
playbook: test
rules:
  - name: person
    on: post
    when: post.wants_person
    do:
      - handover: {queue: care, why: asked for a person}
  - name: praise
    on: post
    when: post.intent == "praise"
    do:
      - resolve: {outcome: set_aside}
  - name: look-up
    on: post
    when: size(post.order_refs) > 0
    do:
      - subscribe: {to: "order.*", where: {orderid: "post.order_refs[0]"}, for: 30d}
      - lookup: {component: orders, id: "post.order_refs[0]"}
  - name: tell
    on: answer.orders
    do:
      - reply: {template: status}
  - name: call-when-late
    on: [answer.orders, order.delayed]
    when: order.late && case.sentiment == "negative"
    once: case
    do:
      - work_item: {kind: callback, queue: care, due: 2h, about: post}
      - promise: {what: callback, within: 2h}
      - reply: {template: will-call}
  - name: delayed
    on: order.delayed
    do:
      - reply: {template: delayed}
  - name: delivered
    on: order.delivered
    do:
      - reply: {template: delivered}
      - resolve: {outcome: delivered}
templates:
  status: {en: "Your order {order.id} is {order.status}."}
  delayed: {en: "Your order {order.id} is delayed: {order.reason}."}
  delivered: {en: "Your order {order.id} was delivered."}
  will-call: {en: "We will call you by {time(due)}."}
`

var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday

const network = "sandbox"

// kit is one advocate that a test talks to.
type kit struct {
	t    testing.TB
	pb   *playbook.Playbook
	snap domain.Snapshot
	now  time.Time
	last domain.Decision
	n    int
}

func newKit(t testing.TB, source string) *kit {
	t.Helper()
	policy := domain.DefaultPolicy()
	pb, err := playbook.Compile("test.yaml", []byte(source), policy)
	if err != nil {
		t.Fatalf("playbook: %v", err)
	}
	return &kit{t: t, pb: pb, now: start, snap: domain.Snapshot{Customer: domain.Customer{ID: 77}}}
}

// known makes the customer a known one with a proven identity "maria".
func (k *kit) known() *kit {
	k.snap.Customer.Profile = domain.Profile{Ref: "C-1", Name: "Maria Lopez", Phone: "+14155550100"}
	k.snap.Customer.Identities = []domain.Identity{{
		IdentityKey: domain.IdentityKey{Network: network, Author: "maria"},
		Evidence:    []domain.Evidence{{Kind: domain.EvidenceSystem, At: start, By: "import"}},
	}}
	return k
}

func (k *kit) decide(inputs ...domain.Input) domain.Decision {
	k.t.Helper()
	for i := range inputs {
		inputs[i].At = k.now
	}
	state, err := json.Marshal(k.snap)
	if err != nil {
		k.t.Fatal(err)
	}
	run := func() domain.Decision {
		var snap domain.Snapshot
		if err := json.Unmarshal(state, &snap); err != nil {
			k.t.Fatal(err)
		}
		raw, _ := json.Marshal(inputs)
		var own []domain.Input
		if err := json.Unmarshal(raw, &own); err != nil {
			k.t.Fatal(err)
		}
		return advocate.Decide(k.pb, snap, own, k.now)
	}
	d, again := run(), run()
	if a, b := mustJSON(k.t, d), mustJSON(k.t, again); a != b || string(d.State) != string(again.State) {
		k.t.Fatalf("two runs differ:\n%s\n%s", a, b)
	}
	k.last, k.snap = d, d.Next
	return d
}

func mustJSON(t testing.TB, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (k *kit) post(author, text string, vis domain.Visibility, m domain.Understanding) domain.Input {
	k.n++
	if m.Intent == "" {
		m.Intent, m.IntentConfidence, m.NeedsAgent = domain.IntentOrderStatus, 0.9, true
	}
	if m.Sentiment == "" {
		m.Sentiment = domain.Neutral
	}
	m.Lang, m.Urgency = "en", domain.UrgencyNormal
	return domain.Input{Kind: domain.InputPost, Understanding: &m, Post: &domain.Post{
		Network: network, ID: "p" + string(rune('0'+k.n/10)) + string(rune('0'+k.n%10)), Author: domain.Author{ID: author, Handle: author}, Text: text, At: k.now, Visibility: vis,
	}}
}

func about(order string, s domain.Sentiment) domain.Understanding {
	return domain.Understanding{
		Intent: domain.IntentOrderStatus, IntentConfidence: 0.9, NeedsAgent: true, Sentiment: s,
		Entities: []domain.Entity{{Kind: domain.EntityOrder, Text: order, Value: order, Confidence: 0.9}},
	}
}

// lookup returns the decision's only lookup.
func (k *kit) lookup() *domain.Lookup {
	k.t.Helper()
	for i := range k.last.Effects {
		if e := &k.last.Effects[i]; e.Kind == domain.EffectLookup {
			return e.Lookup
		}
	}
	k.t.Fatalf("no lookup in %s", mustJSON(k.t, k.last))
	return nil
}

func (k *kit) answer(l *domain.Lookup, orders ...domain.Order) domain.Input {
	return domain.Input{Kind: domain.InputAnswer, Answer: &domain.ComponentAnswer{Lookup: *l, Found: len(orders) > 0, Orders: orders}}
}

func lateOrder() domain.Order {
	return domain.Order{
		ID: "A-10234", CustomerRef: "C-1", Status: domain.OrderDelayed, Reason: "a storm at the depot", Email: "maria@example.com",
		Postcode: "90210", UpdatedAt: start, ETA: start.Add(48 * time.Hour),
	}
}

func (k *kit) event(kind string, o domain.Order) domain.Input {
	k.n++
	return domain.Input{Kind: domain.InputEvent, Order: &o, Event: &domain.Event{
		Seq: int64(k.n), Source: "shop", ID: kind, Type: kind, OrderID: o.ID, Time: k.now,
	}}
}

func replies(d domain.Decision) []domain.Reply {
	var out []domain.Reply
	for _, e := range d.Effects {
		if e.Kind == domain.EffectReply {
			out = append(out, *e.Reply)
		}
	}
	return out
}

// onlyReply returns the text of the decision's one reply.
func (k *kit) onlyReply() domain.Reply {
	k.t.Helper()
	rs := replies(k.last)
	if len(rs) != 1 {
		k.t.Fatalf("%d replies, want 1: %s", len(rs), mustJSON(k.t, k.last.Record))
	}
	return rs[0]
}

func (k *kit) noReply() {
	k.t.Helper()
	if rs := replies(k.last); len(rs) != 0 {
		k.t.Fatalf("replies %s, want none", mustJSON(k.t, rs))
	}
}

func (k *kit) sent() domain.Input {
	k.t.Helper()
	for i := range k.last.Effects {
		if e := &k.last.Effects[i]; e.Kind == domain.EffectReply {
			k.n++
			return domain.Input{Kind: domain.InputOutcome, Outcome: &domain.Outcome{Effect: e.ID, Kind: e.Kind, Case: e.Case, State: domain.OutcomeDone, PostID: "r" + e.ID}}
		}
	}
	k.t.Fatal("nothing was sent")
	return domain.Input{}
}

// pass lets time go by and wakes the advocate for everything that falls due.
func (k *kit) pass(d time.Duration) {
	k.t.Helper()
	end := k.now.Add(d)
	for range 200 {
		due := k.snap.NextDue()
		if due.IsZero() || due.After(end) {
			k.now = end
			return
		}
		if due.After(k.now) {
			k.now = due
		}
		k.decide(domain.Input{Kind: domain.InputTimer})
	}
	k.t.Fatal("timers do not end")
}

func (k *kit) oneCase() *domain.Case {
	k.t.Helper()
	if len(k.snap.Cases) != 1 {
		k.t.Fatalf("%d cases, want 1: %s", len(k.snap.Cases), mustJSON(k.t, k.snap.Cases))
	}
	return &k.snap.Cases[0]
}

func (k *kit) contains(text, part string) {
	k.t.Helper()
	if !strings.Contains(text, part) {
		k.t.Errorf("%q does not contain %q", text, part)
	}
}
