package advocate

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// actWorkItem creates work for a person, or raises the one that is open: a
// case has at most one open work item of a kind.
func (t *deciding) actWorkItem(a playbook.WorkItem, c *domain.Case, r *playbook.Rule, v *playbook.View) string {
	kind := a.Kind
	if kind == "" {
		kind = domain.Callback
	}
	note := a.Note
	if kind == domain.Callback && t.callRefused(c) {
		kind, note = domain.Review, joinNonEmpty(" ", said.PointNoCall.Text(), note)
	}
	if ref := c.OpenWorkItem(kind); ref != nil {
		if w := t.snap.WorkItem(ref.ID); w != nil {
			t.raise(c, w, a, note)
			v.Due, v.Number = w.Due, w.Number
			return said.StepRaised.Text(string(kind))
		}
	}
	w := t.newWorkItem(c, kind, a.Queue, v.Post)
	w.Skills, w.Note, w.Rule, w.Reason = a.Skills, clip(note, 2000), r.Name, said.ByRule.Text(r.Name)
	if a.Priority > 0 {
		w.Priority = min(a.Priority, domain.PriorityUrgent)
	}
	if v.PostText != "" {
		w.PostText = clip(v.PostText, 2000)
	}
	within := a.Due
	if within <= 0 {
		within = 4 * time.Hour
	}
	t.addWorkItem(c, w, within)
	v.Due, v.Number = w.Due, w.Number
	return said.StepWork.Text(string(kind), w.Queue)
}

func (t *deciding) callRefused(c *domain.Case) bool {
	return c.CallConsent == domain.Refused || c.CallConsent == domain.Unasked && t.snap.Customer.Consent.Calls == domain.Refused
}

// newWorkItem fills in what is known of the matter.
func (t *deciding) newWorkItem(c *domain.Case, kind domain.WorkItemKind, queue string, p *domain.Post) *domain.WorkItem {
	if _, known := t.policy.Queues[queue]; !known {
		queue = t.policy.DefaultQueue
	}
	w := &domain.WorkItem{
		ID: t.id(domain.KindWorkItem, &t.snap.Numbers.WorkItem), Customer: t.snap.Customer.ID, Case: c.ID, Kind: kind,
		State: domain.WorkPending, Queue: queue, Lang: t.lang(c), Priority: domain.PriorityNormal, CreatedAt: t.now,
		Preferred: c.Preferred, Before: t.snap.LastAgent,
	}
	if kind == domain.Callback {
		w.TimeZone = t.zone.String()
	}
	if p != nil {
		w.Post, w.PostText, w.PostURL = p.Key(), clip(p.Text, 2000), p.URL
	} else if ver := c.Verify; ver != nil && ver.Post != "" && c.HasPost(ver.Post) {
		// The matter, not the answer to our question for proof.
		w.Post = domain.PostKey{Network: c.Identity.Network, Account: c.Identity.Account, ID: ver.Post}
		w.PostText = ver.Quote
	} else if last := c.LatestPost(domain.FromCustomer); last != nil {
		w.Post = domain.PostKey{Network: c.Identity.Network, Account: c.Identity.Account, ID: last.ID}
		w.PostText = t.recalled(c, last.ID)
	}
	return w
}

// addWorkItem computes when the work is due and what number to call, and
// writes it down.
func (t *deciding) addWorkItem(c *domain.Case, w *domain.WorkItem, within time.Duration) {
	if w.Kind == domain.Callback {
		t.fillNumber(c, w)
	}
	start := t.now
	if w.Preferred != nil && w.Kind == domain.Callback {
		asked := t.now
		start = domain.NextOpen(t.now, func(x time.Time) bool {
			return t.callable(w.Queue, x) && preferredOpen(w.Preferred, asked, x, t.zone)
		})
		if start.After(w.NotBefore) && start.After(t.now) {
			w.NotBefore = start
		}
	}
	w.Due = t.due(w, start, within)
	ref := domain.WorkItemRef{
		ID: w.ID, Kind: w.Kind, State: w.State, Queue: w.Queue, Priority: w.Priority, Due: w.Due,
		NeedsNumber: w.Kind == domain.Callback && w.Number == "",
	}
	t.reopen(c) // what is still to be done is not ended
	c.WorkItems = append(c.WorkItems, ref)
	t.snap.WorkItems = append(t.snap.WorkItems, *w)
	if ref.NeedsNumber && t.asksNumber(c) {
		t.draft(c.ID, draft{askNumber: true, rule: EngineRule, rank: rankWeak})
		t.setTimer(domain.Timer{
			Name: t.timerName(domain.TimerNumber, c.ID), Kind: domain.TimerNumber, Due: t.now.Add(t.policy.NumberWithin), Case: c.ID, Ref: w.ID,
		})
	}
	t.did(c.ID)
	t.putWorkItem(c, t.snap.WorkItem(w.ID), said.Because(said.Created.Text(), w.Reason))
	t.workItemChanged(c, t.snap.WorkItem(w.ID), "created", nil)
}

// callable reports whether a queue works at x and the customer may be rung.
func (t *deciding) callable(queue string, x time.Time) bool {
	q := t.policy.Queues[queue]
	return q.OpenAt(x, t.policy.TimeZone) && !t.policy.QuietAt(x, t.zone)
}

// due counts the queue's hours, and for a call the customer's as well.
func (t *deciding) due(w *domain.WorkItem, start time.Time, within time.Duration) time.Time {
	return domain.WorkingTime(start, within, func(x time.Time) bool {
		if w.Kind == domain.Callback {
			return t.callable(w.Queue, x)
		}
		q := t.policy.Queues[w.Queue]
		return q.OpenAt(x, t.policy.TimeZone)
	})
}

