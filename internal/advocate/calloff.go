package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// callOff cancels a work item that a person says need not be done. Who has the
// case by that item alone has it no more: the advocate keeps what was promised,
// or tells of it, as after work that was done.
func (t *deciding) callOff(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if !w.State.MayBecome(domain.WorkCanceled) {
		return
	}
	holder := w.Holder()
	held := w.State == domain.WorkAssigned && c.Owner == holder
	data := map[string]any{"by": cmd.By}
	if w.State == domain.WorkAssigned {
		data["agent"] = holder
	}
	t.cancelWorkItem(c, w.ID, said.Because(said.CanceledBy.Text(cmd.By), cmd.Note), data)
	back := held && !c.Apart && !t.holdsWork(c, holder)
	if back {
		t.handBack(c, cmd.By)
	}
	if !hasOpenWork(c) && !c.Taken() && (back || c.HandedOver) {
		c.HandedOver = false
		c.Answered = true // a person looked and wants nothing done
	}
}

// holdsWork reports whether somebody has work on a case in hand.
func (t *deciding) holdsWork(c *domain.Case, agent string) bool {
	return slices.ContainsFunc(t.snap.WorkItems, func(w domain.WorkItem) bool {
		return w.Case == c.ID && (w.State == domain.WorkAssigned || w.State == domain.WorkWrapping) && w.Agent == agent
	})
}
