package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// takeEvent records an event the advocate subscribed to and lets the rules of
// each case that wanted it act.
func (t *deciding) takeEvent(in *domain.Input) {
	e := in.Event
	if in.Order != nil {
		t.learnOrder(*in.Order, true)
	}
	anchors := e.Anchors()
	var cases []string
	for i := range t.snap.Subscriptions {
		s := &t.snap.Subscriptions[i]
		if s.Expires.After(t.now) && s.Matches(e, anchors) && s.Case != "" && !slices.Contains(cases, s.Case) {
			cases = append(cases, s.Case)
		}
	}
	if len(cases) == 0 {
		t.entry(domain.Entry{Kind: domain.EntryEvent, What: e.Type, Text: said.NotWanted.Text(), Ref: e.ID})
		return
	}
	// Before any of them acts: what one has told is no news to another.
	var wake []string
	for _, id := range cases {
		if c := t.snap.Case(id); c != nil && t.hears(c, e) && t.wakes(c, e, cases) {
			wake = append(wake, id)
		}
	}
	for _, id := range cases {
		if c := t.snap.Case(id); c != nil {
			t.eventForCase(c, e, slices.Contains(wake, id))
		}
	}
}

// hears reports whether the customer may be told of an event in a case.
func (t *deciding) hears(c *domain.Case, e *domain.Event) bool {
	return e.OrderID == "" || t.mayHear(c, e.OrderID)
}

// eventForCase lets a case have an event, and wakes it if that is due.
func (t *deciding) eventForCase(c *domain.Case, e *domain.Event, wake bool) {
	if t.hears(c, e) {
		t.entry(domain.Entry{Kind: domain.EntryEvent, Case: c.ID, What: e.Type, Ref: e.ID, Text: eventText(e)})
	} else {
		// An order that is not proven leaves no trace of itself in the history,
		// and no rule is tried: a promise made because of it, or a call, would
		// tell of it in the end.
		t.entry(domain.Entry{Kind: domain.EntryEvent, Case: c.ID, What: "event", Text: said.AboutUnproven.Text()})
		return
	}
	agreed := t.keptByEvent(c, e)
	if wake {
		t.reopen(c)
	}
	v := t.view(c)
	v.Event = e
	v.Order = t.orderInFocus(c, e)
	t.fire(e.Type, c.ID, v)
	if c = t.snap.Case(c.ID); agreed && c != nil {
		t.closeKept(c, said.AgreedDone.Text(e.Type))
	}
}

// eventText is what a history line says of an event.
func eventText(e *domain.Event) string {
	switch {
	case e.OrderID != "":
		return said.AboutOrder.Text(e.OrderID)
	case e.SKU != "":
		return said.AboutItem.Text(e.SKU)
	case e.Area != "":
		return said.AboutArea.Text(e.Area)
	}
	return e.Subject
}

// learnOrder takes over an order's facts; older ones change nothing, and none
// are from the future. A row of the company's table has been through that.
func (t *deciding) learnOrder(o domain.Order, found bool) *domain.KnownOrder {
	if o.Revision == 0 {
		o.NotAhead(t.now)
	}
	k := t.snap.Order(o.ID)
	if k == nil {
		t.snap.Orders = append(t.snap.Orders, domain.KnownOrder{Order: o, Found: found, At: t.now})
		k = &t.snap.Orders[len(t.snap.Orders)-1]
	} else if found {
		if k.Found {
			k.Order = k.Order.Follow(o)
		} else {
			k.Order = o
		}
		k.Found, k.At = true, t.now
	}
	t.openOrder(k)
	return k
}

// openOrder notes whether any identity of the customer may hear of an order.
func (t *deciding) openOrder(k *domain.KnownOrder) {
	k.Open = k.Found && slices.ContainsFunc(t.snap.Customer.Identities, func(i domain.Identity) bool {
		return t.snap.Customer.MayHear(i.IdentityKey, &k.Order)
	})
}

// openOrders does so for all, after an identity's proof changed.
func (t *deciding) openOrders() {
	for i := range t.snap.Orders {
		t.openOrder(&t.snap.Orders[i])
	}
}
