package advocate

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// deciding is one call of Decide while it runs.
type deciding struct {
	pb      *playbook.Playbook
	policy  *domain.Policy
	zone    *time.Location
	now     time.Time
	inputs  []domain.Input
	input   int    // the one being taken
	trigger string // whose rules are being tried
	snap    domain.Snapshot
	d       domain.Decision

	fresh  []fresh  // posts taken in whose rules have not been tried yet
	drafts []draft  // messages proposed for the current input
	acted  []string // cases something was done about in the current input
	rated  []string // cases whose rating came with a complaint; its rules have not been tried yet

	spoken []string // cases that a message left for in the current input

	changes []workChange   // of work items, whose rules have not been tried yet
	told    map[string]int // changes whose rules the current input tried, by case
}

// fresh is what was just said about one case.
type fresh struct {
	caseID  string
	posts   []*domain.Post
	said    []*domain.Understanding // of each post
	meaning domain.Understanding    // of all of them together
	edited  bool

	refsBefore []string // the orders the case had named before
	opened     bool     // it began the case
}

func (t *deciding) in() *domain.Input { return &t.inputs[t.input] }

func (t *deciding) entry(e domain.Entry) {
	e.At = t.now
	t.d.Record.Entries = append(t.d.Record.Entries, e)
}

func (t *deciding) alarm(caseID, text string) {
	t.d.Alarms = append(t.d.Alarms, text)
	t.entry(domain.Entry{Kind: domain.EntryAlarm, Case: caseID, Text: text})
}

// did notes that something was done about a case, so that the fallback for
// cases nobody cared about leaves it alone.
func (t *deciding) did(caseID string) {
	if !slices.Contains(t.acted, caseID) {
		t.acted = append(t.acted, caseID)
	}
}

func (t *deciding) id(kind domain.ObjectKind, counter *int64) string {
	*counter++
	return domain.ObjectID(t.snap.Customer.ID, kind, *counter)
}

// effect adds an effect to the decision and returns its id.
func (t *deciding) effect(e domain.Effect) string {
	e.ID = t.id(domain.KindEffect, &t.snap.Numbers.Effect)
	e.Customer = t.snap.Customer.ID
	e.Ordinal = t.snap.Numbers.Effect
	e.MaxAttempts = e.Kind.Attempts()
	if e.NotBefore.IsZero() {
		e.NotBefore = t.now
	}
	t.d.Effects = append(t.d.Effects, e)
	return e.ID
}

func (t *deciding) note(n domain.EffectNote) { t.d.Record.Effects = append(t.d.Record.Effects, n) }

// emit tells the contact center what happened to something of the advocate's.
func (t *deciding) emit(kind, caseID, workItem string, data map[string]any) {
	t.emitted(kind, caseID, workItem, data)
}

// emitted is emit, and returns what was said. It says nothing, and ok is false,
// at the end of a chain of events that led to events.
func (t *deciding) emitted(kind, caseID, workItem string, data map[string]any) (e domain.Event, ok bool) {
	hops := 1
	if e := t.in().Event; e != nil {
		hops = e.Hops + 1
	}
	if hops > domain.MaxHops {
		return e, false
	}
	var raw json.RawMessage
	if len(data) > 0 {
		raw, _ = json.Marshal(data) // strings and numbers only; keys come out sorted
	}
	e = domain.Event{
		Source: "advocate", ID: t.id(domain.KindEmitted, &t.snap.Numbers.Emitted), Type: kind, Time: t.now,
		CaseID: caseID, WorkItemID: workItem, CustomerRef: t.snap.Customer.Ref, Hops: hops, Data: raw,
	}
	t.d.Emitted = append(t.d.Emitted, e)
	return e, true
}

// setTimer sets or moves a timer. A zero due removes it.
func (t *deciding) setTimer(tm domain.Timer) {
	t.dropTimer(tm.Name)
	if tm.Due.IsZero() {
		return
	}
	if len(t.snap.Timers) >= domain.MaxTimers && tm.Kind == domain.TimerReminder {
		t.note(domain.EffectNote{Kind: "remind", What: tm.Name, Suppressed: said.ManyTimers.Text()})
		return
	}
	t.snap.Timers = append(t.snap.Timers, tm)
}

func (t *deciding) dropTimer(name string) {
	t.snap.Timers = slices.DeleteFunc(t.snap.Timers, func(x domain.Timer) bool { return x.Name == name })
}

func sortTimers(ts []domain.Timer) {
	slices.SortFunc(ts, func(a, b domain.Timer) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Name, b.Name))
	})
}

