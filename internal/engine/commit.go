package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// writePart is how many decisions are written at once. While one part is
// written, the next is being decided.
const writePart = 64

// decideAndWrite lets everybody with inputs decide, on all cores, and writes
// what they decided in the order of the seats.
func (t *turn) decideAndWrite() error {
	if err := t.writeNew(); err != nil {
		return err
	}
	var deciding []*seat
	for _, s := range t.order {
		if len(s.inputs) > 0 {
			deciding = append(deciding, s)
		}
	}
	part := writePart
	if t.whole || !t.e.store.Serial() {
		part = max(1, len(deciding)) // there each call is a round trip
	}
	p := startPipeline(len(deciding), part, func(i int) { t.decideSeat(deciding[i]) })
	defer p.stop()
	k := 0
	for done := range slices.Chunk(deciding, part) {
		p.wait(k)
		if err := t.writeDecided(done); err != nil {
			return err
		}
		k++
	}
	return nil
}

// writeDecided writes what decisions say, a batch per kind of row.
func (t *turn) writeDecided(done []*seat) error {
	t.tally.did += int64(len(done))
	for _, step := range [...]func([]*seat) error{
		t.writeStates, t.writeIdentities, t.writeSubscriptions, t.writeWork, t.writeEffects,
	} {
		if err := step(done); err != nil {
			return err
		}
	}
	return nil
}

// writeInboxes writes what the turn leaves to later ones, and takes away what
// it consumed.
func (t *turn) writeInboxes() error {
	if len(t.posts) > 0 {
		if err := t.tx.PostPut(t.posts); err != nil {
			return err
		}
	}
	if len(t.deletes) > 0 {
		if err := t.tx.InboxDelete(t.deletes); err != nil {
			return err
		}
	}
	if err := t.keepLate(); err != nil {
		return err
	}
	if len(t.inbox) > 0 {
		return t.tx.InboxAppend(t.inbox)
	}
	return nil
}

