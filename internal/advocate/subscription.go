package advocate

import (
	"slices"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// subscribe makes a rule's subscription, or prolongs the one that asks for the
// same.
func (t *deciding) subscribe(a playbook.Subscribe, c *domain.Case, rule string, v *playbook.View) string {
	if len(a.Where) == 0 || a.Where[0].Value == "" {
		return said.Held(said.StepSubscribe.Text(a.To), said.NothingToMatch)
	}
	s := domain.Subscription{
		Case: c.ID, To: a.To, Anchor: a.Where[0], Where: a.Where[1:], Rule: rule, Reason: said.ByRule.Text(rule),
		Since: a.Since, Expires: t.now.Add(a.For),
	}
	if a.For <= 0 {
		s.Expires = t.now.Add(30 * 24 * time.Hour)
	}
	if s.Since.IsZero() {
		s.Since = c.OpenedAt
	}
	t.ground(&s, a, c, v)
	for i := range t.snap.Subscriptions {
		if have := &t.snap.Subscriptions[i]; have.Same(&s) {
			have.Expires = s.Expires
			joinGrounds(have, &s)
			t.d.Subscribe = append(t.d.Subscribe, *have)
			t.timeSubscription(have)
			return said.Noted(said.StepSubscribeTo.Text(a.To, s.Anchor.String()), said.Prolonged.Text())
		}
	}
	if len(t.snap.Subscriptions) >= domain.MaxSubscriptions {
		return said.Held(said.StepSubscribe.Text(a.To), said.ManySubs)
	}
	s.ID = t.id(domain.KindSubscription, &t.snap.Numbers.Subscription)
	t.snap.Subscriptions = append(t.snap.Subscriptions, s)
	t.d.Subscribe = append(t.d.Subscribe, s)
	t.timeSubscription(&s)
	t.entry(domain.Entry{Kind: domain.EntrySubscription, Case: c.ID, What: "subscribed", Text: said.Listens.Text(a.To, s.Anchor.Attr), Ref: s.ID})
	return said.StepSubscribeTo.Text(a.To, s.Anchor.String())
}

func (t *deciding) timeSubscription(s *domain.Subscription) {
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerSubscription, s.ID), Kind: domain.TimerSubscription, Due: s.Expires, Case: s.Case, Ref: s.ID})
}

func (t *deciding) unsubscribe(a playbook.Unsubscribe, c *domain.Case) string {
	n := 0
	for _, s := range slices.Clone(t.snap.Subscriptions) {
		if s.Case == c.ID && s.To == a.To && (len(a.Where) == 0 || s.Anchor == a.Where[0]) {
			t.dropSubscription(s.ID, "unsubscribed")
			n++
		}
	}
	return said.Noted(said.StepUnsubscribe.Text(a.To), strconv.Itoa(n))
}

func (t *deciding) dropSubscription(id, why string) {
	for i, s := range t.snap.Subscriptions {
		if s.ID != id {
			continue
		}
		t.snap.Subscriptions = slices.Delete(t.snap.Subscriptions, i, i+1)
		t.d.Unsubscribe = append(t.d.Unsubscribe, s)
		t.dropTimer(t.timerName(domain.TimerSubscription, id))
		t.entry(domain.Entry{Kind: domain.EntrySubscription, Case: s.Case, What: why, Text: s.To, Ref: id})
		return
	}
}

// ground notes what had to be proven for a rule to make a subscription: an
// order that its condition or its anchors read something of, or that its
// trigger is about, and the identity itself where it is asked who the writer
// is. A rule that reads none of it would have made the subscription for
// anybody, and what it made stays.
func (t *deciding) ground(s *domain.Subscription, a playbook.Subscribe, c *domain.Case, v *playbook.View) {
	orders := slices.Clone(a.Orders)
	if e := v.Event; e != nil && e.OrderID != "" {
		orders = append(orders, e.OrderID) // events about an order that is not proven reach no rule
	}
	if t.trigger == "verified" && v.Order != nil {
		orders = append(orders, v.Order.ID)
	}
	for _, id := range orders {
		if !slices.Contains(s.Orders, id) && t.mayHear(c, id) {
			s.Orders = append(s.Orders, id)
		}
	}
	id := t.snap.Customer.Identity(c.Identity)
	byRef := slices.ContainsFunc(a.Where, func(x domain.Anchor) bool {
		return x.Attr == domain.AnchorCustomer && x.Value == t.snap.Customer.Ref
	})
	s.Linked = (a.Linked || byRef) && id != nil && id.Proven()
}

// joinGrounds lets a subscription that is asked for again rest on what either
// rests on: any of their orders, and on nothing if either needs nothing.
func joinGrounds(have, again *domain.Subscription) {
	free := func(s *domain.Subscription) bool { return len(s.Orders) == 0 && !s.Linked }
	if free(have) || free(again) {
		have.Orders, have.Linked = nil, false
		return
	}
	for _, id := range again.Orders {
		if !slices.Contains(have.Orders, id) {
			have.Orders = append(have.Orders, id)
		}
	}
	have.Linked = have.Linked && again.Linked
}

// endUnproven ends the subscriptions whose proof is gone: an identity was
// unlinked or went back to its own customer, or an order turned out to be
// somebody else's. What comes of an area or a product that is known only from
// an order would go on telling about it.
func (t *deciding) endUnproven() {
	for i := 0; i < len(t.snap.Subscriptions); {
		if s := &t.snap.Subscriptions[i]; !t.holds(s) {
			t.dropSubscription(s.ID, "its proof is gone")
			continue
		}
		i++
	}
}

// holds reports whether what a subscription rests on is still proven.
func (t *deciding) holds(s *domain.Subscription) bool {
	if len(s.Orders) == 0 && !s.Linked {
		return true
	}
	c := t.snap.Case(s.Case)
	if c == nil {
		return true // it is nobody's any more and reaches no rule
	}
	id := t.snap.Customer.Identity(c.Identity)
	if id == nil || s.Linked && !id.Proven() {
		return false
	}
	return len(s.Orders) == 0 || slices.ContainsFunc(s.Orders, func(order string) bool {
		// An order that was let go of for want of room is not disproven.
		return t.mayHear(c, order) || t.snap.Order(order) == nil && (id.Proven() || id.KnowsSecretOf(order))
	})
}
