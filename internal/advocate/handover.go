package advocate

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// PromisedReply is the promise that a person will answer.
const PromisedReply = "reply"

// handOver gives a case to people: somebody will look at it, and the customer
// is told so unless silent, when there is nothing honest to say yet.
func (t *deciding) handOver(c *domain.Case, queue, why string, silent bool) {
	if !c.IsOpen() {
		t.reopen(c)
	}
	t.did(c.ID)
	if !c.HandedOver {
		c.HandedOver, c.Reason = true, why
		t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "handed over", Text: why})
	}
	work := ""
	if !hasOpenWork(c) {
		w := t.newWorkItem(c, domain.Review, queue, nil)
		work = w.ID
		w.Reason = why
		if c.Urgency == domain.UrgencyHigh {
			w.Priority = domain.PriorityHigh
		}
		t.addWorkItem(c, w, 4*time.Hour)
	}
	if silent || t.trigger == "reply.failed" {
		// Where a message has just failed for good another one would fail as
		// well, and take the place of the one that an operator can try again.
		return
	}
	v := t.view(c)
	if w := t.snap.WorkItem(work); w != nil {
		// The message names this time, which makes it a promise.
		v.Due = w.Due
		t.makePromise(c, PromisedReply, w.Due, EngineRule, "")
	}
	t.draft(c.ID, draft{template: "handed-over", rule: EngineRule, rank: rankWeak, view: v})
}

// take gives a case to one person who asks for the case itself: it stays
// theirs whatever becomes of its work items.
func (t *deciding) take(c *domain.Case, by string) {
	t.own(c, by)
	c.Apart = true
}

// takeByWork gives a case to who has accepted a work item of it.
func (t *deciding) takeByWork(c *domain.Case, by string) {
	apart := c.Apart && c.Owner == by
	t.own(c, by)
	c.Apart = apart
}

// own makes one person a case's owner. What we were about to say stays unsaid.
func (t *deciding) own(c *domain.Case, by string) {
	t.cancelUnsent(c, said.PersonTook.Text())
	if !c.IsOpen() {
		t.reopen(c)
	}
	c.Owner, c.HandedOver, c.Person, c.UpdatedAt = by, true, true, t.now
	t.did(c.ID)
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "taken", By: by})
}

// disown takes a case out of its owner's hands.
func disown(c *domain.Case) { c.Owner, c.Apart = domain.OwnerAdvocate, false }

// handBack gives a case back to the advocate.
func (t *deciding) handBack(c *domain.Case, by string) {
	disown(c)
	c.HandedOver, c.Person, c.UpdatedAt = hasOpenWork(c), true, t.now
	c.Said = slices.DeleteFunc(c.Said, func(s string) bool { return s == saidNoPrivate }) // who takes it next is news
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "handed back", By: by})
}
