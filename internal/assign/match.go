package assign

import (
	"cmp"
	"math"
	"math/bits"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Offer proposes a work item to an agent. It counts once the item's advocate
// has written it down.
type Offer struct {
	WorkItem    string
	Agent       string
	Reservation string
	Customer    domain.CustomerID
	Until       time.Time
	Why         string // why this agent, for people
}

// Why an agent is proposed.
var (
	WhyMeant = said.OfferMeant.Text()
	WhyLast  = said.OfferLast.Text()
	WhyIdle  = said.OfferIdle.Text()
	WhyAgain = said.OfferAgain.Text()
)

// spot is an item on a walk over the lines: the one at an index of a line's
// heap.
type spot struct {
	item *item
	line *line
	at   int
}

func (l *line) spot(at int) spot { return spot{l.items.list[at], l, at} }

// Match proposes who is offered what at a time: the most pressing item that
// somebody with room may be offered, then the next, until there is none. It
// changes nothing but what relaxes with waiting, so it proposes the same again
// until the board is told what came of it. The order of offers is that of
// items.
func (b *Board) Match(now time.Time) []Offer { return b.MatchFirst(now, math.MaxInt) }

// MatchFirst gives the first offers of Match, up to a limit. A service that
// writes a portion down and asks again keeps each call short when a whole
// company signs in to a backlog.
func (b *Board) MatchFirst(now time.Time, limit int) []Offer {
	b.Advance(now)
	if b.nfree == 0 || limit <= 0 {
		return nil
	}
	next := heap[spot]{less: func(x, y spot) bool { return x.item.before(y.item) }}
	b.words = b.words[:0]
	for i, w := range b.free {
		if w != 0 {
			b.words = append(b.words, i)
		}
	}
	for _, k := range b.active {
		n := k.reach(b.free, b.words)
		if n == 0 {
			continue
		}
		for _, l := range k.lines {
			if l.less(n) > 0 && l.key.place.openAt(b.clock) {
				next.push(l.spot(0))
			}
		}
	}
	for _, l := range b.solos {
		if l.key.solo.bucket >= 0 && l.key.place.openAt(b.clock) {
			next.push(l.spot(0))
		}
	}
	var out []Offer
	var asked []*agent
	for len(next.list) > 0 && b.nfree > 0 && len(out) < limit {
		s := next.remove(0)
		a, why := b.pick(s.line, s.item)
		if a == nil {
			continue // nobody is left for this line, so for nothing further back in it
		}
		it := s.item
		out = append(out, Offer{
			WorkItem: it.id, Agent: a.id, Reservation: domain.ReservationID(it.id, it.offers+1), Customer: it.customer,
			Until: b.clock.Add(it.place.queue.OfferFor), Why: why,
		})
		a.extra++
		b.seat(a)
		asked = append(asked, a)
		for _, child := range []int{2*s.at + 1, 2*s.at + 2} {
			if child < len(s.line.items.list) {
				next.push(s.line.spot(child))
			}
		}
	}
	for _, a := range asked {
		if a.extra > 0 {
			a.extra = 0
			b.seat(a)
		}
	}
	return out
}

// pick chooses the agent to offer an item to, nil if none of its line is left.
func (b *Board) pick(l *line, it *item) (*agent, string) {
	if a := l.key.solo; a != nil {
		switch {
		case a.bucket < 0:
			return nil, ""
		case a == it.only:
			return a, WhyMeant
		}
		return a, WhyLast
	}
	k := l.key.ask
	n := k.reach(b.free, b.words)
	if l.less(n) == 0 {
		return nil, ""
	}
	if a := it.last; a != nil && a.bucket >= 0 && k.fits(a.slot) && !it.let(a) {
		return a, WhyLast
	}
	if a := b.search(k, n, it, false); a != nil {
		return a, WhyIdle
	}
	return b.search(k, n, it, true), WhyAgain
}

// search finds the first in order of the n free agents who fit. Those who let
// the item go count only with again. Few are compared with each other; many
// are met soon on a walk in order.
func (b *Board) search(k *ask, n int, it *item, again bool) *agent {
	var best *agent
	if n*n <= b.nfree {
		for _, i := range b.words {
			for w := k.word(i, b.free[i]); w != 0; w &= w - 1 {
				a := b.slots[i<<6+bits.TrailingZeros64(w)]
				if (best == nil || it.prefers(a, best)) && (again || !it.let(a)) {
					best = a
				}
			}
		}
		return best
	}
	for _, list := range b.idle {
		for _, a := range list {
			if best != nil && a.idle != best.idle {
				return best
			}
			if k.fits(a.slot) && (best == nil || it.prefers(a, best)) && (again || !it.let(a)) {
				best = a
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// prefers reports whether a comes before o for an item: who holds less, who
// has been idle longer, who is better at what is asked, the id.
func (it *item) prefers(a, o *agent) bool {
	if c := cmp.Or(cmp.Compare(a.bucket, o.bucket), cmp.Compare(a.idle, o.idle)); c != 0 {
		return c < 0
	}
	return cmp.Or(
		cmp.Compare(it.demand.proficiency(&o.state), it.demand.proficiency(&a.state)), strings.Compare(a.id, o.id),
	) < 0
}

// Next returns when something may become possible without news of items or
// agents: an item's time comes, what is asked weakens, a pause or a wait for
// one agent ends, a queue opens or quiet hours end. Zero is never. What is
// possible at now is Match's to say; a service asks it after every change.
func (b *Board) Next(now time.Time) time.Time {
	b.Advance(now)
	var at time.Time
	if len(b.alarms.list) > 0 {
		at = b.alarms.list[0].wake
	}
	for _, p := range b.places {
		if p.items > 0 && !p.openAt(b.clock) {
			at = soonest(at, p.next(b.clock))
		}
	}
	return at
}
