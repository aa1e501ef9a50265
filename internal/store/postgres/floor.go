package postgres

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// Every effect leaves dead entries behind at the head of the index that claims
// read. While anybody in the server holds an old snapshot, for a dump or a long
// report, none of them can be taken away, and each claim would step over all of
// them: after a minute at full load it does nothing else.
//
// A store whose look at everything takes long therefore remembers, for each
// destination, a floor: what is ready at or before it cannot be claimed, but
// for the few effects that are left there, which wait behind another one of
// their conversation. Until the next look at everything, claims look at those
// and above the floor.
//
// What this store writes below a floor brings it down, so alone it finds what
// it would find otherwise. Other nodes' writes are made with the time of a
// moment ago: a floor holds only once it has settled. What comes even later,
// from a node whose clock is behind, and what goes to a destination that only
// other nodes have written to, is found by the next look at everything that has
// room for its destination, and brings the floor down to it.
const (
	slowLook    = 20 * time.Millisecond
	floorSettle = 2 * time.Second
	lookEvery   = 10 * time.Second // at everything; at most a twentieth of the time
	maxLeft     = 1024             // effects below one floor
	lookBeyond  = 64               // effects that are not first, beside those that are wanted
)

var (
	qEffectPlaces = prepared(effectPlaces + `SELECT destination FROM place WHERE destination IS NOT NULL`)
	// qEffectAbove gives, of each destination, so many that are ready above its
	// floor and in order, and those of $5 that are left below; blocked ones are
	// not first. The first row has no id: until when rows were looked at.
	qEffectAbove = prepared(`WITH place AS MATERIALIZED (SELECT * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[]) p(destination, floor, most)),
		look AS (
			SELECT f.* FROM place p CROSS JOIN LATERAL (
				SELECT e.id, e.destination, e.ready, e.customer, e.conversation, e.ordinal FROM effect e
				WHERE e.destination = p.destination AND e.ready > p.floor AND e.ready <= $1::timestamptz ORDER BY e.ready, e.id LIMIT p.most) f
			UNION ALL
			SELECT e.* FROM unnest($5::text[]) l(id) CROSS JOIN LATERAL (
				SELECT e.id, e.destination, e.ready, e.customer, e.conversation, e.ordinal FROM effect e` + only("e.id", "l.id", " AND coalesce(e.ready, 'infinity') <= $1::timestamptz") + `) e
				JOIN place p ON e.destination = p.destination AND e.ready <= p.floor)
		SELECT '', '', least($1::timestamptz, statement_timestamp()), 0::bigint
		UNION ALL
		SELECT e.id, e.destination, e.ready, CASE WHEN e.conversation <> '' AND (SELECT true FROM effect b
			WHERE b.customer = e.customer AND b.conversation = e.conversation AND b.conversation <> '' AND (b.ordinal, b.id) < (e.ordinal, e.id) LIMIT 1) THEN 1 ELSE 0 END::bigint
		FROM look e`)
)

// floors is what a store remembers of the outbox, by destination.
type floors struct {
	slow, settle time.Duration // slowLook and floorSettle, but for tests

	mu     sync.Mutex
	of     map[string]*floor // nil: each claim looks at everything
	looked time.Time         // at everything, last
	took   time.Duration
	under  []*looking // looks above the floors that are under way
}

type floor struct {
	at   time.Time
	left []waiting // effects at or below it that may be claimed some time

	next  *floor // what becomes of it once that has settled
	noted time.Time
}

// waiting is an effect that is left below a floor.
type waiting struct {
	id    string
	ready time.Time
}

// looking is a look above the floors, until its transaction has ended.
type looking struct {
	floors map[string]floor  // as it began
	lows   lows              // written since
	saw    map[string]*floor // where floors may be from now on, if the transaction is committed
}

// lows are the earliest times for which effects were made ready.
type lows map[string]time.Time

func (l *lows) add(destination string, ready time.Time) {
	if was, ok := (*l)[destination]; ok && !ready.Before(was) {
		return
	}
	if *l == nil {
		*l = lows{}
	}
	(*l)[destination] = ready
}

// begin begins a look above the floors; nil: it is time to look at everything.
func (f *floors) begin() *looking {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.of == nil || now.Sub(f.looked) >= max(lookEvery, 20*f.took) {
		return nil
	}
	k := &looking{floors: make(map[string]floor, len(f.of))}
	for d, g := range f.of {
		if g.next != nil && now.Sub(g.noted) >= f.settle {
			*g = *g.next
		}
		k.floors[d] = floor{at: g.at, left: g.left}
	}
	f.under = append(f.under, k)
	return k
}

