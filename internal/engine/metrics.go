package engine

import (
	"math/bits"
	"slices"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// counters are what the engine counts. They only grow while the engine lives.
type counters struct {
	posts, events, commands           atomic.Int64
	duplicates, refused, busy         atomic.Int64
	aside                             [len(asideReasons)]atomic.Int64
	turns, turnItems                  atomic.Int64
	decisions, inputs, fused, queued  atomic.Int64
	panics, alarms, overflow, dropped atomic.Int64
	workItems, subscriptions          atomic.Int64
	effects, attempts, retries        atomic.Int64
	outcomes                          [len(effectKinds)][len(outcomeStates)]atomic.Int64
	fanout, caughtUp, reloads         atomic.Int64
	turnTime, intakeTime, effectTime  histogram
}

var asideReasons = [...]string{AsideTooOld, AsideUnknownPost, AsideOwnPost, AsideReshare, AsideIgnored, AsideDeleted}

var effectKinds = [...]domain.EffectKind{domain.EffectReply, domain.EffectLookup, domain.EffectNotify, domain.EffectEmit}

var outcomeStates = [...]domain.OutcomeState{
	domain.OutcomeDone, domain.OutcomeFailed, domain.OutcomeExpired, domain.OutcomeCanceled, domain.OutcomeShadow,
}

func (m *counters) setAside(reason string) {
	for i, r := range asideReasons {
		if r == reason {
			m.aside[i].Add(1)
		}
	}
}

func (m *counters) ended(e ending) {
	kind, state := slices.Index(effectKinds[:], e.kind), slices.Index(outcomeStates[:], e.state)
	if kind >= 0 && state >= 0 {
		m.outcomes[kind][state].Add(1)
	}
}

// Outcomes are how many effects of each kind ended how.
type Outcomes map[domain.EffectKind]map[domain.OutcomeState]int64

// Counters are a copy of what the engine counted since it began.
type Counters struct {
	Posts         int64            `json:"posts"`  // taken; not the repeats and the ones set aside
	Events        int64            `json:"events"` // taken
	Commands      int64            `json:"commands"`
	Duplicates    int64            `json:"duplicates"`
	Refused       int64            `json:"refused"` // items with an error of their own
	Busy          int64            `json:"busy"`    // requests refused because the queue was full
	Aside         map[string]int64 `json:"aside,omitempty"`
	Turns         int64            `json:"turns"`
	TurnItems     int64            `json:"turn_items"`
	Decisions     int64            `json:"decisions"`
	Inputs        int64            `json:"inputs"` // decided
	Fused         int64            `json:"fused"`  // decided in the turn that took them in
	Queued        int64            `json:"queued"` // went through the inbox
	Panics        int64            `json:"panics"`
	Alarms        int64            `json:"alarms"`
	Overflow      int64            `json:"overflow"` // events kept back because an inbox was full
	Dropped       int64            `json:"dropped"`  // inputs whose customer is erased
	WorkItems     int64            `json:"work_items"`
	Subscriptions int64            `json:"subscriptions"`
	Effects       int64            `json:"effects"`  // put into the outbox
	Attempts      int64            `json:"attempts"` // at carrying one out
	Retries       int64            `json:"retries"`
	Outcomes      Outcomes         `json:"outcomes,omitempty"`
	Fanout        int64            `json:"fanout"` // inputs delivered in chunks
	CaughtUp      int64            `json:"caught_up"`
	Reloads       int64            `json:"reloads"`
	TurnTime      Histogram        `json:"turn_time"`
	IntakeTime    Histogram        `json:"intake_time"`
	EffectTime    Histogram        `json:"effect_time"`
}

// Counters tells what the engine counted since it began. It asks nobody and
// costs little.
func (e *Engine) Counters() Counters { return e.metrics.snapshot() }

func (m *counters) snapshot() Counters {
	s := Counters{
		Posts: m.posts.Load(), Events: m.events.Load(), Commands: m.commands.Load(),
		Duplicates: m.duplicates.Load(), Refused: m.refused.Load(), Busy: m.busy.Load(),
		Turns: m.turns.Load(), TurnItems: m.turnItems.Load(),
		Decisions: m.decisions.Load(), Inputs: m.inputs.Load(), Fused: m.fused.Load(), Queued: m.queued.Load(),
		Panics: m.panics.Load(), Alarms: m.alarms.Load(), Overflow: m.overflow.Load(), Dropped: m.dropped.Load(),
		WorkItems: m.workItems.Load(), Subscriptions: m.subscriptions.Load(),
		Effects: m.effects.Load(), Attempts: m.attempts.Load(), Retries: m.retries.Load(),
		Fanout: m.fanout.Load(), CaughtUp: m.caughtUp.Load(), Reloads: m.reloads.Load(),
		TurnTime: m.turnTime.snapshot(), IntakeTime: m.intakeTime.snapshot(), EffectTime: m.effectTime.snapshot(),
		Aside: map[string]int64{}, Outcomes: Outcomes{},
	}
	for i, r := range asideReasons {
		if n := m.aside[i].Load(); n > 0 {
			s.Aside[r] = n
		}
	}
	for i, kind := range effectKinds {
		for k, state := range outcomeStates {
			if n := m.outcomes[i][k].Load(); n > 0 {
				if s.Outcomes[kind] == nil {
					s.Outcomes[kind] = map[domain.OutcomeState]int64{}
				}
				s.Outcomes[kind][state] = n
			}
		}
	}
	return s
}

// histogram counts durations by power of two of microseconds.
type histogram struct {
	buckets [32]atomic.Int64
	sum     atomic.Int64 // microseconds
}

func (h *histogram) observe(d time.Duration) {
	us := max(0, d.Microseconds())
	h.buckets[min(bits.Len64(uint64(us)), len(h.buckets)-1)].Add(1)
	h.sum.Add(us)
}

func (h *histogram) snapshot() Histogram {
	out := Histogram{Sum: time.Duration(h.sum.Load()) * time.Microsecond}
	for i := range h.buckets {
		out.Buckets[i] = h.buckets[i].Load()
		out.Count += out.Buckets[i]
	}
	return out
}

// Histogram holds durations: Buckets[i] counts those below 2^i microseconds
// and not below 2^(i-1).
type Histogram struct {
	Count   int64         `json:"count"`
	Sum     time.Duration `json:"sum"`
	Buckets [32]int64     `json:"buckets"`
}
