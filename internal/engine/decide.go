package engine

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/wire"
)

// slowDecision is how long one decision may take before it is logged. Its
// rules are bounded by their cost limits; this is for what those do not see.
const slowDecision = 250 * time.Millisecond

func (t *turn) decideSeat(s *seat) {
	now := t.now
	for i := range s.inputs {
		// The machine's clock may have been set back since an input came.
		// A record is never older than what it decided on, by which catching
		// up knows how far to look back.
		if s.inputs[i].At.After(now) {
			now = s.inputs[i].At
		}
		if ev := s.inputs[i].Event; ev != nil && ev.Accepted.After(now) {
			now = ev.Accepted
		}
	}
	began := time.Now()
	err := t.tryDecide(s, now, s.inputs, nil)
	if took := time.Since(began); took > slowDecision {
		t.e.log.Warn("a slow decision", "customer_id", s.id, "inputs", len(s.inputs), "took", took)
	}
	if err == nil {
		return
	}
	t.e.log.Error("a decision panicked; its case goes to a person", "customer_id", s.id, "version", s.row.Version, "error", err)
	s.panicked = true
	inputs := s.inputs
	why := domain.Input{Kind: domain.InputCommand, At: now, Command: &domain.Command{
		Kind: domain.CommandPanic, By: "engine", Note: "The advocate could not decide; please look at what came in.",
	}}
	why.Seq, why.NoWays = inputs[len(inputs)-1].Seq+1, inputs[0].NoWays
	if err = t.tryDecide(s, now, []domain.Input{why}, inputs); err == nil {
		return
	}
	t.e.log.Error("handing over panicked too; a review work item is written by hand", "customer_id", s.id, "version", s.row.Version, "error", err)
	t.byHand(s, now, append(inputs, why))
}

// tryDecide makes a decision over a state of its own. recorded, if not nil,
// are the inputs that the record shows before those decided on.
func (t *turn) tryDecide(s *seat, now time.Time, inputs, recorded []domain.Input) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if s.decided || recorded != nil {
		s.snap = domain.Snapshot{} // a failed try may have changed it
		if err := wire.Unmarshal(s.row.State, &s.snap); err != nil {
			return err
		}
		s.snap.Version = s.row.Version
	}
	s.decided = true
	d := t.e.decide(t.pb, s.snap, inputs, now)
	d.Record.Before = advocate.Hash(s.row.State)
	if recorded != nil {
		d.Record.Inputs = append(recorded[:len(recorded):len(recorded)], inputs...)
	}
	record := wire.Marshal(&d.Record)
	s.decision, s.record = d, record
	return nil
}

// byHand writes the least a decision can be: the inputs on record, an alarm
// and a review for a person. It calls no rule and no advocate.
func (t *turn) byHand(s *seat, now time.Time, inputs []domain.Input) {
	next := domain.Snapshot{}
	if err := wire.Unmarshal(s.row.State, &next); err != nil {
		panic("engine: a state that was read before is not readable: " + err.Error())
	}
	if now.Before(next.LastAt) {
		now = next.LastAt
	}
	const note = "The advocate failed at this customer's inputs. Please read them and act."
	next.Version, next.LastAt = s.row.Version+1, now
	next.Numbers.WorkItem++
	policy := t.pb.Policy()
	w := domain.WorkItem{
		ID: domain.ObjectID(s.id, domain.KindWorkItem, next.Numbers.WorkItem), Customer: s.id,
		Kind: domain.Review, State: domain.WorkPending, Queue: policy.DefaultQueue, Priority: domain.PriorityHigh,
		Due: now.Add(policy.AnswerWithin), Note: note, Reason: said.EngineFailure.Text(), CreatedAt: now, UpdatedAt: now, Version: next.Version,
	}
	for i := range inputs {
		if p := inputs[i].Post; p != nil {
			w.Post, w.PostText, w.PostURL = p.Key(), p.Text, p.URL
		}
	}
	for i := len(next.Cases) - 1; i >= 0; i-- {
		if c := &next.Cases[i]; c.IsOpen() {
			w.Case, c.HandedOver = c.ID, true
			c.WorkItems = append(c.WorkItems, domain.WorkItemRef{ID: w.ID, Kind: w.Kind, State: w.State, Queue: w.Queue, Priority: w.Priority, Due: w.Due})
			break
		}
	}
	next.WorkItems = append(next.WorkItems, w)
	// A timer that fell due and leads to the same failure would come back at
	// once, for ever.
	for i := range next.Timers {
		if !next.Timers[i].Due.After(now) {
			next.Timers[i].Due = now.Add(stuckPause)
		}
	}
	state := wire.Marshal(&next)
	d := domain.Decision{Next: next, State: state, WorkItems: []domain.WorkItem{w}, Alarms: []string{note}}
	d.Record = domain.Record{
		Customer: s.id, Version: next.Version, At: now, Playbook: t.pb.Hash(), Engine: domain.EngineVersion,
		Before: advocate.Hash(s.row.State), After: advocate.Hash(state), Inputs: inputs,
		Entries: []domain.Entry{
			{At: now, Kind: domain.EntryAlarm, Case: w.Case, Text: note},
			{At: now, Kind: domain.EntryWorkItem, Case: w.Case, What: string(w.State), Ref: w.ID},
		},
	}
	record := wire.Marshal(&d.Record)
	s.decided, s.decision, s.record = true, d, record
}

// ignoredQuery is what a search for customers finds those by who have an
// identity on the ignore list.
const ignoredQuery = "is:ignored"

// searchText is what a search for customers looks in.
func searchText(c *domain.Customer) string {
	var b strings.Builder
	add := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToLower(s))
	}
	add(c.Name)
	add(c.Ref)
	add(c.Email)
	add(c.Phone)
	ignored := false
	for i := range c.Identities {
		add(c.Identities[i].Handle)
		if c.Identities[i].Name != c.Name {
			add(c.Identities[i].Name)
		}
		ignored = ignored || c.Identities[i].Ignored
	}
	if ignored {
		add(ignoredQuery)
	}
	return b.String()
}
