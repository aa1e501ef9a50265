package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// toldByPerson is who told the customer of a promise when no message did.
const toldByPerson = "phone"

// keepers are the events that keep what agents commonly promise. Another word
// is kept by a person who says so.
var keepers = map[string]string{
	"refund":       "order.refunded",
	"replacement":  "order.shipped order.delivered",
	"shipment":     "order.shipped order.delivered",
	"delivery":     "order.delivered",
	"cancellation": "order.canceled",
}

// undertake makes an agent's word on the phone the advocate's own promise.
func (t *deciding) undertake(c *domain.Case, cmd *domain.Command) (made bool) {
	p := cmd.Promise
	if p == nil || !p.By.After(t.now) {
		return false
	}
	if c.HasOpenPromise(p.What) {
		t.movePromise(c, p.What, p.By)
	} else if len(c.Promises) < domain.MaxPromises {
		t.makePromise(c, p.What, p.By, cmd.By, "")
	}
	t.agreedOn(c, p.What)
	return c.HasOpenPromise(p.What)
}

// agreedOn marks an open promise as told, by a person and not by a message:
// when it is broken the customer has to hear of it. A word that is known is kept
// by its events, about the order that the case has now, if it has one.
func (t *deciding) agreedOn(c *domain.Case, what string) {
	kinds := keepers[strings.ToLower(what)]
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.State != domain.PromiseOpen || p.What != what {
			continue
		}
		p.Told, p.Unsaid = toldByPerson, false
		if p.KeptBy != "" || kinds == "" {
			continue
		}
		p.KeptBy = kinds
		if o := t.orderOf(c, nil); o != nil {
			p.Order = o.ID
		}
	}
	if kinds != "" {
		t.awaitKeepers(c)
	}
}

// awaitKeepers subscribes to what keeps the case's agreed promises, for a day
// longer than the last of them.
func (t *deciding) awaitKeepers(c *domain.Case) {
	last := t.now
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.Told == toldByPerson && p.Due.After(last) {
			last = p.Due
		}
	}
	last = last.Add(24 * time.Hour)
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.State != domain.PromiseOpen || p.Told != toldByPerson {
			continue
		}
		anchor := domain.Anchor{Attr: domain.AnchorOrder, Value: p.Order}
		if p.Order == "" {
			anchor = domain.Anchor{Attr: domain.AnchorCustomer, Value: t.snap.Customer.Ref}
		}
		anchor, ok := domain.NormalizeAnchor(anchor)
		if !ok {
			continue // nothing to find the events by; a person says that it was kept
		}
		for _, kind := range strings.Fields(p.KeptBy) {
			if t.follows(c, kind, anchor, last) {
				continue
			}
			a := playbook.Subscribe{To: kind, Where: []domain.Anchor{anchor}, For: last.Sub(t.now), Since: t.now}
			if p.Order != "" {
				a.Orders = []string{p.Order}
			}
			t.subscribe(a, c, EngineRule, t.view(c))
		}
	}
}

// follows reports whether the case hears of such events until then anyway.
func (t *deciding) follows(c *domain.Case, kind string, anchor domain.Anchor, until time.Time) bool {
	return slices.ContainsFunc(t.snap.Subscriptions, func(s domain.Subscription) bool {
		return s.Case == c.ID && s.Anchor == anchor && len(s.Where) == 0 && !s.Expires.Before(until) && domain.TypeMatches(s.To, kind)
	})
}

// confirmAgreed tells the customer in writing what a person has just promised.
func (t *deciding) confirmAgreed(c *domain.Case, p *domain.Undertake) {
	v := t.view(c)
	v.Due, v.Agreed = p.By, p.What
	if word := strings.ToLower(p.What); keepers[word] != "" {
		v.Agreed = word
	}
	t.draft(c.ID, draft{template: "agreed", rule: EngineRule, rank: rankWeak, view: v})
}

// keep is a person saying that a promise was kept. What is not open any more
// stays as it is.
func (t *deciding) keep(c *domain.Case, cmd *domain.Command) {
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.ID != cmd.Kept || p.State != domain.PromiseOpen {
			continue
		}
		c.Person, c.UpdatedAt = true, t.now
		t.endPromise(c, p, domain.PromiseKept, clip(said.Because(said.KeptBy.Text(cmd.By), cmd.Note), 2000))
		t.did(c.ID)
		if p.Told == toldByPerson {
			t.tellWorkItems()
			t.closeKept(c, joinNonEmpty(": ", cmd.By, cmd.Note))
		}
		return
	}
}

// closeKept ends a case whose agreed promise was kept, with the closing message
// that its work would have ended with, unless something else is open.
func (t *deciding) closeKept(c *domain.Case, why string) {
	if !c.IsOpen() || !c.Answered || c.HandedOver || c.Taken() || c.Verify != nil || len(c.Asked) > 0 || c.HasOpenPromise("") || hasOpenWork(c) {
		return
	}
	kind := domain.Review
	for i := range c.WorkItems {
		if c.WorkItems[i].State == domain.WorkCompleted {
			kind = c.WorkItems[i].Kind
		}
	}
	d := draft{template: t.closing(c, kind), rule: EngineRule, rank: rankWeak}
	if d.template == "closing-order" {
		d.rank = rankEngine // it tells what a rule says of the event, and that this ends it
	}
	t.draft(c.ID, d)
	t.flushReplies() // the closing message belongs to the open case
	t.resolve(c, domain.DispositionResolved, why)
}
