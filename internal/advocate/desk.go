package advocate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// commandOnDesk moves a work item between people. What does not fit the item
// any more changes nothing: the engine has refused it at the edge unless
// something overtook it.
func (t *deciding) commandOnDesk(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	switch cmd.Kind {
	case domain.CommandOffer:
		t.offer(c, w, cmd)
	case domain.CommandAccept:
		t.accept(c, w, cmd)
	case domain.CommandReject:
		if r := t.reservation(w, cmd); r != nil && r.Agent == cmd.By {
			t.letGo(c, w, domain.ReservationRejected, said.Because(said.Rejected.Text(cmd.By), cmd.Note))
		}
	case domain.CommandRescind:
		if t.reservation(w, cmd) != nil {
			t.letGo(c, w, domain.ReservationRescinded, said.Because(said.TakenBack.Text(), cmd.Note))
		}
	case domain.CommandWrap:
		t.wrap(c, w, cmd)
	case domain.CommandTransfer:
		t.transfer(c, w, cmd)
	case domain.CommandSnooze:
		t.snooze(c, w, cmd)
	case domain.CommandRaise:
		t.reprioritize(c, w, cmd)
	case domain.CommandExpert:
		t.askExpert(c, w, cmd)
	case domain.CommandCall:
		t.callRequested(c, w, cmd)
	}
}

// callRequested is an agent who rings the customer by a telephone of their own.
// The log says that, and where the number is from, and never the number: it is
// read from the work item, by whoever may.
func (t *deciding) callRequested(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State != domain.WorkAssigned && w.State != domain.WorkWrapping || w.Agent != cmd.By || w.Number == "" {
		return
	}
	c.UpdatedAt = t.now
	t.entry(domain.Entry{Kind: domain.EntryWorkItem, Case: c.ID, What: "call", Text: said.Calls.Text(cmd.By), Ref: w.ID, By: cmd.By})
	data := matter(c)
	maps.Copy(data, map[string]any{"agent": cmd.By, "queue": w.Queue, "kind": w.Kind, "number_from": w.NumberFrom, "attempts": w.Attempts + 1})
	t.emit("advocate.call.requested", c.ID, w.ID, data)
}

// reservation is the item's pending one, if it is the one that is meant.
func (t *deciding) reservation(w *domain.WorkItem, cmd *domain.Command) *domain.Reservation {
	r := w.Reservation
	if w.State != domain.WorkReserved || r == nil || r.State != domain.ReservationPending || r.ID != cmd.Reservation {
		return nil
	}
	return r
}

// offer reserves an item for one agent until they answer or the offer runs out.
// How long that is the queue says, and the time is the advocate's: the one who
// offers may have another.
func (t *deciding) offer(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State != domain.WorkPending || cmd.Agent == "" || cmd.Reservation != domain.ReservationID(w.ID, w.Offers+1) {
		return
	}
	w.Offers++
	q := t.policy.Queue(w.Queue)
	until := t.now.Add(q.OfferFor)
	w.Reservation = &domain.Reservation{ID: cmd.Reservation, Agent: cmd.Agent, State: domain.ReservationPending, OfferedAt: t.now, Until: until, Why: clip(cmd.Note, 200)}
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerReservation, w.ID), Kind: domain.TimerReservation, Due: until, Case: c.ID, Ref: w.ID})
	t.moveWorkItem(c, w, domain.WorkReserved, said.Offered.Text(cmd.Agent), nil)
}

// accept gives the item, and with it the case, to the agent it was offered to.
func (t *deciding) accept(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	r := t.reservation(w, cmd)
	if r == nil || r.Agent != cmd.By || !t.now.Before(r.Until) {
		return
	}
	t.endReservation(w, domain.ReservationAccepted, "")
	t.assign(c, w, cmd.By)
}

// assign puts an item into an agent's hands. Work on a case takes the case;
// an expert who is asked about somebody else's does not.
func (t *deciding) assign(c *domain.Case, w *domain.WorkItem, by string) {
	waited, q := t.now.Sub(w.Waiting()), t.policy.Queue(w.Queue)
	w.Agent, w.AssignedAt, w.Passed, w.For = by, t.now, nil, ""
	t.moveWorkItem(c, w, domain.WorkAssigned, said.Accepted.Text(by), map[string]any{
		"agent": by, "waited_seconds": seconds(waited), "in_target": waited <= q.Target,
	})
	if w.Kind != domain.Expert || !c.Taken() {
		t.takeByWork(c, by)
	}
}