// timerName names a case's or thing's own timer of a kind.
func (t *deciding) timerName(kind domain.TimerKind, ref string) string {
	return string(kind) + ":" + t.shortRef(ref)
}

// shortRef is an id without the customer's own. What came with a merge was
// numbered under somebody else and keeps its whole id, so that the first
// promise of each has a timer of its own.
func (t *deciding) shortRef(ref string) string {
	head, short, ok := strings.Cut(ref, "-")
	if ok && head == t.snap.Customer.ID.String() {
		return short
	}
	return ref
}

// openCase starts a case from a post.
func (t *deciding) openCase(p *domain.Post, intent domain.Intent) *domain.Case {
	c := domain.Case{
		ID:    t.id(domain.KindCase, &t.snap.Numbers.Case),
		State: domain.CaseOpen, Identity: p.Identity(), Thread: p.ID, OpenedAt: t.now, UpdatedAt: t.now,
		Sentiment: domain.Neutral, Urgency: domain.UrgencyNormal,
	}
	t.snap.Cases = append(t.snap.Cases, c)
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "opened", Ref: p.ID})
	t.emit("advocate.case.opened", c.ID, "", map[string]any{"network": p.Network, "visibility": p.Visibility, "intent": intent})
	return &t.snap.Cases[len(t.snap.Cases)-1]
}

// resolve ends a case. What was still promised falls away with it, unless a
// person is still to call.
func (t *deciding) resolve(c *domain.Case, outcome, reason string) {
	if !c.IsOpen() {
		return
	}
	c.State, c.Outcome, c.Reason, c.ResolvedAt = domain.CaseResolved, outcome, reason, t.now
	disown(c) // whoever had it has nothing more to do
	c.HandedOver, c.Verify, c.Asks = false, nil, ""
	for i := range c.Promises {
		t.endPromise(c, &c.Promises[i], domain.PromiseWithdrawn, said.CaseEnded.Text(outcome))
	}
	for _, ref := range slices.Clone(c.WorkItems) {
		w := t.snap.WorkItem(ref.ID)
		switch {
		case ref.State.Final() || w == nil:
		case w.State == domain.WorkWrapping: // the work was done
			w.Disposition = first(w.Disposition, domain.DispositionUnspecified)
			t.finishWork(c, w, nil)
		default:
			t.cancelWorkItem(c, ref.ID, said.CaseEnded.Text(outcome), nil)
		}
	}
	for _, kind := range []domain.TimerKind{domain.TimerDeadline, domain.TimerVerify, domain.TimerNumber, domain.TimerClose, domain.TimerLookup, domain.TimerStale} {
		t.dropTimer(t.timerName(kind, c.ID))
	}
	c.Asked = nil
	kind := domain.EntryCase
	if outcome == OutcomeSetAside {
		kind = domain.EntryAside
	}
	t.entry(domain.Entry{Kind: kind, Case: c.ID, What: "resolved", Text: said.Because(said.Ended.Text(outcome), reason)})
	data := matter(c)
	maps.Copy(data, map[string]any{
		"outcome": outcome, "lang": c.Lang, "by_person": c.Person, "reopened": c.Reopened,
		"opened_seconds": seconds(t.now.Sub(c.OpenedAt)), "sentiment_before": c.FirstSentiment, "sentiment_after": c.Sentiment,
	})
	t.emit("advocate.case.resolved", c.ID, "", data)
	t.did(c.ID)
	t.planRating(c)
}

// Outcomes that the engine itself gives a case and that mean something to it.
const (
	OutcomeSetAside = "set_aside" // it asked for nothing
	OutcomeStopped  = "stopped"   // the customer asked us to stop
)

// reopen makes a resolved case somebody's business again.
func (t *deciding) reopen(c *domain.Case) {
	if c.IsOpen() {
		return
	}
	revive(c)
	t.dropRating(c)
	t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "reopened"})
	t.emit("advocate.case.reopened", c.ID, "", matter(c))
}

// revive has a case go on.
func revive(c *domain.Case) {
	c.State, c.Outcome, c.Reason, c.ResolvedAt = domain.CaseOpen, "", "", time.Time{}
	c.Reopened++
	c.HandedOver = false
	disown(c)
}

// matter is what tells a report where to count what happened to a case.
func matter(c *domain.Case) map[string]any {
	return map[string]any{"network": c.Identity.Network, "intent": c.Intent}
}

func joinNonEmpty(sep string, parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, sep)
}

