package engine

import (
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
		t.writeStates, t.writeIdentities, t.writeSubscriptions, t.writeWork, t.writeEffects, t.writeLabels,
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
	add, gone := subscriptionChanges(done)
	if len(gone) > 0 {
		if err := t.unsubscribe(gone); err != nil {
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
	return t.planCatchUps(add)
}

// subscriptionChanges lists what decisions subscribed to and gave up. What the
// state says in the end holds: one decision may subscribe and take it back.
func subscriptionChanges(done []*seat) (add, gone []store.SubscriptionRow) {
	for _, s := range done {
		stands := func(id string) bool {
			return slices.ContainsFunc(s.decision.Next.Subscriptions, func(x domain.Subscription) bool { return x.ID == id })
		}
		for _, sub := range s.decision.Unsubscribe {
			if !stands(sub.ID) {
				gone = append(gone, store.SubscriptionRow{Customer: s.id, Subscription: sub})
			}
		}
		for _, sub := range s.decision.Subscribe {
			if stands(sub.ID) {
				add = append(add, store.SubscriptionRow{Customer: s.id, Subscription: sub})
			}
		}
	}
	return add, gone
}

func (t *turn) unsubscribe(gone []store.SubscriptionRow) error {
	if err := t.tx.SubscriptionDelete(gone); err != nil {
		return err
	}
	rows := make([]store.CatchUpRow, len(gone))
	for i := range gone {
		rows[i] = store.CatchUpRow{Customer: gone[i].Customer, Subscription: gone[i].ID}
	}
	return t.tx.CatchUpDelete(rows)
}

// planCatchUps notes which new subscriptions have to look in the event log for
// what happened before they stood. Only one without a Since wants nothing of
// it: a Since ahead of the clock does not say so, since the clock may have been
// set back after events were accepted.
func (t *turn) planCatchUps(add []store.SubscriptionRow) error {
	var rows []store.CatchUpRow
	for i := range add {
		sub := &add[i]
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