// letGo takes a pending offer back. Who did not want the item is asked for it
// again only when nobody else is left.
func (t *deciding) letGo(c *domain.Case, w *domain.WorkItem, to domain.ReservationState, why string) {
	if to != domain.ReservationRescinded && len(w.Passed) < domain.MaxPassed && !slices.Contains(w.Passed, w.Reservation.Agent) {
		w.Passed = append(slices.Clone(w.Passed), w.Reservation.Agent)
	}
	t.endReservation(w, to, why)
	t.requeue(c, w, w.Queue, string(to), why)
}

// endReservation writes down what became of an offer. The row that was decided
// before shares the old value, so it is replaced and never changed.
func (t *deciding) endReservation(w *domain.WorkItem, to domain.ReservationState, why string) {
	if w.Reservation == nil || !w.Reservation.State.MayBecome(to) {
		return
	}
	r := *w.Reservation
	r.State, r.Why = to, why
	if to.Final() {
		r.EndedAt = t.now
	}
	w.Reservation = &r
	t.dropTimer(t.timerName(domain.TimerReservation, w.ID))
}

// requeue puts an item into its queue again, which may be another than the one
// it comes from; what is a word for the reason.
func (t *deciding) requeue(c *domain.Case, w *domain.WorkItem, from, what, why string) {
	agent := w.Holder()
	held := w.State == domain.WorkAssigned || w.State == domain.WorkWrapping
	data := map[string]any{"why": what, "agent": agent}
	if from != w.Queue {
		data["from_queue"] = from
	}
	if held {
		t.worked(w, data)
		w.Agent, w.AssignedAt, w.HungUpAt, w.WrapUntil = "", time.Time{}, time.Time{}, time.Time{}
		t.dropTimer(t.timerName(domain.TimerWrap, w.ID))
	}
	t.moveWorkItem(c, w, domain.WorkPending, why, data)
	if held && c.Owner == agent {
		disown(c)
		c.UpdatedAt = t.now // it still waits for a person: HandedOver stays
		t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "let go", Text: why, By: agent})
	}
}

// offerRanOut is an agent who did not answer in time.
func (t *deciding) offerRanOut(c *domain.Case, id string) {
	w := t.snap.WorkItem(id)
	if w == nil || w.State != domain.WorkReserved || w.Reservation == nil || w.Reservation.Until.After(t.now) {
		return
	}
	t.letGo(c, w, domain.ReservationTimeout, said.NotInTime.Text(w.Reservation.Agent))
}

// wrap begins after-contact work: the call is over, what came of it is still
// to be said.
func (t *deciding) wrap(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State != domain.WorkAssigned || w.Agent != cmd.By {
		return
	}
	q := t.policy.Queue(w.Queue)
	w.HungUpAt, w.WrapUntil, c.UpdatedAt = t.now, t.now.Add(q.WrapFor), t.now
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerWrap, w.ID), Kind: domain.TimerWrap, Due: w.WrapUntil, Case: c.ID, Ref: w.ID})
	t.moveWorkItem(c, w, domain.WorkWrapping, said.Wrapping.Text(cmd.By), map[string]any{"agent": cmd.By, "until": stamp(w.WrapUntil)})
}

// wrapRanOut ends after-contact work whose agent has said nothing. What was
// promised stays open, and the agent is asked how it ended.
func (t *deciding) wrapRanOut(c *domain.Case, id string) {
	w := t.snap.WorkItem(id)
	if w == nil || w.State != domain.WorkWrapping {
		return
	}
	agent, queue := w.Agent, w.Queue
	t.alarm(c.ID, said.WrapRanOut.Text(w.ID, agent))
	w.Disposition = domain.DispositionUnspecified
	t.finishWork(c, w, nil)
	t.handBack(c, agent)
	if c.OpenWorkItem(domain.Review) == nil {
		ask := t.newWorkItem(c, domain.Review, queue, nil)
		ask.For, ask.Priority, ask.Reason = agent, max(w.Priority, domain.PriorityHigh), said.NotSaidHowItem.Text(id)
		// The next call, if there is to be one, is made out of this item.
		ask.EndsAs, ask.Attempts, ask.Called = w.Kind, w.Attempts, w.Number
		ask.Skills, ask.Rule = slices.Clone(w.Skills), w.Rule
		ask.Post, ask.PostText, ask.PostURL = w.Post, w.PostText, w.PostURL
		ask.Note = clip(joinNonEmpty("\n", said.NoteWrapRanOut.Text(), w.Note), 2000)
		t.addWorkItem(c, ask, time.Hour)
	}
	t.handOver(c, queue, said.NotSaidHow.Text(), true)
}

