package advocate

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
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

// take gives a case to one person. What we were about to say stays unsaid.
func (t *deciding) take(c *domain.Case, by string) {
	t.cancelUnsent(c, "a person took the case")
	if !c.IsOpen() {
		t.reopen(c)
	}
	c.Owner, c.HandedOver, c.Person, c.UpdatedAt = by, true, true, t.now
	t.did(c.ID)
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "taken", By: by})
}

// handBack gives a case back to the advocate.
func (t *deciding) handBack(c *domain.Case, by string) {
	c.Owner, c.HandedOver, c.Person, c.UpdatedAt = domain.OwnerAdvocate, hasOpenWork(c), true, t.now
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "handed back", By: by})
}
