package assign

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// agent is what the board keeps of an agent, also of one whom it knows only
// as the holder of an item or as the one an item is meant for.
type agent struct {
	id      string
	known   bool // told of by AgentSet, and neither disabled nor removed since
	state   domain.Agent
	slot    int                // in bitsets; -1 unless known
	holding map[*item]struct{} // offered to, worked on and wrapped by this agent
	extra   int                // offers of the match that is being made
	ended   time.Time          // when their last work ended
	wants   map[*item]struct{} // items meant for them, or for them first
	outOf   int                // lines that leave them out for a while

	bucket int   // how many items they hold, while they have room and are available; else -1
	idle   int64 // microseconds: since when, for the order among equals
}

func (a *agent) held() int { return len(a.holding) + a.extra }

// online reports whether the agent is there, with or without room.
func (a *agent) online() bool { return a.known && a.state.Activity != domain.ActivityOffline }

// before orders agents for an offer: who holds less, who has been idle longer,
// the id.
func (a *agent) before(o *agent) int {
	switch {
	case a.bucket != o.bucket:
		return cmp.Compare(a.bucket, o.bucket)
	case a.idle != o.idle:
		return cmp.Compare(a.idle, o.idle)
	}
	return strings.Compare(a.id, o.id)
}

// agentOf returns the record of an agent, a new one if there is none.
func (b *Board) agentOf(id string) *agent {
	a := b.agents[id]
	if a == nil {
		a = &agent{id: id, slot: -1, bucket: -1, holding: map[*item]struct{}{}, wants: map[*item]struct{}{}}
		b.agents[id] = a
	}
	return a
}

// forget drops the record of an agent whom nothing refers to any more.
func (b *Board) forget(a *agent) {
	if a != nil && !a.known && len(a.holding) == 0 && len(a.wants) == 0 && a.outOf == 0 {
		delete(b.agents, a.id)
	}
}

// AgentSet tells the board the newest state of an agent. One who is disabled
// leaves the board; a version older than the one it has is ignored.
func (b *Board) AgentSet(g domain.Agent) {
	if g.Disabled {
		b.AgentRemove(g.ID)
		return
	}
	a := b.agentOf(g.ID)
	if a.known && g.Version < a.state.Version {
		return
	}
	was, old := a.known, a.state
	profile := !was || !sameProfile(&old, &g)
	if profile {
		g.Queues, g.Langs, g.Skills = slices.Clone(g.Queues), slices.Clone(g.Langs), maps.Clone(g.Skills)
	} else {
		g.Queues, g.Langs, g.Skills = old.Queues, old.Langs, old.Skills
	}
	g.Capacity = min(g.Capacity, domain.MaxAgentCapacity)
	wasOnline := a.online()
	if was && profile {
		b.describe(a, false)
	}
	a.state, a.known = g, true
	if !was {
		b.slotFor(a)
	}
	if profile {
		b.describe(a, true)
	}
	b.seat(a)
	if profile || wasOnline != a.online() || !a.online() && !old.ActivitySince.Equal(g.ActivitySince) {
		b.refile(a)
	}
}

// AgentRemove takes an agent off the board. What they hold stays theirs until
// the items say otherwise.
func (b *Board) AgentRemove(id string) {
	a := b.agents[id]
	if a == nil || !a.known {
		return
	}
	a.known, a.ended = false, time.Time{}
	b.seat(a)
	b.describe(a, false)
	b.slots[a.slot] = nil
	b.vacant = append(b.vacant, a.slot)
	a.slot = -1
	b.refile(a)
	b.forget(a)
}

// AgentWorked tells the board when an agent's work on an item last ended. The
// board learns it from ItemSet by itself; one that is built anew may be told.
// An agent whom it does not know is ignored.
func (b *Board) AgentWorked(id string, at time.Time) {
	if a := b.agents[id]; a != nil && a.known && at.After(a.ended) {
		a.ended = at
		b.seat(a)
	}
}

func (b *Board) slotFor(a *agent) {
	if n := len(b.vacant); n > 0 {
		a.slot, b.vacant = b.vacant[n-1], b.vacant[:n-1]
		b.slots[a.slot] = a
		return
	}
	a.slot = len(b.slots)
	b.slots = append(b.slots, a)
	b.grow(a.slot)
}

// refile files again what waits for an agent whose coming or going matters to
// it.
func (b *Board) refile(a *agent) {
	for it := range a.wants {
		if it.state == domain.WorkPending {
			b.file(it)
		}
	}
}

// seat puts an agent where their room, activity and idle time say: among the
// free, by what they hold and since when they have been idle.
func (b *Board) seat(a *agent) {
	bucket := -1
	if held := a.held(); a.known && a.state.Activity == domain.ActivityAvailable && held < a.state.Capacity {
		bucket = held
	}
	idle := micros(later(a.state.ActivitySince, a.ended))
	if bucket == a.bucket && (idle == a.idle || bucket < 0) {
		a.idle = idle
		return
	}
	if a.bucket >= 0 {
		list := b.idle[a.bucket]
		i, _ := slices.BinarySearchFunc(list, a, (*agent).before)
		b.idle[a.bucket] = slices.Delete(list, i, i+1)
		b.nfree--
	}
	a.bucket, a.idle = bucket, idle
	if bucket >= 0 {
		list := b.idle[bucket]
		i, _ := slices.BinarySearchFunc(list, a, (*agent).before)
		b.idle[bucket] = slices.Insert(list, i, a)
		b.nfree++
	}
	if a.slot >= 0 {
		b.free.set(a.slot, bucket >= 0)
	}
}
