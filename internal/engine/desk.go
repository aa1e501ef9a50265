package engine

import (
	"errors"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// maxAhead is how far ahead an agent may put work off or promise something.
const maxAhead = 90 * 24 * time.Hour

// checkDesk looks at what can be seen of a command that moves a work item
// without its state.
func checkDesk(c *domain.Command) error {
	if c.Reservation != "" {
		item, _, err := domain.ParseReservationID(c.Reservation)
		if err != nil {
			return err
		}
		if c.WorkItem != item {
			return domain.FieldErrorf("reservation", "%s is of another work item than %s", c.Reservation, c.WorkItem)
		}
	}
	if c.WorkItem == "" {
		return domain.FieldErrorf("work_item", "is required")
	}
	need := func(field string, missing bool, what string) error {
		if missing {
			return domain.FieldErrorf(field, "is required%s", what)
		}
		return nil
	}
	note := strings.TrimSpace(c.Note) == ""
	switch c.Kind {
	case domain.CommandOffer:
		return errors.Join(need("agent", c.Agent == "", ""), need("reservation", c.Reservation == "", ""))
	case domain.CommandAccept, domain.CommandReject:
		return need("reservation", c.Reservation == "", "")
	case domain.CommandRescind:
		return errors.Join(need("reservation", c.Reservation == "", ""), need("note", note, ": say why it is taken back"))
	case domain.CommandSnooze:
		return errors.Join(need("until", c.Until.IsZero(), ": when to come back to it"), checkUndertake(c.Promise))
	case domain.CommandRaise:
		if c.Priority < 0 || c.Priority > domain.PriorityUrgent {
			return domain.FieldErrorf("priority", "is %d; want 1 to %d", c.Priority, domain.PriorityUrgent)
		}
		return need("priority", c.Priority == 0 && c.Until.IsZero(), ", or a due time")
	case domain.CommandExpert:
		return need("note", note, ": what the expert is asked")
	}
	return nil
}

func checkUndertake(p *domain.Undertake) error {
	if p == nil {
		return nil
	}
	p.What = strings.TrimSpace(domain.CleanText(p.What))
	if p.What == "" || len(p.What) > 200 {
		return domain.FieldErrorf("promise.what", "is %.40q; want what was promised, in up to 200 bytes", p.What)
	}
	if p.By.IsZero() {
		return domain.FieldErrorf("promise.by", "is required: when it was promised for")
	}
	return nil
}

// becomes is the state that a command takes a work item to.
var becomes = map[domain.CommandKind]domain.WorkItemState{
	domain.CommandComplete: domain.WorkCompleted, domain.CommandCancel: domain.WorkCanceled, domain.CommandAssign: domain.WorkAssigned,
	domain.CommandOffer: domain.WorkReserved, domain.CommandAccept: domain.WorkAssigned, domain.CommandReject: domain.WorkPending,
	domain.CommandRescind: domain.WorkPending, domain.CommandWrap: domain.WorkWrapping, domain.CommandSnooze: domain.WorkPending,
}

// checkWorkItem reports why a command does not fit a work item as it is.
func (t *turn) checkWorkItem(s *seat, c *domain.Command) error {
	w, err := t.tx.WorkItemGet(c.WorkItem)
	if errors.Is(err, store.ErrNotFound) || err == nil && t.seatOf(w.Customer) != s {
		return domain.Errorf(domain.CodeNotFound, "the customer has no work item %.60q", c.WorkItem)
	}
	if err != nil {
		return err
	}
	to, moves := becomes[c.Kind]
	switch {
	case t.moved[w.ID]:
		// The rows do not show yet what the other command of this turn will do.
		return domain.Errorf(domain.CodeConflict, "somebody else is changing the work item at this moment; look at it and try again")
	case c.Version != 0 && c.Version != w.Version:
		return domain.Errorf(domain.CodeConflict, "the work item has changed since; look at it again (it is at version %d)", w.Version)
	case moves && w.State == to && !w.State.Final() && w.Agent == c.By && c.Kind == domain.CommandAssign:
		return domain.Errorf(domain.CodeConflict, "you hold the work item already")
	case moves && !w.State.MayBecome(to), !moves && w.State.Final():
		what := string(to)
		if !moves {
			what = "changed"
		}
		return domain.Errorf(domain.CodeConflict, "the work item is %s and cannot become %s", w.State, what)
	}
	if err := t.checkHolder(&w, c); err != nil {
		return err
	}
	k := s.snap.Case(w.Case)
	takes := c.Kind == domain.CommandAssign || c.Kind == domain.CommandAccept || c.Kind == domain.CommandOffer
	by := c.By
	if c.Kind == domain.CommandOffer {
		by = c.Agent
	}
	if takes && w.Kind != domain.Expert && k != nil && k.Taken() && k.Owner != by {
		return domain.Errorf(domain.CodeConflict, "the case is taken by %s", k.Owner)
	}
	if err := t.checkMove(&w, k, c); err != nil {
		return err
	}
	if t.moved == nil {
		t.moved = map[string]bool{}
	}
	t.moved[w.ID] = true
	return nil
}

// checkHolder reports whether the item is its author's to move: theirs is what
// they hold, and what waits for nobody else. A supervisor (Over) may move
// anybody's. It is judged here and not only where the command came from, for
// what was read there may have changed before the turn.
func (t *turn) checkHolder(w *domain.WorkItem, c *domain.Command) error {
	holder := w.Holder()
	if c.Within != "" && c.Within != w.Queue && holder != c.By {
		// The author's rights, Over too, may not reach where it is now.
		return domain.Errorf(domain.CodeConflict, "the work item has gone to another queue since; look at it again")
	}
	switch c.Kind {
	case domain.CommandAccept, domain.CommandReject, domain.CommandRescind:
		r := w.Reservation
		switch {
		case w.State != domain.WorkReserved || r == nil || r.ID != c.Reservation:
			return domain.Errorf(domain.CodeConflict, "the offer %s is over", c.Reservation)
		case c.Kind != domain.CommandRescind && r.Agent != c.By:
			return domain.Errorf(domain.CodeForbidden, "the offer %s was made to somebody else", c.Reservation)
		case c.Kind == domain.CommandAccept && !t.now.Before(r.Until):
			return domain.Errorf(domain.CodeConflict, "the offer %s has run out", c.Reservation)
		}
	case domain.CommandWrap, domain.CommandSnooze, domain.CommandCall:
		if holder != c.By {
			return domain.Errorf(domain.CodeConflict, "the work item is not yours")
		}
	case domain.CommandAssign, domain.CommandComplete, domain.CommandCancel, domain.CommandTransfer, domain.CommandExpert, domain.CommandRaise:
		switch {
		case c.Over:
		case holder != "" && holder != c.By && w.State == domain.WorkReserved:
			return domain.Errorf(domain.CodeConflict, "the work item is offered to %s", holder)
		case holder != "" && holder != c.By:
			return domain.Errorf(domain.CodeConflict, "the work item is %s's", holder)
		case holder == "" && w.For != "" && w.For != c.By:
			return domain.Errorf(domain.CodeConflict, "the work item waits for %s", w.For)
		case c.Kind == domain.CommandRaise:
			return domain.Errorf(domain.CodeConflict, "only a supervisor of the queue %q raises its work items", w.Queue)
		case holder == "" && (c.Kind == domain.CommandTransfer || c.Kind == domain.CommandExpert):
			return domain.Errorf(domain.CodeConflict, "take the work item first, or ask a supervisor")
		}
	}
	return nil
}

// checkMove looks at where the item is to go.
func (t *turn) checkMove(w *domain.WorkItem, k *domain.Case, c *domain.Command) error {
	policy := t.pb.Policy()
	q := policy.Queue(w.Queue)
	ahead := func(field string, at time.Time) error {
		if !at.After(t.now) {
			return domain.FieldErrorf(field, "is %s, which is not ahead", at.UTC().Format(time.RFC3339))
		}
		if at.After(t.now.Add(maxAhead)) {
			return domain.FieldErrorf(field, "is more than 90 days ahead")
		}
		return nil
	}
	if c.Promise != nil {
		if err := ahead("promise.by", c.Promise.By); err != nil {
			return err
		}
	}
	switch c.Kind {
	case domain.CommandOffer:
		if c.Reservation != domain.ReservationID(w.ID, w.Offers+1) {
			return domain.Errorf(domain.CodeConflict, "the work item has been offered since")
		}
		if w.NotBefore.After(t.now) {
			return domain.Errorf(domain.CodeConflict, "the work item is not to be offered before %s", w.NotBefore.UTC().Format(time.RFC3339))
		}
		return t.checkRoom(c.Agent)
	case domain.CommandComplete:
		d, ok := q.Ending(w.Ends(), c.Disposition)
		if !ok {
			return domain.FieldErrorf("disposition", "is %.60q; in the queue %s a %s ends in %s", c.Disposition, w.Queue, w.Ends(), endingNames(q.Endings(w.Ends())))
		}
		if d.Note && strings.TrimSpace(c.Note) == "" {
			return domain.FieldErrorf("note", "is required with the disposition %q", c.Disposition)
		}
	case domain.CommandSnooze:
		if err := ahead("until", c.Until); err != nil {
			return err
		}
		if k != nil && c.Promise == nil {
			for i := range k.Promises {
				if p := &k.Promises[i]; p.State == domain.PromiseOpen && p.What == string(w.Kind) && p.Due.Before(c.Until) {
					return domain.Errorf(domain.CodeConflict, "the customer was promised a call by %s; give promise with the time you agreed on", p.Due.UTC().Format(time.RFC3339))
				}
			}
		}
	case domain.CommandTransfer, domain.CommandExpert:
		if _, known := policy.Queues[c.Queue]; c.Queue != "" && !known {
			return domain.FieldErrorf("queue", "is %.60q; want one of %s", c.Queue, strings.Join(policy.QueueNames(), ", "))
		}
		if c.Agent != "" {
			return t.checkAgent(c.Agent)
		}
	case domain.CommandCall:
		switch {
		case w.Kind != domain.Callback:
			return domain.Errorf(domain.CodeConflict, "the work item is no call but a %s", w.Kind)
		case w.State == domain.WorkReserved:
			return domain.Errorf(domain.CodeConflict, "accept the work item before you call")
		case w.Number == "":
			return domain.Errorf(domain.CodeConflict, "there is no number to call: the customer has given none, or it is not proven to be theirs")
		}
	case domain.CommandRaise:
		if !c.Until.IsZero() {
			return ahead("due", c.Until)
		}
	}
	return nil
}

// checkRoom reports why an agent cannot be offered an item now. The agent's row
// stays locked until the turn is committed, so that two nodes do not fill the
// last place with an item each.
func (t *turn) checkRoom(id string) error {
	docs, err := t.tx.DocumentLock(store.AgentKind, []string{id})
	if err != nil {
		return err
	}
	a, err := store.AgentOf(docs[0])
	switch {
	case err != nil:
		return err
	case a.ID == "" || a.Disabled:
		return domain.Errorf(domain.CodeNotFound, "there is no agent %.60q", id)
	case a.Activity != domain.ActivityAvailable:
		return domain.Errorf(domain.CodeConflict, "%s is %s", id, a.Activity)
	}
	held, err := t.tx.WorkItemList(store.WorkItemListParams{Holder: id, Limit: a.Capacity})
	if err != nil {
		return err
	}
	if len(held)+t.offered[id] >= a.Capacity {
		return domain.Errorf(domain.CodeConflict, "%s has no room for another work item", id)
	}
	if t.offered == nil {
		t.offered = map[string]int{}
	}
	t.offered[id]++
	return nil
}

// checkAgent reports whether there is such an agent.
func (t *turn) checkAgent(id string) error {
	docs, err := t.tx.DocumentGet(store.AgentKind, []string{id})
	if err != nil {
		return err
	}
	a, err := store.AgentOf(docs[0])
	if err == nil && (a.ID == "" || a.Disabled) {
		err = domain.FieldErrorf("agent", "is %.60q, and there is no such agent", id)
	}
	return err
}

func endingNames(list []domain.Disposition) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return strings.Join(names, ", ")
}
