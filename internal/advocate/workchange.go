package advocate

import (
	"maps"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// maxWorkChanges is how many changes of a case's work items one input may let
// rules react to. Rules on workitem.* can set each other off for ever: one
// cancels what the other creates. Real work comes nowhere near it.
const maxWorkChanges = domain.MaxHops

// workChange is a work item's new state whose rules are still to be tried.
type workChange struct {
	caseID string
	what   string // "created", or the state
	item   domain.WorkItem
	event  domain.Event // as it was emitted: rules read it as event
}

// moveWorkItem takes a work item into another state: the only way there,
// whoever asks for it. It does nothing if the item cannot go there.
func (t *deciding) moveWorkItem(c *domain.Case, w *domain.WorkItem, to domain.WorkItemState, why string, data map[string]any) {
	if !w.State.MayBecome(to) {
		return
	}
	w.State = to
	t.putWorkItem(c, w, why)
	t.workItemChanged(c, w, string(to), data)
}

// workItemChanged tells the contact center, and puts the rules on
// workitem.<what> in line. They are tried when the input's own rules have been
// (see tellWorkItems), so that no rule runs inside another.
func (t *deciding) workItemChanged(c *domain.Case, w *domain.WorkItem, what string, data map[string]any) {
	said := matter(c)
	said["kind"], said["queue"], said["priority"], said["lang"] = w.Kind, w.Queue, w.Priority, w.Lang
	said["version"] = w.Version // whoever reads the item as well knows which of the two is newer
	if r := w.Reservation; r != nil && w.State == domain.WorkReserved {
		said["reservation_id"], said["agent"], said["offered_at"], said["until"] = r.ID, r.Agent, stamp(r.OfferedAt), stamp(r.Until)
	}
	maps.Copy(said, data)
	kind := "workitem." + what
	e, ok := t.emitted("advocate."+kind, c.ID, w.ID, said)
	if !ok || len(t.pb.Rules(kind)) == 0 {
		return
	}
	change := workChange{caseID: c.ID, what: what, item: *w, event: e}
	change.item.Skills, change.item.Promised, change.item.Passed = slices.Clone(w.Skills), slices.Clone(w.Promised), slices.Clone(w.Passed)
	t.changes = append(t.changes, change)
}

// tellWorkItems tries the rules on what became of work items, in the order in
// which it happened, and on what those rules change in turn. It ends: a case
// has maxWorkChanges for each input, and what is over is on record with an
// alarm.
func (t *deciding) tellWorkItems() {
	for len(t.changes) > 0 {
		change := t.changes[0]
		t.changes = t.changes[1:]
		c := t.snap.Case(change.caseID)
		if c == nil {
			continue
		}
		if t.told == nil {
			t.told = map[string]int{}
		}
		t.told[c.ID]++
		switch n := t.told[c.ID]; {
		case n == maxWorkChanges+1:
			t.alarm(c.ID, said.RulesLoop.Text())
			continue
		case n > maxWorkChanges:
			continue
		}
		v := t.view(c)
		v.Event = &change.event
		if !change.item.State.Final() {
			v.Due, v.Number = change.item.Due, change.item.Number
		}
		t.fire("workitem."+change.what, c.ID, v)
	}
	t.changes = nil
}