// finishWork completes an item: its offer, its timers, and what a report wants to
// know of it.
func (t *deciding) finishWork(c *domain.Case, w *domain.WorkItem, more map[string]any) {
	data := map[string]any{"disposition": w.Disposition, "agent": w.Agent, "attempts": w.Attempts + 1}
	maps.Copy(data, more)
	t.worked(w, data)
	t.endReservation(w, domain.ReservationCompleted, "")
	t.dropTimer(t.timerName(domain.TimerWrap, w.ID))
	t.moveWorkItem(c, w, domain.WorkCompleted, said.Because(said.Done.Text(w.Disposition), w.Agent), data)
	t.snap.LastAgent = first(w.Agent, t.snap.LastAgent)
}

// worked notes how long an item was in its agent's hands, and how long the
// after-contact work took.
func (t *deciding) worked(w *domain.WorkItem, data map[string]any) {
	if w.AssignedAt.IsZero() {
		return
	}
	end := t.now
	if !w.HungUpAt.IsZero() {
		end = w.HungUpAt
		data["wrap_seconds"] = seconds(t.now.Sub(end))
	}
	data["handled_seconds"] = seconds(end.Sub(w.AssignedAt))
}

// transfer passes an item on: to a person, to another queue, or back to its
// own.
func (t *deciding) transfer(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State.Final() {
		return
	}
	from, held := w.Queue, w.State == domain.WorkAssigned || w.State == domain.WorkWrapping
	w.Moved++
	w.Passed, w.QueuedAt = nil, t.now
	if held && cmd.Agent != w.Agent {
		w.Passed = []string{w.Agent} // it is somebody else's turn
	}
	if w.For = cmd.Agent; cmd.Agent != "" {
		w.Before = "" // somebody else was chosen
	}
	if _, known := t.policy.Queues[cmd.Queue]; known {
		w.Queue = cmd.Queue
	}
	passed := said.PassedOn
	if held && cmd.Agent == "" && w.Queue == from {
		passed = said.PutBack
	}
	why := said.Because(passed.Text(cmd.By), cmd.Note)
	if cmd.Note != "" {
		w.Note = clip(joinNonEmpty("\n", fmt.Sprintf("%s: %s", cmd.By, cmd.Note), w.Note), 2000)
	}
	if w.Moved == domain.MaxMoved {
		w.Priority = domain.PriorityUrgent
		t.alarm(c.ID, said.ItemPassed.Text(w.ID, strconv.Itoa(w.Moved)))
	}
	t.did(c.ID)
	switch w.State {
	case domain.WorkPending:
		t.putWorkItem(c, w, why)
		t.workItemChanged(c, w, "changed", map[string]any{"why": "transferred", "from_queue": from, "to_agent": cmd.Agent})
	case domain.WorkReserved:
		t.endReservation(w, domain.ReservationRescinded, why)
		t.requeue(c, w, from, "transferred", why)
	default:
		t.endReservation(w, domain.ReservationCompleted, why)
		t.requeue(c, w, from, "transferred", why)
	}
}

// snooze lets an agent come back to an item later. A promise to call earlier
// than that stands, unless the agent has agreed another time.
func (t *deciding) snooze(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State != domain.WorkAssigned && w.State != domain.WorkWrapping || w.Agent != cmd.By || !cmd.Until.After(t.now) {
		return
	}
	w.NotBefore, w.For = cmd.Until, cmd.By
	due := cmd.Until.Add(time.Hour)
	if cmd.Promise != nil {
		due = cmd.Promise.By
		t.movePromise(c, cmd.Promise.What, due)
		t.agreedOn(c, cmd.Promise.What)
	}
	if w.Due.Before(due) {
		w.Due = due
	}
	why := said.Because(said.PutOff.Text(cmd.By), cmd.Note)
	t.did(c.ID)
	t.endReservation(w, domain.ReservationCompleted, why)
	t.requeue(c, w, w.Queue, "snoozed", why)
}

