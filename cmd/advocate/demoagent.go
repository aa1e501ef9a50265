package main

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// sampleAgents are who works for the sample company, and play themselves.
// Whoever tries the demo becomes one beside them, by the name they sign in with.
func sampleAgents() []agentChange {
	named := func(id, name string, queues, langs, skills []string, capacity int) agentChange {
		return agentChange{ID: id, By: "demo", Name: &name, Queues: queues, Langs: langs, Skills: skills, Capacity: capacity}
	}
	both := []string{"care", "urgent"}
	return []agentChange{
		named("rosa", "Rosa Diaz", both, []string{"en", "es"}, []string{"orders:4", "refunds:3"}, 1),
		named("jonas", "Jonas Weber", []string{"care"}, []string{"en", "de"}, []string{"orders:3"}, 1),
	}
}

// How long a sample agent takes: long enough to be watched.
const (
	demoAccepts = 4 * time.Second
	demoCalls   = 20 * time.Second
	demoWraps   = 6 * time.Second
	demoLooks   = time.Second
)

// fillAgents adds the sample agents that are not there yet. They are available
// where they are to play.
func (n *node) fillAgents(ctx context.Context, play bool) error {
	known, err := opAgentList(ctx, n, nothing{})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for i := range known {
		there[known[i].ID] = true
	}
	for _, a := range sampleAgents() {
		if there[a.ID] {
			continue
		}
		if _, err := opAgentSet(ctx, n, a); err != nil {
			return err
		}
	}
	activity := domain.ActivityOffline
	if play {
		activity = domain.ActivityAvailable
	}
	for _, a := range sampleAgents() {
		if _, err := n.agents().SetActivity(ctx, a.ID, activity, "", "demo"); err != nil {
			return err
		}
	}
	return nil
}

// playAgents lets the sample agents work until ctx ends: they accept what they
// are offered, call, and say how it ended.
func (n *node) playAgents(ctx context.Context) {
	tick := time.NewTicker(demoLooks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, a := range sampleAgents() {
			if err := n.playAgent(ctx, a.ID); err != nil && ctx.Err() == nil && domain.ErrorCode(err) != domain.CodeConflict {
				n.log.Warn("a sample agent could not work", "agent", a.ID, "error", err)
			}
		}
	}
}

// playAgent does what it is time for with each thing that an agent holds. One
// that counts as away since an offer ran out comes back.
func (n *node) playAgent(ctx context.Context, id string) error {
	a, err := n.agents().Get(ctx, id)
	if err != nil {
		return err
	}
	if a.Activity != domain.ActivityAvailable {
		if _, err := n.agents().SetActivity(ctx, id, domain.ActivityAvailable, "", "demo"); err != nil {
			return err
		}
	}
	var held []domain.WorkItem
	err = n.store.View(ctx, func(r store.Reader) error {
		held, err = r.WorkItemList(store.WorkItemListParams{Holder: id, Open: true, Limit: domain.MaxAgentCapacity})
		return err
	})
	if err != nil {
		return err
	}
	now := n.settings.clock.Now()
	for i := range held {
		if c, due := nextMove(&held[i], id, now); due {
			if err := n.engine.Command(ctx, held[i].Customer, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextMove is what a sample agent does next with a work item, if it is time.
func nextMove(w *domain.WorkItem, id string, now time.Time) (c domain.Command, due bool) {
	c = domain.Command{By: id, WorkItem: w.ID, Case: w.Case, Version: w.Version}
	var since time.Time
	wait := demoAccepts
	switch w.State {
	case domain.WorkReserved:
		if w.Reservation == nil {
			return c, false
		}
		c.Kind, c.Reservation, since = domain.CommandAccept, w.Reservation.ID, w.Reservation.OfferedAt
	case domain.WorkAssigned:
		c.Kind, since, wait = domain.CommandWrap, w.AssignedAt, demoCalls
	case domain.WorkWrapping:
		c.Kind, since, wait = domain.CommandComplete, w.HungUpAt, demoWraps
		c.Disposition, c.Note = ending(w)
	default:
		return c, false
	}
	return c, !now.Before(since.Add(wait))
}

// ending is how a sample agent's work ends, and what they note.
func ending(w *domain.WorkItem) (disposition, note string) {
	switch {
	case w.Kind != domain.Callback:
		return domain.DispositionResolved, "Looked into it and settled it."
	case w.Number == "":
		return domain.DispositionNoAnswer, "There is no number to call."
	}
	return domain.DispositionResolved, "Spoke with the customer; it is settled."
}