// end takes note of what a look saw. What it did not see because of what its
// own transaction wrote is there again where that is rolled back.
func (f *floors) end(k *looking, committed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.under = slices.DeleteFunc(f.under, func(o *looking) bool { return o == k })
	if !committed {
		return
	}
	for d, g := range k.saw {
		have := f.of[d]
		if have == nil || !g.at.After(have.at) {
			continue
		}
		if low, ok := k.lows[d]; ok {
			g.lower(low)
		}
		if have.next == nil {
			have.next, have.noted = g, time.Now()
			continue
		}
		// Something may have come below it since, and be claimed or wait there.
		have.next = lowerOf(have.next, g)
		if len(have.next.left) > maxLeft {
			have.next = nil
		}
	}
}

// lowerOf is the lower one of two floors, with all that either has left below it.
func lowerOf(a, b *floor) *floor {
	if b.at.Before(a.at) {
		a, b = b, a
	}
	out, known := &floor{at: a.at, left: slices.Clone(a.left)}, make(map[string]bool, len(a.left))
	for _, w := range a.left {
		known[w.id] = true
	}
	for _, w := range b.left {
		if !w.ready.After(a.at) && !known[w.id] {
			out.left = append(out.left, w)
		}
	}
	return out
}

// everything takes note of how long a look at everything took, and reports
// whether that was too long. One that failed leaves the floors as they are, and
// claims by them go on.
func (f *floors) everything(took time.Duration, failed bool) (slow bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case failed && f.of == nil:
		return false
	case failed:
	case took < f.slow:
		f.of = nil
		return false
	case f.of == nil:
		f.of = map[string]*floor{}
	}
	f.looked, f.took = time.Now(), took
	return !failed
}

// know begins with destinations that are not known yet, and brings the floors
// of the others down to what was found.
func (f *floors) know(destinations []string, found lows, took time.Duration) {
	f.mu.Lock()
	f.took = took
	for _, d := range destinations {
		if f.of != nil && f.of[d] == nil {
			f.of[d] = &floor{at: beginning}
		}
	}
	f.mu.Unlock()
	f.low(found)
}

// low brings floors down to what a transaction made ready.
func (f *floors) low(l lows) {
	if len(l) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.under {
		for d, ready := range l {
			k.lows.add(d, ready)
		}
	}
	if f.of == nil {
		return
	}
	for d, ready := range l {
		g := f.of[d]
		if g == nil {
			f.of[d] = &floor{at: beginning}
			continue
		}
		g.lower(ready)
		if g.next != nil {
			g.next.lower(ready)
		}
	}
}

func (g *floor) lower(ready time.Time) {
	if !ready.After(g.at) {
		g.at = ready.Add(-time.Microsecond)
	}
}

// forget has the next claim look at everything.
func (f *floors) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looked = time.Time{}
}

// readyAbove is readyEffects from the floors on. It returns false where that
// does not tell enough.
func (t *tx) readyAbove(k *looking, p *store.EffectClaimParams, times int64) (found []readyEffect, ok bool) {
	t.looks = append(t.looks, k)
	names := slices.Sorted(maps.Keys(k.floors))
	names = slices.DeleteFunc(names, func(d string) bool { return p.MostFor(d) <= 0 })
	want := func(i int) int64 { return times * int64(min(p.MostFor(names[i]), store.Limit(p.Limit))) }
	var left []string
	for _, d := range names {
		for _, w := range k.floors[d].left {
			left = append(left, w.id)
		}
	}
	seen := make(map[string][]readyEffect, len(names))
	var until time.Time
	q := t.query(qEffectAbove, t.arg().time(p.Now).strings(names).times(len(names), func(i int) time.Time { return k.floors[names[i]].at }).
		ints(len(names), func(i int) int64 { return want(i) + lookBeyond }).strings(left))
	for q.next() {
		if q.str(0) == "" {
			until = q.at(2)
			continue
		}
		seen[q.str(1)] = append(seen[q.str(1)], readyEffect{q.str(0), q.str(1), q.at(2), q.i(3) != 0})
	}
	if t.err != nil {
		return nil, true
	}
	k.saw = make(map[string]*floor, len(names))
	ok = true
	for i, d := range names {
		rows, was := seen[d], k.floors[d].at
		slices.SortFunc(rows, byReady)
		first, above := int64(0), int64(0)
		for _, e := range rows {
			if e.ready.After(was) {
				above++
			}
			if !e.blocked {
				if first++; first <= want(i) {
					found = append(found, e)
				}
			}
		}
		g := &floor{at: until}
		if above == want(i)+lookBeyond {
			g.lower(rows[len(rows)-1].ready) // others may be ready just as long
			ok = ok && first >= want(i)      // or there may be more that are first
		}
		g.pass(rows, was)
		k.saw[d] = g
	}
	slices.SortFunc(found, byReady)
	return found, ok
}

// pass leaves below the floor what cannot be claimed yet, and brings it down
// to what can. What the floor before has passed stays below.
func (g *floor) pass(rows []readyEffect, before time.Time) {
	for _, e := range rows {
		switch {
		case e.ready.After(g.at):
			return
		case e.ready.After(before) && (!e.blocked || len(g.left) >= maxLeft):
			g.lower(e.ready)
			return
		}
		g.left = append(g.left, waiting{e.id, e.ready})
	}
}
