package advocate

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// maxTimersAtOnce bounds what one decision takes up; the rest wakes it again.
const maxTimersAtOnce = 50

// takeTimers takes up what fell due, earliest first.
func (t *deciding) takeTimers() {
	var due []domain.Timer
	for _, tm := range t.snap.Timers {
		if !tm.Due.After(t.now) {
			due = append(due, tm)
		}
	}
	sortTimers(due)
	if len(due) > maxTimersAtOnce {
		due = due[:maxTimersAtOnce]
	}
	for _, tm := range due {
		if t.snap.Timer(tm.Name) == nil {
			continue // an earlier one of this decision did away with it
		}
		t.dropTimer(tm.Name)
		if due := &t.d.Record.Due; !slices.Contains(*due, tm.Kind) {
			*due = append(*due, tm.Kind)
		}
		t.takeTimer(tm)
	}
}

func (t *deciding) takeTimer(tm domain.Timer) {
	if tm.Kind == domain.TimerSubscription {
		t.dropSubscription(tm.Ref, "expired")
		return
	}
	c := t.snap.Case(tm.Case)
	if c == nil || !c.IsOpen() && tm.Kind != domain.TimerReminder && tm.Kind != domain.TimerRating {
		return
	}
	switch tm.Kind {
	case domain.TimerDeadline:
		if !c.Answered && !c.HandedOver && !c.Taken() {
			t.alarm(c.ID, said.PostNeglected.Text())
			t.handOver(c, "", said.NothingDone.Text(), false)
		}
	case domain.TimerPromise:
		for i := range c.Promises {
			if p := &c.Promises[i]; p.ID == tm.Ref && p.State == domain.PromiseOpen {
				t.breakPromise(c, p)
				break
			}
		}
	case domain.TimerNumber:
		t.offerWithoutNumber(c, tm.Ref)
	case domain.TimerWorkItem:
		t.overdue(c, tm.Ref)
	case domain.TimerReminder:
		v := t.view(c)
		v.Reminder = tm.Ref
		t.fire("reminder."+tm.Ref, c.ID, v)
	case domain.TimerVerify:
		if c.Verify != nil && !c.Verify.Failed {
			c.Verify = nil
			t.handOver(c, "", said.ProofNotAnswered.Text(), true)
		}
	case domain.TimerClose:
		t.closeQuiet(c)
	case domain.TimerLookup:
		t.lookupsLost(c)
	case domain.TimerReservation:
		t.offerRanOut(c, tm.Ref)
	case domain.TimerWrap:
		t.wrapRanOut(c, tm.Ref)
	case domain.TimerStale:
		t.stale(c)
	case domain.TimerRating:
		t.askRating(c)
	}
}

// OutcomeUnanswered is the outcome of a case in which we asked something and were
// not answered.
const OutcomeUnanswered = "unanswered"

// outcomeAnswered is the outcome of a case that was answered and that nobody
// wrote about any more. Agents and rules use the same word.
const outcomeAnswered = "answered"

// closeQuiet ends a case that nobody writes about any more. What ended with a
// question of ours was not answered: a matter that somebody needed is looked at
// by a person instead.
func (t *deciding) closeQuiet(c *domain.Case) {
	switch {
	case c.Asks == "":
		expects := t.expectsNews(c)
		t.resolve(c, outcomeAnswered, said.NobodyWrote.Text())
		if expects {
			t.dropRating(c) // how it went is not known yet
		}
	case c.Needed:
		t.handOver(c, "", said.NeededHelp.Text(), true)
	default:
		t.resolve(c, OutcomeUnanswered, said.QuestionOpen.Text())
	}
}

// expectsNews reports whether news of a case's matter is still waited for: of one of
// its orders that is under way, or of the end of an outage.
func (t *deciding) expectsNews(c *domain.Case) bool {
	return slices.ContainsFunc(t.snap.Subscriptions, func(s domain.Subscription) bool {
		if s.Case != c.ID || !s.Expires.After(t.now) {
			return false
		}
		if s.Anchor.Attr != domain.AnchorOrder {
			return awaitsOutage(c, &s)
		}
		o := t.snap.Order(s.Anchor.Value)
		return o != nil && o.Found && !o.Status.Final() && t.mayHear(c, o.ID)
	})
}

