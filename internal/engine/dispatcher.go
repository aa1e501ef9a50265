package engine

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits of what the dispatcher holds. A claim is a transaction, so it takes
// as many effects as their destinations will have seen the end of in a moment;
// more would be out of reach of whoever wants to take them back.
const (
	maxInHand  = 1024                   // effects in this process's hands
	aheadTime  = 200 * time.Millisecond // what a destination does in this time waits in memory
	aheadMost  = 128                    // … and no more, so that some that hang leave room for others
	staleAfter = 50 * time.Millisecond  // what waited longer is looked at again before it leaves
	rateOver   = 50 * time.Millisecond  // a destination's pace is measured over this
)

// dispatcher keeps effects leaving: it claims ahead as far as each
// destination's pace allows, lets each have no more under way than it may, and
// hands results on. It belongs to one goroutine, which never waits for the
// store: claims are made beside it, one at a time.
type dispatcher struct {
	e       *Engine
	work    context.Context // ends what is under way
	lanes   map[string]*lane
	order   []string // of lanes: whose turn it is
	running int
	inHand  int // running and waiting
	results chan<- result
	done    chan *lane
	claims  chan batch
	pending bool // a claim is under way
	look    bool // there may be something to claim
}

// batch is what came of a claim.
type batch struct {
	asked store.EffectClaimParams
	jobs  []*job
	err   error
	under *footing
}

// lane is one destination. Its pace is measured in the machine's time, not the
// engine's clock, which a test or a simulation moves as it likes: how fast a
// network takes messages does not change with that.
type lane struct {
	name    string
	limit   int
	waiting []*job
	running int
	more    bool // it was given all that it had room for: there may be more

	rate  float64 // effects ended a second
	ended int     // since
	since time.Time
}

// ahead is how many effects may wait for this lane in memory.
func (l *lane) ahead() int {
	return min(int(l.rate*aheadTime.Seconds()), aheadMost)
}

// room is how many more the lane may be given. While half of what it may hold
// still waits it gets none: claims should be few.
func (l *lane) room() int {
	if ahead := l.ahead(); len(l.waiting) <= ahead/2 {
		return l.limit + ahead - l.running - len(l.waiting)
	}
	return 0
}

// measure counts ended effects and follows the lane's pace.
func (l *lane) measure(now time.Time, ended int) {
	l.ended += ended
	over := now.Sub(l.since)
	if over < rateOver {
		return
	}
	pace := float64(l.ended) / over.Seconds()
	if over > 20*rateOver {
		l.rate = pace // it was idle: what was is no guide
	} else {
		l.rate = (l.rate + pace) / 2
	}
	l.ended, l.since = 0, now
}

// dispatchLoop runs a dispatcher until loop ends, and returns when everything
// it had under way is committed.
func (e *Engine) dispatchLoop(loop, work context.Context) {
	results := make(chan result, maxInHand) // they gather while a commit is under way
	committed := make(chan struct{})
	go func() {
		defer close(committed)
		e.resultLoop(work, results)
	}()
	d := &dispatcher{
		e: e, work: work, lanes: map[string]*lane{}, results: results, done: make(chan *lane, e.workers), claims: make(chan batch, 1), look: true,
	}
	d.run(loop)
	if d.pending {
		d.take(<-d.claims)
	}
	for _, j := range d.e.shortcut.close(work) {
		d.add(j)
	}
	d.giveBack()
	for d.running > 0 {
		d.finish(<-d.done)
	}
	close(results)
	<-committed
}

// run goes round until loop ends: it starts what may start, claims when there
// may be something to claim, and sleeps. What this engine put off it was told
// of; what others left behind it finds by looking now and then.
func (d *dispatcher) run(loop context.Context) {
	pause := pauser{}
	until := d.e.clock.Now().Add(pollWork)
	for loop.Err() == nil {
		d.start()
		if d.look && !d.pending && d.inHand < maxInHand {
			d.claim(loop)
		}
		d.offer()
		alarm, stop := d.e.clock.Alarm(d.e.effects.arm(until))
		select {
		case <-loop.Done():
		case <-alarm:
			now := d.e.clock.Now()
			d.e.effects.pass(now) // a time that has come would ring for ever
			d.look, until = true, now.Add(pollWork)
		case <-d.e.effects.bell:
			d.look = true
		case <-d.e.shortcut.bell:
			for _, j := range d.e.shortcut.take() {
				d.add(j)
			}
		case l := <-d.done:
			d.finish(l)
		case b := <-d.claims:
			d.take(b)
			switch {
			case b.err == nil:
				pause.reset()
			case loop.Err() == nil:
				d.e.log.ErrorContext(loop, "effects could not be claimed; they are looked for again in a moment", "error", b.err)
				until = d.e.clock.Now().Add(pause.next())
			}
		}
		stop()
		d.e.effects.disarm()
	}
}

func (d *dispatcher) finish(l *lane) {
	l.running--
	d.running--
	d.inHand--
	l.measure(time.Now(), 1)
	d.look = d.look || l.more && l.room() > 0
}