// writeNew makes the customers of this turn.
func (t *turn) writeNew() error {
	var rows []store.Advocate
	var idents []store.IdentityRow
	for _, s := range t.order {
		if !s.fresh {
			continue
		}
		rows = append(rows, s.row)
		for i := range s.snap.Customer.Identities {
			idents = append(idents, store.IdentityRow{Key: s.snap.Customer.Identities[i].IdentityKey, Customer: s.id})
		}
		s.keys = make([]domain.IdentityKey, 0, 1)
		for _, id := range idents[len(idents)-len(s.snap.Customer.Identities):] {
			s.keys = append(s.keys, id.Key)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := t.tx.AdvocateInsert(rows); err != nil {
		return err
	}
	if len(idents) == 0 {
		return nil
	}
	return t.tx.IdentitySet(idents)
}

func (t *turn) writeStates(done []*seat) error {
	if len(done) == 0 {
		return nil
	}
	rows := make([]store.AdvocateWriteRow, len(done))
	for i, s := range done {
		next := &s.decision.Next
		due := next.NextDue()
		if s.timer && !due.IsZero() && !due.After(t.now) {
			// The timer was given its time and is still there: a defect of a
			// decision must not become a loop.
			t.e.log.Error("a timer that fell due is still set after its decision", "customer_id", s.id, "due", due)
			due = t.now.Add(time.Minute)
		}
		t.tally.nextDue = earlier(t.tally.nextDue, due)
		t.tally.inputs += int64(len(s.inputs))
		if s.panicked {
			t.tally.panics++
		}
		rows[i] = store.AdvocateWriteRow{
			ID: s.id, Version: next.Version, State: s.decision.State, NextDue: due, Ref: next.Customer.Ref,
			Search: searchText(&next.Customer), At: s.decision.Record.At, Record: s.record,
		}
	}
	return t.tx.AdvocateWrite(rows)
}

// writeIdentities follows what decisions did to who is whom.
func (t *turn) writeIdentities(done []*seat) error {
	var set []store.IdentityRow
	var gone []domain.IdentityKey
	for _, s := range done {
		ids := s.decision.Next.Customer.Identities
		for i := range ids {
			if !slices.Contains(s.keys, ids[i].IdentityKey) {
				set = append(set, store.IdentityRow{Key: ids[i].IdentityKey, Customer: s.id})
			}
		}
		for _, k := range s.keys {
			if s.decision.Next.Customer.Identity(k) == nil {
				gone = append(gone, k)
			}
		}
	}
	if len(gone) > 0 {
		if err := t.tx.IdentityDelete(gone); err != nil {
			return err
		}
	}
	if len(set) == 0 {
		return nil
	}
	return t.tx.IdentitySet(set)
}

// writeSubscriptions stores what advocates want to hear of from now on, and
// notes which of it may have happened already.
func (t *turn) writeSubscriptions(done []*seat) error {
	var add, gone []store.SubscriptionRow
	for _, s := range done {
		// What the state says in the end holds: one decision may subscribe and
		// take it back.
		stands := func(id string) bool {
			return slices.ContainsFunc(s.decision.Next.Subscriptions, func(x domain.Subscription) bool { return x.ID == id })
		}
		for i := range s.decision.Unsubscribe {
			if stands(s.decision.Unsubscribe[i].ID) {
				continue
			}
			gone = append(gone, store.SubscriptionRow{Customer: s.id, Subscription: s.decision.Unsubscribe[i]})
		}
		for i := range s.decision.Subscribe {
			if !stands(s.decision.Subscribe[i].ID) {
				continue
			}
			add = append(add, store.SubscriptionRow{Customer: s.id, Subscription: s.decision.Subscribe[i]})
		}
	}
	if len(gone) > 0 {
		if err := t.tx.SubscriptionDelete(gone); err != nil {
			return err
		}
		var rows []store.CatchUpRow
		for i := range gone {
			rows = append(rows, store.CatchUpRow{Customer: gone[i].Customer, Subscription: gone[i].ID})
		}
		if err := t.tx.CatchUpDelete(rows); err != nil {
			return err
		}
	}
	if len(add) == 0 {
		return nil
	}
	if err := t.tx.SubscriptionAdd(add); err != nil {
		return err
	}
	t.tally.subscriptions += int64(len(add))
	var rows []store.CatchUpRow
	for i := range add {
		sub := &add[i]
		// A Since ahead of the clock says nothing: the clock may have been set
		// back, and the log may hold events accepted "later".
		if sub.Since.IsZero() {
			continue
		}
		if t.e.store.Serial() {
			// Nothing else is being written: what is not in the log now was
			// not missed. Most subscriptions end here.
			found, err := t.tx.EventFind(store.EventFindParams{Anchor: sub.Anchor, Since: sub.Since, Upto: sub.After, Limit: 1})
			if err != nil {
				return err
			}
			if len(found) == 0 {
				continue
			}
		}
		rows = append(rows, store.CatchUpRow{
			Customer: sub.Customer, Subscription: sub.ID, Anchor: sub.Anchor, To: sub.To, Since: sub.Since, Upto: sub.After,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	t.tally.catchUps = true
	return t.tx.CatchUpAdd(rows)
}

func (t *turn) writeWork(done []*seat) error {
	var items []domain.WorkItem
	var attempts []domain.Attempt
	for _, s := range done {
		items = append(items, s.decision.WorkItems...)
		attempts = append(attempts, s.decision.Attempts...)
		if len(s.decision.Archived) > 0 {
			if err := t.tx.CasePut(s.id, s.decision.Archived); err != nil {
				return err
			}
		}
	}
	t.tally.workItems += int64(len(items))
	if len(items) > 0 {
		if err := t.tx.WorkItemPut(items); err != nil {
			return err
		}
	}
	if len(attempts) == 0 {
		return nil
	}
	return t.tx.AttemptAdd(attempts, t.now)
}

// writeEffects takes back what must not leave any more and puts new effects
// into the outbox, as the switches say.
func (t *turn) writeEffects(done []*seat) error {
	var rows []store.EffectRow
	for _, s := range done {
		if len(s.decision.Cancel) > 0 {
			if err := t.cancel(s); err != nil {
				return err
			}
		}
		for i := range s.decision.Effects {
			ef := s.decision.Effects[i]
			mode, err := t.mode(&ef)
			if err != nil {
				return err
			}
			row := store.EffectRow{Effect: ef, State: domain.EffectPending, CreatedAt: t.now, UpdatedAt: t.now}
			switch mode {
			case ModeShadow:
				t.outcome(s, &ef, domain.OutcomeShadow, "shadow: recorded, not sent", 0)
				continue
			case ModeApprove:
				row.State = domain.EffectHeld
			default:
				if ef.NotBefore.After(t.now) {
					t.tally.nextEffect = earlier(t.tally.nextEffect, ef.NotBefore)
				} else {
					t.tally.effect = true
				}
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	t.tally.effects += int64(len(rows))
	return t.tx.EffectAdd(rows)
}

// mode reads the switches when the first effect of the turn asks.
func (t *turn) mode(ef *domain.Effect) (string, error) {
	if t.switches == nil {
		sw, err := readSwitches(t.tx)
		if err != nil {
			return "", err
		}
		t.switches = &sw
	}
	return t.switches.mode(ef), nil
}

// cancel takes back a decision's unsent effects. A dead letter is let go by
// it, too, which is how a decision releases what waits behind it; that it
// failed was told before. What is being sent is left: its outcome comes.
func (t *turn) cancel(s *seat) error {
	taken, err := t.tx.EffectCancel(s.decision.Cancel)
	if err != nil {
		return err
	}
	for i := range taken {
		t.outcome(s, &taken[i].Effect, domain.OutcomeCanceled, "no longer wanted", taken[i].Attempt)
	}
	for _, id := range s.decision.Cancel {
		if slices.ContainsFunc(taken, func(r store.EffectRow) bool { return r.ID == id }) {
			continue
		}
		_, err := t.tx.EffectSet(id, []domain.EffectState{domain.EffectDead}, domain.EffectDone, time.Time{})
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	t.tally.effect = true // what stood behind them may leave
	return nil
}

// outcome tells an advocate what came of one of its effects.
func (t *turn) outcome(s *seat, ef *domain.Effect, state domain.OutcomeState, why string, attempts int) {
	t.tally.outcomes = append(t.tally.outcomes, state)
	t.append(s, domain.Input{Kind: domain.InputOutcome, At: t.now, Outcome: &domain.Outcome{
		Effect: ef.ID, Kind: ef.Kind, State: state, Case: ef.Case, Reason: why, Attempts: attempts,
	}}, t.now)
}

// writeEmitted puts what happened to advocates' own things into the event log
// and into the inboxes of those who want to hear of it.
func (t *turn) writeEmitted() error {
	var events []domain.Event
	for _, s := range t.order {
		if !s.decided {
			continue
		}
		for i := range s.decision.Emitted {
			if s.decision.Emitted[i].Hops > domain.MaxHops {
				continue
			}
			s.decision.Emitted[i].Accepted = t.now
			events = append(events, s.decision.Emitted[i])
		}
	}
	if len(events) == 0 {
		return nil
	}
	if err := t.tx.EventAppend(events); err != nil {
		return err
	}
	return t.deliver(events, newSearch(events), func(i int, sub store.SubscriptionRow) {
		t.tally.ready = true
		s := t.seatOf(sub.Customer)
		if s == nil {
			s = &seat{id: sub.Customer} // not at the table: the inbox keeps it
		}
		t.append(s, domain.Input{Kind: domain.InputEvent, At: t.now, Event: &events[i]}, t.now)
	})
}

// committed tells of a turn that is durable.
func (t *turn) committed() {
	m, y := &t.e.metrics, &t.tally
	m.posts.Add(y.posts)
	m.events.Add(y.events)
	m.commands.Add(y.commands)
	m.duplicates.Add(y.duplicates)
	for why, n := range y.aside {
		for range n {
			m.setAside(why)
		}
	}
	m.inputs.Add(y.inputs)
	m.fused.Add(y.fused)
	m.queued.Add(y.queued)
	m.dropped.Add(y.dropped)
	m.overflow.Add(y.overflow)
	m.panics.Add(y.panics)
	m.workItems.Add(y.workItems)
	m.subscriptions.Add(y.subscriptions)
	m.effects.Add(y.effects)
	m.fanout.Add(y.fanout)
	m.caughtUp.Add(y.caughtUp)
	for _, o := range y.outcomes {
		m.ended(o)
	}
	for _, s := range t.order {
		if !s.decided {
			continue
		}
		m.decisions.Add(1)
		m.alarms.Add(int64(len(s.decision.Alarms)))
		for _, a := range s.decision.Alarms {
			t.e.log.Warn("alarm", "customer_id", s.id, "version", s.decision.Record.Version, "why", a)
		}
		t.e.stuck.remove(s.id)
		if t.e.observer != nil {
			t.e.observer(Change{Customer: s.id, Record: &s.decision.Record, Decision: &s.decision})
		}
	}
	if y.ready || y.catchUps || y.fanouts {
		t.e.due.ring()
	}
	t.e.due.before(y.nextDue)
	if y.effect {
		t.e.effects.ring()
	}
	t.e.effects.before(y.nextEffect)
}
