package sim

import (
	"fmt"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// basePlaybook uses every function there is. @N@ is replaced by a variant's
// number, @HOURS@ by its promise and @CSAT@ by when it asks how it went, so that variants decide differently.
const basePlaybook = `playbook: simulated-@N@
csat: @CSAT@
rules:
  - name: look-up-order
    on: [post]
    when: size(post.order_refs) > 0
    do:
      - subscribe: {to: "order.*", where: {orderid: "post.order_refs[0]"}, for: 30d}
      - lookup: {component: orders, id: "post.order_refs[0]"}
  - name: look-up-mine
    on: [post]
    when: size(post.order_refs) == 0 && post.intent == "order_status" && customer.proven
    do:
      - lookup: {component: orders}
      - subscribe: {to: "order.*", where: {customerid: customer.ref}, for: 10d}
  - name: which-order
    on: [post]
    when: size(post.order_refs) == 0 && post.intent == "order_status" && !customer.proven && !case.verify_pending
    do:
      - reply: {template: which-order}
  - name: tell-state
    on: [answer.orders]
    when: case.intent == "order_status"
    do:
      - reply: {template: state}
  - name: call-when-upset
    on: [post, answer.orders, order.delayed]
    when: case.sentiment == "negative" && (order.late || post.urgency == "high")
    once: case
    do:
      - work_item: {kind: callback, queue: care, skills: [orders], due: 2h, about: post}
      - promise: {what: callback, within: @HOURS@h}
      - reply: {template: we-will-call}
  - name: delayed
    on: [order.delayed]
    when: order.late
    do:
      - update: {case: {urgency: high}}
      - reply: {template: delayed}
      - promise: {what: update, within: 8h, kept_by: "order.*"}
  - name: delivered
    on: [order.delivered]
    do:
      - reply: {template: delivered}
      - unsubscribe: {to: "order.*"}
  - name: watch-area
    on: [answer.orders]
    when: order.area != ""
    do:
      - subscribe: {to: "outage.*", where: {area: order.area}, for: 20d}
  - name: outage
    on: [outage.started]
    do:
      - reply: {template: outage, visibility: public}
      - remind: {in: 3h, name: outage-over}
  - name: outage-over
    on: [reminder.outage-over, outage.ended]
    do:
      - reply: {template: outage-over}
  - name: watch-recalls
    on: [post]
    when: post.intent == "legal_safety"
    do:
      - subscribe: {to: "recall.*", where: {sku: "'sku-1'"}, for: 30d}
      - handover: {queue: urgent, why: safety}
      - notify: {webhook: crm, text: "somebody is in danger"}
      - emit: {type: sim.safety, data: {kind: fire}}
  - name: recall
    on: [recall.issued]
    do:
      - reply: {template: recall, visibility: public}
      - work_item: {kind: review, queue: urgent, due: 1h}
  - name: person
    on: [post]
    when: post.wants_person
    do:
      - handover: {queue: care, why: the customer asked for a person}
      - notify: {role: supervisor, text: "a person is asked for"}
  - name: praise
    on: [post]
    when: post.intent == "praise"
    do:
      - reply: {template: thanks, visibility: public}
      - resolve: {outcome: thanked}
  - name: question
    on: [post]
    when: post.intent == "question"
    do:
      - lookup: {component: knowledge, query: post.text}
  - name: answer
    on: [answer.knowledge]
    do:
      - reply: {template: article}
  - name: refund
    on: [post]
    when: post.intent == "refund_return" && size(post.order_refs) > 0
    do:
      - verify: {order: "post.order_refs[0]"}
  - name: ask-by-phone
    on: [post]
    when: post.call_consent == "granted"
    do:
      - work_item: {kind: callback, queue: care, due: 3h, about: post, note: asked to be called}
      - promise: {what: callback, within: @HOURS@h}
      - reply: {template: we-will-call}
  - name: bad-marks
    on: [rated]
    when: case.rating <= 2
    do:
      - work_item: {kind: review, queue: care, due: 8h, note: bad marks}
  - name: called
    on: [workitem.completed]
    do:
      - emit: {type: sim.called, data: {n: 1}}
templates:
  which-order:
    en: Which order is it about? (@N@)
  state:
    en: Order {order.id} is {order.status} with {order.carrier}, expected {order.eta}. It holds {order.items}. {order.reason}
  we-will-call:
    en: A colleague will call you by {due}.
  delayed:
    en: Order {order.id} is late with {order.carrier}. {order.reason} We will keep you posted. (@N@)
  delivered:
    en: Order {order.id} was delivered by {order.carrier}.
  outage:
    en: There is an outage in your area. We are on it.
  outage-over:
    en: Is everything all right again?
  recall:
    en: One of our products is being recalled. Please stop using it.
  thanks:
    en: Thank you! (@N@)
  article:
    en: Here is what I found.
`

// variants is how many valid playbooks there are.
const variants = 4

// playbookSource writes a variant.
func playbookSource(n int) []byte {
	s := strings.ReplaceAll(basePlaybook, "@N@", fmt.Sprint(n))
	csat := fmt.Sprintf("{after: %dm, every: 7d}", 10+n)
	if n == variants-1 {
		csat = "off"
	}
	s = strings.ReplaceAll(s, "@CSAT@", csat)
	return []byte(strings.ReplaceAll(s, "@HOURS@", fmt.Sprint(1+n)))
}

// brokenSource writes a playbook that must be refused.
func brokenSource(n int) []byte {
	good := string(playbookSource(0))
	switch n % 4 {
	case 0:
		return []byte(strings.Replace(good, "order.late", "order.latte", 1))
	case 1:
		return []byte(strings.Replace(good, "template: state", "template: stat", 1))
	case 2: // order details in public
		return []byte(strings.Replace(good, "There is an outage in your area", "Your {order.carrier} parcel waits", 1))
	}
	return []byte(good[:len(good)/2] + "\n   - {")
}

// policy is what the simulated company sets. Everything has short times, so
// that much happens in few steps.
func policy() domain.Policy {
	p := domain.DefaultPolicy()
	p.Company = "Simulated"
	p.QuietClose = p.QuietClose / 3
	p.Queues = map[string]domain.Queue{
		"care": {Name: "care", TimeZone: "Europe/Berlin", Hours: []domain.Hours{
			{Weekday: 1, From: 480, To: 1200}, {Weekday: 2, From: 480, To: 1200}, {Weekday: 3, From: 480, To: 1200},
			{Weekday: 4, From: 480, To: 1200}, {Weekday: 5, From: 480, To: 1080},
		}},
		"urgent": {Name: "urgent"},
	}
	return p
}

// compileAll compiles every variant, by hash, for deciding records again.
func compileAll(p domain.Policy) (map[string]*playbook.Playbook, error) {
	out := map[string]*playbook.Playbook{}
	for i := range variants {
		pb, err := playbook.Compile("sim", playbookSource(i), p)
		if err != nil {
			return nil, fmt.Errorf("sim: playbook %d: %w", i, err)
		}
		out[pb.Hash()] = pb
	}
	return out, nil
}
