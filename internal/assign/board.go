package assign

import (
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Board is what waits, who is there, and who holds what. It does no I/O and
// has no clock. It is not safe for concurrent use.
type Board struct {
	policy domain.Policy
	clock  time.Time // the latest time it was asked about

	items   map[string]*item
	demands map[string]*demand
	places  map[placeKey]*place
	queues  map[string]*tally
	lines   map[lineKey]*line
	active  []*ask  // that have lines
	solos   []*line // for one agent each
	alarms  heap[*item]

	agents map[string]*agent
	slots  []*agent
	vacant []int // slots
	traits map[trait]*bitset
	free   bitset
	nfree  int
	words  []int      // where free has somebody, while a match is made
	idle   [][]*agent // the free: by what they hold, then by idle time and id
}

// NewBoard makes an empty board. Tell it of agents before items.
func NewBoard(p domain.Policy) *Board {
	return &Board{
		policy: p, items: map[string]*item{}, demands: map[string]*demand{}, places: map[placeKey]*place{}, queues: map[string]*tally{},
		lines: map[lineKey]*line{}, agents: map[string]*agent{}, traits: map[trait]*bitset{}, idle: make([][]*agent, domain.MaxAgentCapacity),
		alarms: heap[*item]{
			less: func(x, y *item) bool {
				if !x.wake.Equal(y.wake) {
					return x.wake.Before(y.wake)
				}
				return x.id < y.id
			},
			moved: func(x *item, i int) { x.alarm = i },
		},
	}
}

// PolicySet changes what queues promise and ask. Everything that waits is
// filed again.
func (b *Board) PolicySet(p domain.Policy) {
	for _, it := range b.items {
		b.unfile(it)
	}
	for _, a := range b.slots {
		if a != nil {
			b.describe(a, false)
		}
	}
	b.policy, b.places = p, map[placeKey]*place{}
	for _, a := range b.slots {
		if a != nil {
			b.describe(a, true)
		}
	}
	for _, d := range b.demands {
		b.reset(d)
	}
	for _, it := range b.items {
		b.settle(it)
		b.file(it)
	}
}

// ItemSet tells the board the newest state of a work item. One that is final,
// or in a state that is unknown, leaves the board; a version older than the
// one it has is ignored.
func (b *Board) ItemSet(w domain.WorkItem) {
	it := b.items[w.ID]
	if it != nil && w.Version < it.version {
		return
	}
	if w.State == domain.WorkCompleted {
		b.AgentWorked(w.Agent, w.UpdatedAt)
	}
	switch w.State {
	case domain.WorkPending, domain.WorkReserved, domain.WorkAssigned, domain.WorkWrapping:
	default:
		b.remove(it, w.UpdatedAt)
		return
	}
	if it == nil {
		it = &item{id: w.ID, at: -1, age: -1, alarm: -1}
		b.items[w.ID] = it
	} else {
		b.unfile(it)
	}
	b.hold(it, w.Holder(), w.UpdatedAt, w.State)
	it.take(&w)
	b.ask(it, &w)
	b.mean(it, w.For, w.Before)
	b.settle(it)
	b.file(it)
}

// ItemRemove takes a work item off the board.
func (b *Board) ItemRemove(id string) { b.remove(b.items[id], time.Time{}) }

func (b *Board) remove(it *item, at time.Time) {
	if it == nil {
		return
	}
	b.unfile(it)
	b.hold(it, "", at, domain.WorkCompleted)
	b.mean(it, "", "")
	b.ask(it, nil)
	delete(b.items, it.id)
}

// hold moves an item from who held it to who does now. Work that ended counts
// for the idle time of whoever did it.
func (b *Board) hold(it *item, id string, at time.Time, to domain.WorkItemState) {
	was, worked := it.holder, it.state == domain.WorkAssigned || it.state == domain.WorkWrapping
	if was != nil && was.id == id {
		return
	}
	it.holder = nil
	if was != nil {
		delete(was.holding, it)
		if worked {
			b.AgentWorked(was.id, at)
		}
		b.seat(was)
		b.forget(was)
	}
	if id != "" {
		it.holder = b.agentOf(id)
		it.holder.holding[it] = struct{}{}
		b.seat(it.holder)
	}
}

// mean notes whom an item is meant for, and who is preferred.
func (b *Board) mean(it *item, only, last string) {
	for _, a := range []*agent{it.only, it.last} {
		if a != nil {
			delete(a.wants, it)
		}
	}
	was := [2]*agent{it.only, it.last}
	it.only, it.last = nil, nil
	if only != "" {
		it.only = b.agentOf(only)
		it.only.wants[it] = struct{}{}
	}
	if last != "" {
		it.last = b.agentOf(last)
		it.last.wants[it] = struct{}{}
	}
	b.forget(was[0])
	b.forget(was[1])
}

// ask joins an item to the demand it shares with others, nil to none.
func (b *Board) ask(it *item, w *domain.WorkItem) {
	was := it.demand
	it.demand = nil
	if w != nil {
		made := demandOf(w)
		d := b.demands[made.key]
		if d == nil {
			d = &made
			b.reset(d)
			b.demands[d.key] = d
		}
		d.refs++
		it.demand = d
	}
	if was != nil {
		if was.refs--; was.refs == 0 {
			delete(b.demands, was.key)
		}
	}
}

// reset prepares a demand for the policy as it is now.
func (b *Board) reset(d *demand) {
	q := b.policy.Queue(d.queue)
	d.after = steps(&q)
	d.asks = make([]*ask, len(d.after)+1)
}

// settle finds the place of an item, and since when it could be worked.
func (b *Board) settle(it *item) {
	b.settlePlace(it)
	if it.state == domain.WorkPending {
		it.start = it.place.next(it.waiting)
		if !it.start.Before(it.waiting.Add(horizon)) {
			it.start = it.waiting
		}
	}
}

func (b *Board) settlePlace(it *item) {
	p := b.places[it.key]
	if p == nil {
		p = &place{policy: &b.policy, queue: b.policy.Queue(it.key.queue)}
		if it.key.callback {
			p.zone = domain.Zone(it.key.zone, b.policy.TimeZone)
		}
		b.places[it.key] = p
	}
	it.place = p
}

// unfile takes an item out of its line, its queue's counts and the alarms.
func (b *Board) unfile(it *item) {
	if !it.filed {
		return
	}
	it.filed = false
	b.tally(it.key.queue).count(it, -1)
	if l := it.line; l != nil {
		l.items.remove(it.at)
		it.line = nil
		it.place.items--
		if len(l.items.list) == 0 {
			b.endLine(l)
		}
	}
	if it.alarm >= 0 {
		b.alarms.remove(it.alarm)
	}
}

// file puts an item where it belongs as of the board's clock, and notes when
// that may change by itself.
func (b *Board) file(it *item) {
	b.unfile(it)
	it.filed = true
	var key lineKey
	key, it.wake = b.where(it)
	if key.place != nil {
		l := b.lines[key]
		if l == nil {
			l = b.newLine(key)
		}
		it.line = l
		l.items.push(it)
		it.place.items++
	}
	b.tally(it.key.queue).count(it, 1)
	if !it.wake.IsZero() {
		b.alarms.push(it)
	}
}

func (b *Board) newLine(key lineKey) *line {
	l := &line{key: key, items: heap[*item]{less: (*item).before, moved: func(x *item, i int) { x.at = i }}}
	b.lines[key] = l
	if key.solo != nil {
		l.index = len(b.solos)
		b.solos = append(b.solos, l)
		return l
	}
	k := key.ask
	if len(k.lines) == 0 {
		k.index = len(b.active)
		b.active = append(b.active, k)
	}
	l.index = len(k.lines)
	k.lines = append(k.lines, l)
	if key.passed != "" {
		for _, id := range strings.Split(key.passed, "\x00") {
			a := b.agentOf(id)
			a.outOf++
			l.out = append(l.out, a)
		}
	}
	return l
}

func (b *Board) endLine(l *line) {
	delete(b.lines, l.key)
	if l.key.solo != nil {
		b.solos = drop(b.solos, l.index)
		if l.index < len(b.solos) {
			b.solos[l.index].index = l.index
		}
		return
	}
	k := l.key.ask
	k.lines = drop(k.lines, l.index)
	if l.index < len(k.lines) {
		k.lines[l.index].index = l.index
	}
	if len(k.lines) == 0 {
		b.active = drop(b.active, k.index)
		if k.index < len(b.active) {
			b.active[k.index].index = k.index
		}
	}
	for _, a := range l.out {
		a.outOf--
		b.forget(a)
	}
}

// drop takes the element at i out of a list whose order does not matter: the
// last one takes its place.
func drop[T any](list []*T, i int) []*T {
	last := len(list) - 1
	list[i], list[last] = list[last], nil
	return list[:last]
}

// Advance brings what relaxes with waiting up to now. Match and Next do so
// themselves; a service that has built a board calls it once, since the first
// time is for every item. Time does not go back: an earlier now is ignored.
func (b *Board) Advance(now time.Time) {
	if now.After(b.clock) {
		b.clock = now
	}
	for len(b.alarms.list) > 0 && !b.alarms.list[0].wake.After(b.clock) {
		b.file(b.alarms.list[0])
	}
}
