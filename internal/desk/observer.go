package desk

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Observer is told what the desk sees while it is this process's turn: so what
// a cluster's nodes are told adds up. Its methods must not block.
type Observer interface {
	// Matched tells how long the board took to say who is offered what.
	Matched(took time.Duration)
	// OfferEnded tells what became of an offer.
	OfferEnded(queue string, outcome domain.ReservationState)
	// Taken tells that somebody has taken work up, in the queue's target or not.
	Taken(queue string, inTarget bool)
	// Overdue tells that work was not done by the time it was due.
	Overdue(queue string)
	// Stale tells that somebody has a case and has not moved it for long.
	Stale()
}

// unobserved is nobody.
type unobserved struct{}

func (unobserved) Matched(time.Duration)                      {}
func (unobserved) OfferEnded(string, domain.ReservationState) {}
func (unobserved) Taken(string, bool)                         {}
func (unobserved) Overdue(string)                             {}
func (unobserved) Stale()                                     {}

// otherQueue stands for those that are not configured any more, so that there
// is no end to names in events only.
const otherQueue = "other"

// report tells the observer of an event.
func (w *watch) report(e *domain.Event) {
	to := w.o.Observer
	if e.Type == "advocate.case.stale" {
		to.Stale()
		return
	}
	if e.WorkItemID == "" {
		return
	}
	d := told(e)
	queue := d.Queue
	if !slices.Contains(w.policy.QueueNames(), queue) {
		queue = otherQueue
	}
	offered := w.offered[e.WorkItemID]
	switch e.Type {
	case "advocate.workitem.reserved":
		w.offered[e.WorkItemID] = true
		return
	case "advocate.workitem.assigned":
		to.Taken(queue, d.InTarget)
		if offered {
			to.OfferEnded(queue, domain.ReservationAccepted)
		}
	case "advocate.workitem.pending":
		switch why := domain.ReservationState(d.Why); why {
		case domain.ReservationRejected, domain.ReservationTimeout, domain.ReservationRescinded:
			to.OfferEnded(queue, why)
		}
	case "advocate.workitem.canceled", "advocate.workitem.completed":
		if offered {
			to.OfferEnded(queue, domain.ReservationCanceled)
		}
	case "advocate.workitem.overdue":
		to.Overdue(queue)
		return
	default:
		return
	}
	delete(w.offered, e.WorkItemID)
}
