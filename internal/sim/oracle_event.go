package sim

import (
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// wanted is why a customer must get an event and whether it has.
type wanted struct {
	live bool // a subscription stood when the event was accepted
	may  bool // it may be gone from the log by now
	got  bool
}

// place is the log's last place, 0 while it is empty.
func (o *oracle) place() int64 {
	if len(o.log) == 0 {
		return 0
	}
	return o.log[len(o.log)-1].Seq
}

// logged takes up events as the log got them: whoever stands subscribed to
// one has to get it.
func (o *oracle) logged(events []domain.Event) {
	for i := range events {
		e := events[i]
		key := e.Source + "/" + e.ID
		if o.logged_[key] != 0 {
			o.fail("the event %s stands in the log twice", key)
		}
		o.logged_[key] = e.Seq
		if last := o.place(); e.Seq <= last { // a crash may leave a gap
			o.fail("the event %s got place %d in the log, behind one at %d", key, e.Seq, last)
		}
		o.log = append(o.log, e)
		switch e.Type {
		case "advocate.workitem.overdue":
			o.overdue[e.WorkItemID] = true
			o.world.did("workitem.overdue")
		case "advocate.case.stale":
			o.stale[e.CaseID] = e.Time
			o.world.did("case.stale")
		case "advocate.case.asked", "advocate.case.rated":
			o.world.did(strings.TrimPrefix(e.Type, "advocate."))
		}
		for _, p := range o.live() {
			for j := range p.snap.Subscriptions {
				if s := &p.snap.Subscriptions[j]; s.Expires.After(o.now()) && wantsEvent(s, &e) {
					o.wants[want{p.id, e.Seq}] = wanted{live: true}
				}
			}
		}
	}
}

// wantsEvent is what a subscription means, in the oracle's own words.
func wantsEvent(s *domain.Subscription, e *domain.Event) bool {
	n := len(s.To)
	if n == 0 || s.To != e.Type && !(s.To[n-1] == '*' && len(e.Type) >= n-1 && e.Type[:n-1] == s.To[:n-1]) {
		return false
	}
	has := map[domain.Anchor]bool{}
	for _, a := range e.Anchors() {
		has[a] = true
	}
	for _, a := range s.Where {
		if !has[a] {
			return false
		}
	}
	return has[s.Anchor]
}

// subscribed takes up new subscriptions: what they missed has to be caught up.
func (o *oracle) subscribed(rows []store.SubscriptionRow) {
	for i := range rows {
		r := &rows[i]
		p := o.proxies[r.Customer]
		if p == nil {
			o.fail("a subscription was stored for the unknown customer %v", r.Customer)
			continue
		}
		p.subs[r.ID] = r.Subscription
		for j := range o.log {
			e := &o.log[j]
			k := want{p.id, e.Seq}
			if _, known := o.wants[k]; known || e.Seq > r.After || e.Accepted.Before(r.Since) || !wantsEvent(&r.Subscription, e) {
				continue
			}
			o.wants[k] = wanted{may: o.gone[e.Seq] || o.world.prunedBefore(e.Accepted)}
		}
	}
}

func (o *oracle) unsubscribed(rows []store.SubscriptionRow) {
	for i := range rows {
		if p := o.proxies[rows[i].Customer]; p != nil {
			delete(p.subs, rows[i].ID)
		}
	}
}

// gotEvent takes up an event that a customer decided on.
func (o *oracle) gotEvent(p *proxy, e *domain.Event) {
	if e.Seq == 0 {
		o.fail("%v got event %s without its place in the log", p.id, e.ID)
		return
	}
	k := want{p.id, e.Seq}
	w, ok := o.wants[k]
	if !ok && e.Seq > p.joined {
		o.fail("%v got event %s (%s), which none of its subscriptions asked for", p.id, e.ID, e.Type)
	}
	w.got = true
	o.wants[k] = w
}

// checkWants sees, once everything due is done, that nobody missed an event.
func (o *oracle) checkWants() {
	waits := map[want]bool{}
	for _, w := range o.inbox {
		if w.in.Event != nil {
			waits[want{w.customer, w.in.Event.Seq}] = true
		}
	}
	for _, p := range o.live() {
		for j := range o.log {
			e := &o.log[j]
			k := want{p.id, e.Seq}
			w, ok := o.wants[k]
			if !ok || w.got || w.may || waits[k] || e.Seq <= p.joined || o.gone[e.Seq] {
				continue
			}
			if w.live {
				o.fail("%v missed event %s (%s): a subscription stood when it was accepted", p.id, e.ID, e.Type)
				continue
			}
			if o.world.prunedBefore(e.Accepted) {
				continue
			}
			for i := range p.snap.Subscriptions {
				if s := &p.snap.Subscriptions[i]; s.Expires.After(o.now()) && !e.Accepted.Before(s.Since) && wantsEvent(s, e) {
					o.fail("%v missed event %s (%s), which %s should have caught up with", p.id, e.ID, e.Type, s.ID)
					break
				}
			}
		}
		for i := range p.snap.Subscriptions {
			s := &p.snap.Subscriptions[i]
			row, ok := p.subs[s.ID]
			if !ok {
				o.fail("the subscription %s stands in the state and not in the store", s.ID)
			} else if !row.Expires.Equal(s.Expires) {
				o.fail("the subscription %s ends at %s, and in the store at %s", s.ID, s.Expires, row.Expires)
			}
		}
		for _, id := range sortedKeys(p.subs) {
			if !slices.ContainsFunc(p.snap.Subscriptions, func(s domain.Subscription) bool { return s.ID == id }) {
				o.fail("the subscription %s of %v stands in the store and not in the state", id, p.id)
			}
		}
	}
}
