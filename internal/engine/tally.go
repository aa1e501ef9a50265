package engine

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// tally is what a run did; it is added to the metrics after the commit.
type tally struct {
	posts, events, commands, duplicates       int64
	aside                                     map[string]int64
	inputs, fused, queued, dropped, overflow  int64
	panics, workItems, subscriptions, effects int64
	fanout, caughtUp, did                     int64
	outcomes                                  []ending
	ready, effect                             bool
	catchUps, fanouts                         bool
	nextDue, nextEffect                       time.Time
}

// ending is how an effect ended.
type ending struct {
	kind  domain.EffectKind
	state domain.OutcomeState
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
	t.handOver()
	if y.effect {
		t.e.effects.ring()
	}
	t.e.effects.before(y.nextEffect)
}
