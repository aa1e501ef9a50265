package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// promise notes what the customer is about to be told will happen. An open
// promise of the same kind is kept as it is: a customer who was told 14:00 is
// not told 16:00.
func (t *deciding) promise(a playbook.Promise, c *domain.Case, rule string, v *playbook.View) string {
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.What == a.What {
			v.Due = p.Due
			return "promise " + a.What + " (made already)"
		}
	}
	if len(c.Promises) >= domain.MaxPromises {
		return "promise " + a.What + " (suppressed: too many promises)"
	}
	due := a.By
	if due.IsZero() {
		due = t.promiseDue(a, c)
	}
	t.makePromise(c, a.What, due, rule, a.KeptBy)
	v.Due = due
	return "promise " + a.What
}

// promiseDue counts "within" in the hours of the queue that will do it. A
// promised callback is never earlier than the call's own due time.
func (t *deciding) promiseDue(a playbook.Promise, c *domain.Case) time.Time {
	queue := t.policy.DefaultQueue
	if ref := openCallback(c); ref != nil && a.What == string(domain.Callback) {
		queue = ref.Queue
	}
	due := domain.WorkingTime(t.now, a.Within, func(x time.Time) bool { return t.callable(queue, x) })
	if ref := openCallback(c); ref != nil && a.What == string(domain.Callback) && ref.Due.After(due) {
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
	t.entry(domain.Entry{Kind: domain.EntryPromise, Case: c.ID, What: "made", Text: what + " by " + due.UTC().Format(time.RFC3339), Ref: p.ID, By: by})
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
	t.entry(domain.Entry{Kind: domain.EntryPromise, Case: c.ID, What: string(state), Text: joinNonEmpty(": ", p.What, evidence), Ref: p.ID})
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
			t.endPromise(c, p, domain.PromiseKept, "event "+e.Type)
			agreed = agreed || p.Told == toldByPerson
		}
	}
	return agreed
}

// breakPromise is what follows when a promise's time has passed: the record
// says so, somebody is made to act, and the customer is told, unless a person
// has the case: then that person and the supervisor are alarmed.
func (t *deciding) breakPromise(c *domain.Case, p *domain.Promise) {
	what := p.What
	t.endPromise(c, p, domain.PromiseBroken, "its time passed")
	t.alarm(c.ID, "promise broken: "+what)
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
			t.putWorkItem(c, w, "the promise to the customer was not kept in time")
		}
	} else {
		t.handOver(c, "", "a promise was not kept in time: "+what, true)
	}
	v := t.view(c)
	t.fire("promise.broken", c.ID, v)
	if p.Told == "" {
		return // the customer never heard of it
	}
	t.draft(c.ID, draft{template: "promise-broken", rule: EngineRule, rank: rankWeak, view: v})
}
