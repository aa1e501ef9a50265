package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Components whose answers have a meaning to the engine.
const (
	componentOrders    = "orders"
	componentCustomers = "customers"
)

// takeAnswer takes a component's answer into the case that asked.
func (t *deciding) takeAnswer(in *domain.Input) {
	a := in.Answer
	c := t.snap.Case(a.Case)
	if c == nil {
		t.entry(domain.Entry{Kind: domain.EntryAnswer, What: a.Component, Text: said.CaseGone.Text()})
		return
	}
	if a.Effect != "" && !slices.ContainsFunc(c.Asked, func(l domain.Lookup) bool { return l.Effect == a.Effect }) {
		// It was given up on, or the case ended: facts are welcome all the same,
		// rules are not tried.
		t.learnAnswer(c, a)
		return
	}
	c.Asked = slices.DeleteFunc(c.Asked, func(l domain.Lookup) bool { return l.Effect == a.Effect })
	if len(c.Asked) == 0 {
		t.dropTimer(t.timerName(domain.TimerLookup, c.ID))
	}
	t.learnAnswer(c, a)
	v := t.view(c)
	v.Answer = t.toldAnswer(c, a)
	t.fire("answer."+a.Component, c.ID, v)
	if c = t.snap.Case(c.ID); c != nil && c.IsOpen() && !c.Answered && !c.HandedOver && !c.Taken() && len(c.Asked) == 0 && !t.hasActed(c.ID) {
		why := said.NoRuleForAnswer.Text(a.Component)
		if a.Error != "" {
			why = said.NotAsked.Text(a.Component)
		}
		t.handOver(c, "", why, false)
	}
	if c != nil && c.IsOpen() && c.HandedOver && !c.Answered && len(c.Asked) == 0 && !t.hasActed(c.ID) {
		t.personHasIt(c, false)
	}
}

// toldAnswer is an answer as the case's identity may have it: what concerns an
// order that is not proven reads as if there were no such order. It is taken
// up again when the order is proven.
func (t *deciding) toldAnswer(c *domain.Case, a *domain.ComponentAnswer) *domain.ComponentAnswer {
	if a.Component != componentOrders || a.Error != "" || c.Focus == "" && len(a.Orders) == 0 || t.mayHear(c, c.Focus) {
		return a
	}
	return &domain.ComponentAnswer{Lookup: a.Lookup}
}

// learnAnswer keeps what an answer says.
func (t *deciding) learnAnswer(c *domain.Case, a *domain.ComponentAnswer) {
	for i := range a.Orders {
		t.learnOrder(a.Orders[i], true)
	}
	if a.Component == componentOrders && a.Error == "" {
		t.focusOrder(c, a)
	}
	if a.Component == componentCustomers && a.Found && a.Profile != nil {
		t.learnProfile(*a.Profile)
	}
	told := t.toldAnswer(c, a)
	c.Known = slices.DeleteFunc(c.Known, func(f domain.Fact) bool { return f.Name == a.Component })
	c.Known = append(c.Known, domain.Fact{Name: a.Component, Key: a.ID, Found: told.Found, At: t.now, Data: told.Data, Error: a.Error})
	what := said.NothingFound.Text()
	switch {
	case a.Error != "":
		what = said.Because(said.CouldNotAsk.Text(), a.Error)
	case told.Found:
		what = said.Answered.Text()
	}
	t.entry(domain.Entry{Kind: domain.EntryAnswer, Case: c.ID, What: a.Component, Text: what, Ref: a.Effect})
}

// focusOrder settles which order the case is about. Asked for by reference,
// it is that one, found or not. Asked for all of the customer's, it is the
// only one, or the newest that is late, or the newest still on its way.
func (t *deciding) focusOrder(c *domain.Case, a *domain.ComponentAnswer) {
	if a.ID != "" {
		id := domain.FoldRef(a.ID)
		if len(a.Orders) > 0 {
			id = a.Orders[0].ID // a tracking number leads to its order
		}
		c.Focus = id
		if !a.Found {
			t.learnOrder(domain.Order{ID: id}, false)
		}
		return
	}
	best, bestRank := "", -1
	for i := range a.Orders {
		o := &a.Orders[i]
		rank := 0
		switch {
		case o.Late(t.now.In(t.zone)):
			rank = 2
		case !o.Status.Final():
			rank = 1
		}
		if rank > bestRank { // the list comes newest first
			best, bestRank = o.ID, rank
		}
	}
	if best != "" && c.Focus == "" {
		c.Focus = best
	}
}

// learnProfile fills in what is not known; a reference is never changed here.
func (t *deciding) learnProfile(p domain.Profile) {
	have := &t.snap.Customer.Profile
	for _, f := range []struct {
		dst *string
		src string
	}{{&have.Name, p.Name}, {&have.Phone, p.Phone}, {&have.Email, p.Email}, {&have.Lang, p.Lang}, {&have.TimeZone, p.TimeZone}, {&have.Tier, p.Tier}} {
		if *f.dst == "" {
			*f.dst = f.src
		}
	}
	t.zone = domain.Zone(have.TimeZone, t.policy.TimeZone)
}