// settleCases gives every case the state and the timers that its contents ask
// for.
func (t *deciding) settleCases() {
	for i := range t.snap.Cases {
		c := &t.snap.Cases[i]
		if !c.IsOpen() {
			continue
		}
		state := domain.CaseOpen
		if c.Answered || c.HandedOver || c.Taken() || c.Verify != nil && !c.Verify.Failed || len(c.Asked) > 0 {
			state = domain.CaseWaiting
		}
		if state != c.State {
			c.State = state
			if state == domain.CaseWaiting {
				t.emit("advocate.case.waiting", c.ID, "", nil)
			}
		}
		deadline := t.timerName(domain.TimerDeadline, c.ID)
		if c.Answered || c.HandedOver || c.Taken() {
			c.Deadline = time.Time{}
			t.dropTimer(deadline)
		} else if t.snap.Timer(deadline) == nil {
			if c.Deadline.IsZero() || !c.Deadline.After(t.now) {
				c.Deadline = t.now.Add(t.policy.AnswerWithin)
			}
			t.setTimer(domain.Timer{Name: deadline, Kind: domain.TimerDeadline, Due: c.Deadline, Case: c.ID})
		}
		t.settleClose(c)
		t.settleStale(c)
	}
}

// settleClose sets the timer that ends a case nobody speaks about any more.
func (t *deciding) settleClose(c *domain.Case) {
	name := t.timerName(domain.TimerClose, c.ID)
	idle := c.Answered && !c.HandedOver && !c.Taken() && c.Verify == nil && len(c.Asked) == 0 && !c.HasOpenPromise("") && !hasOpenWork(c)
	if !idle {
		t.dropTimer(name)
		return
	}
	if t.snap.Timer(name) == nil {
		t.setTimer(domain.Timer{Name: name, Kind: domain.TimerClose, Due: t.now.Add(t.policy.QuietClose), Case: c.ID})
	}
}

func hasOpenWork(c *domain.Case) bool {
	return slices.ContainsFunc(c.WorkItems, func(w domain.WorkItemRef) bool { return !w.State.Final() })
}

// bound lets go of what the snapshot need not hold.
func (t *deciding) bound() {
	s := &t.snap
	for len(s.Cases) > domain.MaxKeptCases {
		oldest := t.oldestResolved(func(c *domain.Case) bool { return !t.keepsForRating(c) && !(isQuiet(c) && t.expectsNews(c)) })
		if oldest < 0 {
			oldest = t.oldestResolved(func(*domain.Case) bool { return true })
		}
		if oldest < 0 {
			break // all are open; opening more was refused
		}
		t.dropTimer(t.timerName(domain.TimerRating, s.Cases[oldest].ID))
		t.d.Archived = append(t.d.Archived, s.Cases[oldest])
		s.Cases = slices.Delete(s.Cases, oldest, oldest+1)
	}
	for len(s.Orders) > domain.MaxKnownOrders {
		oldest := 0
		for i := range s.Orders {
			if s.Orders[i].At.Before(s.Orders[oldest].At) {
				oldest = i
			}
		}
		s.Orders = slices.Delete(s.Orders, oldest, oldest+1)
	}
	s.WorkItems = slices.DeleteFunc(s.WorkItems, func(w domain.WorkItem) bool { return w.State.Final() })
	s.Contacts = recent(s.Contacts, t.now.Add(-24*time.Hour))
	s.Sent = recent(s.Sent, t.now.Add(-time.Hour))
	s.Attempts = recent(s.Attempts, t.now.Add(-24*time.Hour))
	for i := range s.Cases {
		if c := &s.Cases[i]; len(c.Posts) > domain.MaxCasePosts {
			c.Posts = slices.Delete(c.Posts, 0, len(c.Posts)-domain.MaxCasePosts)
		}
	}
}

// oldestResolved is the index of the case that ended first of those that may
// go; -1 if there is none.
func (t *deciding) oldestResolved(mayGo func(*domain.Case) bool) int {
	oldest := -1
	for i := range t.snap.Cases {
		c := &t.snap.Cases[i]
		if !c.IsOpen() && (oldest < 0 || c.ResolvedAt.Before(t.snap.Cases[oldest].ResolvedAt)) && mayGo(c) {
			oldest = i
		}
	}
	return oldest
}

func recent(ts []time.Time, since time.Time) []time.Time {
	ts = slices.DeleteFunc(ts, func(x time.Time) bool { return x.Before(since) })
	if len(ts) == 0 {
		return nil
	}
	return ts
}