// claim begins to lease what there is room for.
func (d *dispatcher) claim(ctx context.Context) {
	d.look = false
	under := d.e.footing.Load()
	if d.e.shared() != nil && (under == nil || !under.begin()) {
		return // it rings when it stands
	}
	d.pending = true
	now := time.Now()
	p := store.EffectClaimParams{Limit: maxInHand - d.inHand, Most: perNetwork, MostOf: map[string]int{}}
	for _, name := range d.order {
		l := d.lanes[name]
		l.measure(now, 0)
		if room := l.room(); room > 0 {
			p.MostOf[name] = room
		} else {
			p.Busy = append(p.Busy, name)
			l.more = true // before more is handed over
		}
	}
	d.e.effects.pass(d.e.clock.Now())
	if under != nil {
		p.Under = under.name
	}
	go func() {
		jobs, err := d.e.claimEffects(ctx, p)
		for _, j := range jobs {
			j.under = under
		}
		d.claims <- batch{p, jobs, err, under}
	}()
}

// take gives what was claimed to its lanes.
func (d *dispatcher) take(b batch) {
	d.pending = false
	if b.under != nil {
		b.under.also(len(b.jobs))
		if b.err != nil {
			d.e.retire(b.under)
		}
		b.under.ended() // the claim itself
	}
	given := map[string]int{}
	for _, j := range b.jobs {
		d.add(j)
		given[j.row.Destination]++
	}
	for name, l := range d.lanes {
		if most := b.asked.MostFor(name); most > 0 && b.err == nil {
			l.more = given[name] >= most || len(b.jobs) >= b.asked.Limit
		}
	}
	d.look = d.look || len(b.jobs) > 0 // somebody who got none may have room
}

// add lets an effect wait in its lane.
func (d *dispatcher) add(j *job) {
	l := d.lanes[j.row.Destination]
	if l == nil {
		l = &lane{name: j.row.Destination, limit: d.e.destinationLimit(&j.row.Effect), since: time.Now()}
		d.lanes[l.name] = l
		d.order = append(d.order, l.name)
	}
	l.waiting = append(l.waiting, j)
	d.inHand++
}

// offer tells turns what they may hand over: what there is room for, to
// destinations that nothing else waits for in the outbox.
func (d *dispatcher) offer() {
	left := maxInHand - d.inHand
	d.e.shortcut.offer(func(room func(string, int)) {
		for _, name := range d.order {
			if l := d.lanes[name]; !l.more {
				n := max(min(l.room(), left), 0)
				left -= n
				room(name, n)
			}
		}
	})
}

// start sets effects going, one of each destination after the other.
func (d *dispatcher) start() {
	for started := true; started; {
		started = false
		for _, name := range slices.Clone(d.order) {
			l := d.lanes[name]
			if len(l.waiting) == 0 || l.running >= l.limit {
				d.forget(l)
				continue
			}
			if d.running >= d.e.workers && l.running > 0 {
				continue // a destination has always one under way: no other holds it up
			}
			j := l.waiting[0]
			l.waiting = slices.Delete(l.waiting, 0, 1)
			d.carry(l, j)
			started = true
			d.order = append(slices.DeleteFunc(d.order, func(n string) bool { return n == name }), name)
		}
	}
}

// forget lets go of a lane that has been idle.
func (d *dispatcher) forget(l *lane) {
	if l.running == 0 && len(l.waiting) == 0 && time.Since(l.since) > 20*rateOver {
		delete(d.lanes, l.name)
		d.order = slices.DeleteFunc(d.order, func(n string) bool { return n == l.name })
	}
}

func (d *dispatcher) carry(l *lane, j *job) {
	l.running++
	d.running++
	go func() {
		defer func() { d.done <- l }()
		tell := func(r result) {
			r.under = j.under
			d.results <- r
		}
		ctx, lose := context.WithCancel(d.work)
		defer lose()
		if j.under != nil {
			if j.under.ctx.Err() != nil {
				tell(d.e.putBack(j, d.e.clock.Now(), "its node was cut off before its turn"))
				return
			}
			defer context.AfterFunc(j.under.ctx, lose)()
		}
		if r, mine := d.e.carryHeld(ctx, j, time.Since(j.seen) > staleAfter); mine {
			tell(r)
		} else {
			j.under.ended()
		}
	}()
}

// giveBack leaves what was not begun to whoever comes next.
func (d *dispatcher) giveBack() {
	for _, name := range d.order {
		l := d.lanes[name]
		for _, j := range l.waiting {
			r := d.e.putBack(j, d.e.clock.Now(), "the process ended before its turn")
			r.under = j.under
			d.results <- r
		}
		d.inHand -= len(l.waiting)
		l.waiting = nil
	}
}

// destinationLimit is how many effects may be under way to where an effect
// goes.
func (e *Engine) destinationLimit(ef *domain.Effect) int {
	switch {
	case ef.Kind == domain.EffectReply:
		return perNetwork
	case ef.Kind == domain.EffectNotify:
		return perWebhook
	case ef.Lookup != nil:
		return e.components.Concurrency(ef.Lookup.Component)
	}
	return e.workers // our own events go nowhere
}