// reprioritize is a supervisor's: an item becomes more or less pressing.
func (t *deciding) reprioritize(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if w.State.Final() {
		return
	}
	if cmd.Priority > 0 {
		w.Priority = min(cmd.Priority, domain.PriorityUrgent)
	}
	if cmd.Until.After(t.now) {
		w.Due = cmd.Until
	}
	t.did(c.ID)
	t.putWorkItem(c, w, said.Because(said.RaisedBy.Text(cmd.By), cmd.Note))
	t.workItemChanged(c, w, "changed", map[string]any{"why": "raised", "due": stamp(w.Due)})
}

// askExpert makes work for an expert out of an agent's question. The agent
// keeps the case; the answer comes back as a note.
func (t *deciding) askExpert(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	note := said.NoteAsks.Text(cmd.By, cmd.Note)
	if ref := c.OpenWorkItem(domain.Expert); ref != nil {
		if open := t.snap.WorkItem(ref.ID); open != nil {
			open.Note = clip(joinNonEmpty("\n", note, open.Note), 2000)
			t.putWorkItem(c, open, said.AskedAgain.Text(cmd.By))
			t.workItemChanged(c, open, "changed", map[string]any{"why": "asked again"})
		}
		return
	}
	x := t.newWorkItem(c, domain.Expert, first(cmd.Queue, w.Queue), nil)
	x.Post, x.PostText, x.PostURL = w.Post, w.PostText, w.PostURL
	x.Note, x.Reason, x.Priority = clip(note, 2000), said.AskedBy.Text(cmd.By), w.Priority
	x.For, x.Before = cmd.Agent, ""
	t.addWorkItem(c, x, time.Hour)
}

// expertAnswered brings an expert's answer to the agent who asked.
func (t *deciding) expertAnswered(c *domain.Case, done *domain.WorkItem) {
	what := said.NoteAnswers.Text(done.Agent, first(done.CloseNote, done.Disposition))
	for i := range c.WorkItems {
		ref := &c.WorkItems[i]
		if ref.State.Final() || ref.Kind == domain.Expert {
			continue
		}
		if w := t.snap.WorkItem(ref.ID); w != nil {
			w.Note = clip(joinNonEmpty("\n", what, w.Note), 2000)
			t.putWorkItem(c, w, said.ExpertSaid.Text())
			t.workItemChanged(c, w, "changed", map[string]any{"why": "expert answered", "agent": w.Agent})
		}
	}
}

// stale is a case that a person has and that nobody moves.
func (t *deciding) stale(c *domain.Case) {
	if !c.Taken() {
		return
	}
	t.alarm(c.ID, said.CaseStale.Text(c.Owner, t.staleAfter(c).String()))
	t.emit("advocate.case.stale", c.ID, "", map[string]any{"agent": c.Owner, "since": stamp(c.UpdatedAt)})
}

// staleAfter is how long a person may have a case without moving it.
func (t *deciding) staleAfter(c *domain.Case) time.Duration {
	queue := t.policy.DefaultQueue
	for i := range c.WorkItems {
		if ref := &c.WorkItems[i]; !ref.State.Final() {
			queue = ref.Queue
			break
		}
	}
	q := t.policy.Queue(queue)
	return q.StaleAfter
}

// settleStale sets the timer that looks after a case in a person's hands. It
// goes off once for each time that the case was moved.
func (t *deciding) settleStale(c *domain.Case) {
	name := t.timerName(domain.TimerStale, c.ID)
	due := c.UpdatedAt.Add(t.staleAfter(c))
	if !c.Taken() {
		t.dropTimer(name)
		return
	}
	// One that is due stays until it goes off: something else may have woken the
	// advocate before the alarm.
	if tm := t.snap.Timer(name); due.After(t.now) && (tm == nil || !tm.Due.Equal(due)) {
		t.setTimer(domain.Timer{Name: name, Kind: domain.TimerStale, Due: due, Case: c.ID})
	}
}

func seconds(d time.Duration) int64 { return max(int64(d/time.Second), 0) }

func stamp(x time.Time) string { return x.UTC().Format(time.RFC3339) }