// fillNumber gives a call its number: one given in private for this case, or
// the profile's if the writing identity is proven.
func (t *deciding) fillNumber(c *domain.Case, w *domain.WorkItem) {
	id := t.snap.Customer.Identity(c.Identity)
	switch {
	case c.Phone != "":
		w.Number, w.NumberFrom = c.Phone, "given"
	case id != nil && id.Proven() && t.snap.Customer.Phone != "":
		w.Number, w.NumberFrom = t.snap.Customer.Phone, "profile"
	default:
		w.Number, w.NumberFrom = "", ""
		if t.asksNumber(c) {
			w.NotBefore = t.now.Add(t.policy.NumberWithin)
		}
	}
}

// asksNumber reports whether the customer is to be asked for a number: it is
// not to stand where everybody reads it.
func (t *deciding) asksNumber(c *domain.Case) bool {
	return c.NumberAsked.IsZero() && !t.cannot(c, domain.Private)
}

// takeBackNumbers clears the profile's number from open calls to an identity
// that is not proven any more: it may be somebody else's.
func (t *deciding) takeBackNumbers() {
	for i := range t.snap.WorkItems {
		w := &t.snap.WorkItems[i]
		c := t.snap.Case(w.Case)
		if w.NumberFrom != "profile" || w.State.Final() || c == nil {
			continue
		}
		if id := t.snap.Customer.Identity(c.Identity); id != nil && id.Proven() {
			continue
		}
		w.Number, w.NumberFrom = "", ""
		for j := range c.WorkItems {
			if c.WorkItems[j].ID == w.ID {
				c.WorkItems[j].NeedsNumber = true
			}
		}
		t.putWorkItem(c, w, said.NumberUnknown.Text())
	}
}

// giveNumber lets open calls of a case know the number the customer gave.
func (t *deciding) giveNumber(c *domain.Case) {
	for i := range c.WorkItems {
		ref := &c.WorkItems[i]
		if ref.Kind != domain.Callback || ref.State.Final() {
			continue
		}
		if w := t.snap.WorkItem(ref.ID); w != nil {
			w.Number, w.NumberFrom = c.Phone, "given"
			if !w.NotBefore.IsZero() && w.Preferred == nil {
				w.NotBefore = time.Time{}
			}
			ref.NeedsNumber = false
			t.dropTimer(t.timerName(domain.TimerNumber, c.ID))
			t.putWorkItem(c, w, said.NumberGiven.Text())
			t.did(c.ID)
			t.draft(c.ID, draft{template: "number-thanks", rule: EngineRule, rank: rankWeak})
		}
	}
}

// raise makes an open work item more pressing. Its time is never put off.
func (t *deciding) raise(c *domain.Case, w *domain.WorkItem, a playbook.WorkItem, note string) {
	w.Raised++
	w.Priority = min(max(w.Priority+10, a.Priority), domain.PriorityUrgent)
	if a.Due > 0 {
		if due := t.due(w, t.now, a.Due); due.Before(w.Due) {
			w.Due = due
		}
	}
	for _, s := range a.Skills {
		if !slices.Contains(w.Skills, s) {
			w.Skills = append(w.Skills, s)
		}
	}
	if note != "" && !strings.Contains(w.Note, note) {
		w.Note = clip(joinNonEmpty("\n", w.Note, note), 2000)
	}
	t.did(c.ID)
	t.putWorkItem(c, w, said.Raised.Text())
}

// putWorkItem writes a work item as it is now and keeps the case's own note
// of it, its timer and its summary in step.
func (t *deciding) putWorkItem(c *domain.Case, w *domain.WorkItem, what string) {
	w.UpdatedAt, w.Version = t.now, t.snap.Version+1
	w.Summary = t.summary(c)
	w.Promised = w.Promised[:0]
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen {
			w.Promised = append(w.Promised, said.PromisedBy.Text(p.What, stamp(p.Due)))
		}
	}
	for i := range c.WorkItems {
		if r := &c.WorkItems[i]; r.ID == w.ID {
			r.State, r.Queue, r.Priority, r.Due = w.State, w.Queue, w.Priority, w.Due
		}
	}
	timer := domain.Timer{Name: t.timerName(domain.TimerWorkItem, w.ID), Kind: domain.TimerWorkItem, Due: w.Due, Case: c.ID, Ref: w.ID}
	if w.State.Final() || w.Overdue.Equal(w.Due) { // an alarm was raised about this time
		timer.Due = time.Time{}
	}
	t.setTimer(timer)
	row := *w
	row.Skills, row.Promised, row.Passed = slices.Clone(w.Skills), slices.Clone(w.Promised), slices.Clone(w.Passed)
	for i := range t.d.WorkItems {
		if t.d.WorkItems[i].ID == w.ID {
			t.d.WorkItems[i] = row
			t.entry(domain.Entry{Kind: domain.EntryWorkItem, Case: c.ID, What: string(w.State), Text: what, Ref: w.ID})
			return
		}
	}
	t.d.WorkItems = append(t.d.WorkItems, row)
	t.entry(domain.Entry{Kind: domain.EntryWorkItem, Case: c.ID, What: string(w.State), Text: what, Ref: w.ID})
}

// cancelWorkItem ends work that nobody need do any more; more is what its event
// tells beside the reason.
func (t *deciding) cancelWorkItem(c *domain.Case, id, why string, more map[string]any) {
	w := t.snap.WorkItem(id)
	if w == nil || !w.State.MayBecome(domain.WorkCanceled) {
		return
	}
	w.Reason = why
	t.endReservation(w, domain.ReservationCanceled, why)
	t.dropTimer(t.timerName(domain.TimerWrap, w.ID))
	data := map[string]any{"reason": why}
	maps.Copy(data, more)
	t.moveWorkItem(c, w, domain.WorkCanceled, why, data)
}
