package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// promise notes what the customer is about to be told will happen. An open
// promise of the same kind is kept as it is: a customer who was told 14:00 is
// not told 16:00.
func (t *deciding) promise(a playbook.Promise, c *domain.Case, rule string, v *playbook.View) string {
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.What == a.What {
			v.Due = p.Due
			return said.Noted(said.StepPromise.Text(a.What), said.MadeAlready.Text())
		}
	}
	if len(c.Promises) >= domain.MaxPromises {
		return said.Held(said.StepPromise.Text(a.What), said.ManyPromises)
	}
	due := a.By
	if due.IsZero() {
		due = t.promiseDue(a, c)
	}
	t.makePromise(c, a.What, due, rule, a.KeptBy)
	v.Due = due
	return said.StepPromise.Text(a.What)
}

// promiseDue counts "within" in the hours in which it will be done: those of the
// open work that keeps the promise, so that both have one time where the
// playbook gives them one. A promise is never due before its work.
func (t *deciding) promiseDue(a playbook.Promise, c *domain.Case) time.Time {
	ref := c.OpenWorkItem(domain.WorkItemKind(a.What))
	if ref == nil {
		return domain.WorkingTime(t.now, a.Within, func(x time.Time) bool { return t.callable(t.policy.DefaultQueue, x) })
	}
	due := t.due(&domain.WorkItem{Kind: ref.Kind, Queue: ref.Queue}, t.now, a.Within)
	if ref.Due.After(due) {
		due = ref.Due
	}
	return due
}

func (t *deciding) makePromise(c *domain.Case, what string, due time.Time, by, keptBy string) {
	t.reopen(c) // what is promised is not ended
	p := domain.Promise{
		ID: t.id(domain.KindPromise, &t.snap.Numbers.Promise), What: what, MadeAt: t.now, Due: due,
		State: domain.PromiseOpen, By: by, KeptBy: keptBy,
	}
	c.Promises = append(c.Promises, p)
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerPromise, p.ID), Kind: domain.TimerPromise, Due: due, Case: c.ID, Ref: p.ID})
	t.entry(domain.Entry{Kind: domain.EntryPromise, Case: c.ID, What: "made", Text: said.PromisedBy.Text(what, due.UTC().Format(time.RFC3339)), Ref: p.ID, By: by})
	data := matter(c)
	data["what"], data["due"] = what, stamp(due)
	t.emit("advocate.promise.made", c.ID, "", data)
}

// endPromise closes an open promise; a closed one stays as it is.
func (t *deciding) endPromise(c *domain.Case, p *domain.Promise, state domain.PromiseState, evidence string) {
	if p.State != domain.PromiseOpen {
		return
	}
	p.State, p.Evidence = state, evidence
	t.dropTimer(t.timerName(domain.TimerPromise, p.ID))
	t.entry(domain.Entry{Kind: domain.EntryPromise, Case: c.ID, What: string(state), Text: said.Because(said.Promised.Text(p.What), evidence), Ref: p.ID})
	data := matter(c)
	data["what"] = p.What
	switch state {
	case domain.PromiseKept:
		t.emit("advocate.promise.kept", c.ID, "", data)
	case domain.PromiseBroken:
		t.emit("advocate.promise.broken", c.ID, "", data)
	}
}

// keepPromises closes the promises of a kind with evidence.
func (t *deciding) keepPromises(c *domain.Case, what, evidence string) {
	for i := range c.Promises {
		if c.Promises[i].What == what {
			t.endPromise(c, &c.Promises[i], domain.PromiseKept, evidence)
		}
	}
}

// keptByEvent closes the promises that an event keeps. agreed is that one of
// them was a person's.
func (t *deciding) keptByEvent(c *domain.Case, e *domain.Event) (agreed bool) {
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.State != domain.PromiseOpen || p.Order != "" && domain.FoldRef(p.Order) != e.OrderID {
			continue
		}
		if slices.ContainsFunc(strings.Fields(p.KeptBy), func(kind string) bool { return domain.TypeMatches(kind, e.Type) }) {
			t.endPromise(c, p, domain.PromiseKept, said.ByEvent.Text(e.Type))
			agreed = agreed || p.Told == toldByPerson
		}
	}
	return agreed
}

// noteHeard notes whether the message that tells of promises left. An operator
// may send later what had failed.
func noteHeard(c *domain.Case, effect string, left bool) {
	for i := range c.Promises {
		if c.Promises[i].Told == effect {
			c.Promises[i].Unsaid = !left
		}
	}
}

// breakPromise is what follows when a promise's time has passed: the record
// says so, somebody is made to act, and the customer is told, unless a person
// has the case: then that person and the supervisor are alarmed.
func (t *deciding) breakPromise(c *domain.Case, p *domain.Promise) {
	what, heard := p.What, c.Heard(p)
	t.endPromise(c, p, domain.PromiseBroken, said.TimePassed.Text())
	t.alarm(c.ID, said.PromiseBroken.Text(what))
	if c.Taken() {
		t.effect(domain.Effect{
			Case: c.ID, Kind: domain.EffectNotify, Destination: "role:supervisor", Rule: EngineRule,
			Notify: &domain.Notify{Role: "supervisor", Text: "A promise on case " + c.ID + " was not kept in time; " + c.Owner + " has the case.", Alarm: true},
		})
		return
	}
	if ref := openCallback(c); ref != nil {
		if w := t.snap.WorkItem(ref.ID); w != nil {
			w.Priority = domain.PriorityUrgent
			w.Raised++
			t.putWorkItem(c, w, said.PromiseNoted.Text())
		}
	} else {
		t.handOver(c, "", said.PromiseLate.Text(what), true)
	}
	v := t.view(c)
	t.fire("promise.broken", c.ID, v)
	if heard == domain.HeardNothing {
		return // the customer never heard of it
	}
	t.draft(c.ID, draft{template: "promise-broken", rule: EngineRule, rank: rankWeak, view: v})
}