// outageEnded is the event that ends an outage.
const outageEnded = "outage.ended"

// awaitsOutage reports whether a case's customer was told that they would hear of
// the end of an outage. Who follows all outages of an area may do so in case there
// is one.
func awaitsOutage(c *domain.Case, s *domain.Subscription) bool {
	return s.To == outageEnded ||
		domain.TypeMatches(s.To, outageEnded) && (c.Intent == domain.IntentTechnical || slices.Contains(c.Topics, domain.TopicOutage))
}

// isQuiet reports whether a case has ended only because nobody wrote any more.
func isQuiet(c *domain.Case) bool {
	return !c.IsOpen() && c.Outcome == outcomeAnswered && c.Reason == said.NobodyWrote.Text()
}

// wakes reports whether an event is news for a case that is quiet: its customer
// was told to hear of it. Silence ends what is to be done, not what was said.
// What an agent or the customer ended stays ended, as does what the customer has
// deleted, and of several cases of an identity that want the event the open or
// else the newest one has it.
func (t *deciding) wakes(c *domain.Case, e *domain.Event, cases []string) bool {
	if !isQuiet(c) || c.LatestPost(domain.FromCustomer) == nil || t.snap.Customer.Consent.Stopped || t.ignored(c.Identity) || !t.isNews(c, e) {
		return false
	}
	for _, id := range cases {
		if o := t.snap.Case(id); o != nil && o.ID != c.ID && o.Identity == c.Identity && (o.IsOpen() || o.OpenedAt.After(c.OpenedAt)) {
			return false
		}
	}
	before := *c
	defer func() { *c = before }()
	revive(c) // as the rules will see it
	v := t.view(c)
	v.Event, v.Order = e, t.orderInFocus(c, e)
	return slices.ContainsFunc(t.pb.Rules(e.Type), func(r *playbook.Rule) bool {
		fires, _, err := r.Eval(v)
		return fires && err == nil && (r.Once != "case" || !c.HasFired(r.Name))
	})
}

// isNews reports whether an event is about the matter of a case that wants it:
// one of its own orders, whatever else its customer orders, or the outage.
func (t *deciding) isNews(c *domain.Case, e *domain.Event) bool {
	if e.OrderID != "" && (e.OrderID == c.Focus || slices.Contains(c.OrderRefs, e.OrderID)) {
		return true
	}
	return slices.ContainsFunc(t.snap.Subscriptions, func(s domain.Subscription) bool {
		return s.Case == c.ID && s.Expires.After(t.now) && s.Matches(e, e.Anchors()) &&
			(s.Anchor.Attr == domain.AnchorOrder || e.Type == outageEnded && awaitsOutage(c, &s))
	})
}

// offerWithoutNumber lets a call be offered although no number came: the
// agent may find one, or write.
func (t *deciding) offerWithoutNumber(c *domain.Case, id string) {
	w := t.snap.WorkItem(id)
	if w == nil || w.State != domain.WorkPending || w.Number != "" {
		return
	}
	w.NotBefore = time.Time{}
	t.putWorkItem(c, w, said.NoNumber.Text())
}

// overdue raises work that nobody has done in time.
func (t *deciding) overdue(c *domain.Case, id string) {
	w := t.snap.WorkItem(id)
	if w == nil || w.State.Final() {
		return
	}
	w.Priority, w.Overdue = domain.PriorityUrgent, w.Due
	w.Raised++
	t.alarm(c.ID, said.ItemOverdue.Text(w.ID))
	t.putWorkItem(c, w, said.PastDue.Text())
	t.workItemChanged(c, w, "overdue", map[string]any{"due": stamp(w.Due), "agent": w.Agent})
}

// lookupsLost treats answers that never came as answers that say so.
func (t *deciding) lookupsLost(c *domain.Case) {
	lost := slices.Clone(c.Asked)
	for i := range lost {
		a := domain.ComponentAnswer{Lookup: lost[i], Error: said.NoAnswerInTime.Text()}
		t.takeAnswer(&domain.Input{Kind: domain.InputAnswer, At: t.now, Answer: &a})
	}
}
