package sim

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// checkItems sees that no work item is lost, and that what the desk reads of one
// is what its customer's advocate knows: one holder, one state.
func (o *oracle) checkItems() {
	seen := map[string]bool{}
	for _, p := range o.live() {
		for i := range p.snap.WorkItems {
			w := &p.snap.WorkItems[i]
			row, stored := o.items[w.ID]
			seen[w.ID] = true
			switch {
			case !stored:
				o.fail("the work item %s is lost: the desk never got it", w.ID)
			case row.Holder() != w.Holder():
				o.fail("the work item %s is held twice: by %q as stored and by %q as decided", w.ID, row.Holder(), w.Holder())
			case row.State != w.State || row.Queue != w.Queue || !row.Due.Equal(w.Due):
				o.fail("the work item %s is lost on its way: %s in %s as stored, %s in %s as decided", w.ID, row.State, row.Queue, w.State, w.Queue)
			}
		}
	}
	for _, id := range sortedKeys(o.items) {
		row := o.items[id]
		if p := o.root(row.Customer); p != nil && !p.erased && !row.State.Final() && !seen[id] {
			o.fail("the work item %s is lost: it is %s in its queue and no advocate knows it", id, row.State)
		}
	}
}

// passedQuietly sees that nobody gets what another has without its being let go
// first: an offer of its own, or an assignment by hand.
func (o *oracle) passedQuietly(old, w *domain.WorkItem) {
	if old.Holder() == "" || w.Holder() == "" || old.Holder() == w.Holder() || old.Offers != w.Offers || old.Moved != w.Moved {
		return
	}
	if w.State == domain.WorkAssigned && old.State == domain.WorkReserved {
		return // somebody took it by hand
	}
	o.fail("the work item %s is held twice: by %s and then by %s, with nothing between", w.ID, old.Holder(), w.Holder())
}

// checkStale sees that a case in a person's hands that nobody moves has raised
// an alarm.
func (o *oracle) checkStale(c *domain.Case, now time.Time) {
	if c.State == domain.CaseResolved || c.Owner == "" {
		return
	}
	queue := o.policy.DefaultQueue
	for i := range c.WorkItems {
		if w := &c.WorkItems[i]; w.State != domain.WorkCompleted && w.State != domain.WorkCanceled {
			queue = w.Queue
			break
		}
	}
	q := o.policy.Queue(queue)
	if due := c.UpdatedAt.Add(q.StaleAfter); due.Add(quietGrace).Before(now) && o.stale[c.ID].Before(c.UpdatedAt) {
		o.fail("%s has the case %s and has not moved it since %s, and nobody was alarmed by %s", c.Owner, c.ID, c.UpdatedAt.Format(time.RFC3339), now.Format(time.RFC3339))
	}
}
