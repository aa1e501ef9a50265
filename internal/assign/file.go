package assign

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// where says, as of the board's clock, in which line an item belongs (none if
// its key has no place) and when that may change by itself.
func (b *Board) where(it *item) (key lineKey, wake time.Time) {
	now := b.clock
	switch {
	case it.state != domain.WorkPending:
		return lineKey{}, time.Time{}
	case now.IsZero(): // nobody has asked yet
		return lineKey{}, time.Unix(0, 0)
	case it.notBefore.After(now):
		return lineKey{}, it.notBefore
	}
	q := &it.place.queue
	pause := it.pausedAt.Add(q.OfferFor)
	pausing := len(it.passed) > 0 && pause.After(now)
	if pausing {
		wake = pause
	}
	if until, held := b.kept(it, q); held {
		if !until.IsZero() {
			wake = soonest(wake, until)
		}
		if pausing && it.let(it.only) {
			return lineKey{}, wake
		}
		return lineKey{place: it.place, solo: it.only}, wake
	}
	step := 0
	waited := now.Sub(it.start)
	for step < len(it.demand.after) && it.demand.after[step] <= waited {
		step++
	}
	if step < len(it.demand.after) {
		wake = soonest(wake, it.start.Add(it.demand.after[step]))
	}
	k := b.askAt(it.demand, step)
	if until := it.start.Add(q.StickyFor); until.After(now) && it.last != nil {
		wake = soonest(wake, until)
		if it.last.online() && !it.let(it.last) && k.fits(it.last.slot) {
			return lineKey{place: it.place, solo: it.last}, wake
		}
	}
	key = lineKey{place: it.place, ask: k}
	if pausing {
		key.passed = it.passedKey
	}
	return key, wake
}

// kept reports whether an item is still for the one agent it is meant for, and
// until when if that agent stays away. One who has left the board has no claim.
func (b *Board) kept(it *item, q *domain.Queue) (until time.Time, kept bool) {
	a := it.only
	if a == nil || !a.known {
		return time.Time{}, false
	}
	if a.online() {
		return time.Time{}, true
	}
	until = later(a.state.ActivitySince, it.start).Add(q.StickyFor)
	return until, until.After(b.clock)
}
