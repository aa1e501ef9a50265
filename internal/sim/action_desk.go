package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
)

// deskAgents are who the desk offers work to, with their room. They can do
// everything: what a queue asks for is package assign's to get right, and has a
// reference of its own there.
var deskAgents = map[string]int{"agent-1": 1, "agent-2": 2, "agent-3": 3}

// hire makes the agents.
func (d *driver) hire(ctx context.Context) error {
	agents := desk.NewAgents(d.disk, d.now, func() *domain.Policy { return &d.oracle.policy })
	for _, id := range sortedKeys(deskAgents) {
		_, err := agents.Put(ctx, domain.Agent{
			ID: id, Capacity: deskAgents[id], Queues: d.oracle.policy.QueueNames(), Skills: map[string]int{"orders": 5}, Langs: []string{"en", "de", "es", "fr"},
		}, "sim")
		if err == nil {
			_, err = agents.SetActivity(ctx, id, domain.ActivityAvailable, "", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *driver) agents() *desk.Agents {
	return desk.NewAgents(d.process, d.now, d.engine.Policy)
}

// deskStep lets the desk look once. A desk whose process has died, or that
// failed, is built anew.
func (d *driver) deskStep(ctx context.Context) int {
	if d.desk == nil {
		s, err := desk.New(desk.Options{Store: d.process, Engine: d.engine, Agents: d.agents(), Clock: d.clock, AtOnce: 1}).Stepper(ctx)
		if !d.fine("open the desk", err) {
			return 0
		}
		d.desk = s
	}
	n, err := d.desk.Step(ctx)
	if !d.fine("step the desk", err) {
		d.desk = nil
		return 0
	}
	if n > 0 {
		d.did("step.desk")
	}
	return n
}

func (d *driver) deskLook(ctx context.Context) { d.deskStep(ctx) }

// deskSettle lets the desk and the engine work until neither finds more to do
// now, beginning with a board of its own: as after a take-over.
func (d *driver) deskSettle(ctx context.Context) {
	d.desk = nil
	for range maxRounds {
		n := d.deskStep(ctx)
		if d.process.dead {
			d.alive()
			n = 1
		}
		d.settle(ctx)
		if n == 0 || len(d.oracle.violations) > 0 {
			return
		}
	}
	d.oracle.fail("the desk does not come to rest at %s", d.now().Format(time.RFC3339))
}

func (d *driver) agentActivity(ctx context.Context) {
	a := pick(d.world, domain.Activities)
	if d.chance(0.6) {
		a = domain.ActivityAvailable
	}
	if _, err := d.agents().SetActivity(ctx, pick(d.world, sortedKeys(deskAgents)), a, "", "sim"); d.fine("say what an agent does", err) {
		d.did("agent." + string(a))
	}
}

// held lists the work items that agents of the desk have, in a state.
func (d *driver) held(states ...domain.WorkItemState) []domain.WorkItem {
	var out []domain.WorkItem
	for _, p := range d.oracle.live() {
		for i := range p.snap.WorkItems {
			w := p.snap.WorkItems[i]
			for _, s := range states {
				if _, ours := deskAgents[w.Holder()]; ours && w.State == s {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// agentAnswers is an agent who is offered something, or somebody who is not.
func (d *driver) agentAnswers(ctx context.Context) {
	offers := d.held(domain.WorkReserved)
	if len(offers) == 0 {
		return
	}
	w := pick(d.world, offers)
	c := domain.Command{Kind: domain.CommandAccept, By: w.Reservation.Agent, WorkItem: w.ID, Reservation: w.Reservation.ID}
	switch d.rand.IntN(10) {
	case 0, 1:
		c.Kind = domain.CommandReject
	case 2:
		c.Kind, c.By = domain.CommandRescind, "sim"
	case 3:
		c.By = "somebody else"
		err := d.engine.Command(ctx, w.Customer, c)
		switch {
		case err == nil:
			d.oracle.fail("%s accepted an offer to %s", c.By, w.Reservation.Agent)
		case !d.expected("accept another's offer", err, domain.CodeForbidden, domain.CodeConflict, domain.CodeNotFound):
		}
		return
	case 4:
		return // lets it run out
	}
	d.command(ctx, w.Customer, c)
}

// agentWorks is an agent with something in hand.
func (d *driver) agentWorks(ctx context.Context) {
	mine := d.held(domain.WorkAssigned, domain.WorkWrapping)
	if len(mine) == 0 {
		return
	}
	w := pick(d.world, mine)
	c := domain.Command{Kind: domain.CommandComplete, By: w.Agent, WorkItem: w.ID, Disposition: pick(d.world, domain.Dispositions)}
	now := d.now()
	switch d.rand.IntN(9) {
	case 0, 1:
		c.Kind, c.Disposition = domain.CommandWrap, ""
	case 2:
		c.Kind, c.Disposition = domain.CommandTransfer, ""
		switch d.rand.IntN(3) {
		case 0:
			c.Agent = pick(d.world, sortedKeys(deskAgents))
		case 1:
			c.Queue = pick(d.world, d.oracle.policy.QueueNames())
		}
	case 3:
		c.Kind, c.Disposition, c.Until = domain.CommandSnooze, "", now.Add(time.Duration(1+d.rand.IntN(300))*time.Minute)
		if d.chance(0.5) {
			c.Promise = &domain.Undertake{What: string(domain.Callback), By: c.Until.Add(time.Hour)}
		}
	case 4:
		c.Kind, c.Disposition = domain.CommandExpert, ""
	case 5:
		c.Kind, c.Disposition, c.Over, c.By, c.Priority = domain.CommandRaise, "", true, "sim", 1+d.rand.IntN(100)
		if d.chance(0.5) {
			c.Until = now.Add(time.Duration(1+d.rand.IntN(600)) * time.Minute)
		}
	case 6:
		c.Promise = &domain.Undertake{What: fmt.Sprintf("thing-%d", d.rand.IntN(3)), By: now.Add(time.Duration(1+d.rand.IntN(48)) * time.Hour)}
	}
	d.command(ctx, w.Customer, c)
}

// checkDesk looks at the agents as they are stored and lets the oracle judge.
func (d *driver) checkDesk(ctx context.Context) {
	all, err := desk.NewAgents(d.disk, d.now, d.engine.Policy).List(ctx, "", 0)
	if err != nil {
		d.oracle.fail("the agents cannot be read: %v", cause(err))
		return
	}
	activities := map[string]domain.Activity{}
	for i := range all {
		activities[all[i].ID] = all[i].Activity
	}
	d.oracle.checkDesk(activities)
}
