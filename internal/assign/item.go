package assign

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// item is what the board keeps of a work item that is not final.
type item struct {
	id       string
	customer domain.CustomerID
	version  int64
	state    domain.WorkItemState
	key      placeKey
	demand   *demand
	place    *place

	priority int
	due      int64     // microseconds; the largest for one without
	waiting  time.Time // since when it has waited …
	since    int64     // … in microseconds
	start    time.Time // since when it could have been worked: what relaxes is counted from here

	notBefore time.Time
	only      *agent   // For
	last      *agent   // Before
	passed    []string // sorted
	passedKey string
	pausedAt  time.Time // when somebody last let it go: an offer ended, or it was passed on
	offers    int

	holder     *agent
	assignedAt time.Time

	filed bool
	line  *line // where it waits, nil while it does not
	at    int   // its place there
	age   int   // its place among its queue's waiting items
	wake  time.Time
	alarm int // its place among the board's alarms, -1 for none
}

// take reads a work item's state into it.
func (it *item) take(w *domain.WorkItem) {
	it.customer, it.version, it.state = w.Customer, w.Version, w.State
	it.key = placeKey{queue: w.Queue}
	if w.Kind == domain.Callback {
		it.key.callback, it.key.zone = true, w.TimeZone
	}
	it.priority, it.due = min(max(w.Priority, 0), domain.PriorityUrgent), math.MaxInt64
	if !w.Due.IsZero() {
		it.due = micros(w.Due)
	}
	it.waiting, it.notBefore, it.assignedAt = w.Waiting(), w.NotBefore, w.AssignedAt
	it.since = micros(it.waiting)
	it.passed = slices.Compact(slices.Sorted(slices.Values(w.Passed)))
	it.passedKey = strings.Join(it.passed, "\x00")
	it.offers, it.pausedAt = w.Offers, w.QueuedAt
	if w.Reservation != nil {
		it.pausedAt = later(it.pausedAt, w.Reservation.EndedAt)
	}
}

// before orders items: the higher priority, the sooner due, the longer
// waiting, the id. One without a due time comes after those with one.
func (it *item) before(o *item) bool {
	switch { // one by one: most of a match is spent here
	case it.priority != o.priority:
		return it.priority > o.priority
	case it.due != o.due:
		return it.due < o.due
	case it.since != o.since:
		return it.since < o.since
	}
	return it.id < o.id
}

// older orders items by how long they have waited alone.
func (it *item) older(o *item) bool {
	if it.since != o.since {
		return it.since < o.since
	}
	return it.id < o.id
}

// let reports whether an agent let an offer of this item go.
func (it *item) let(a *agent) bool {
	_, found := slices.BinarySearch(it.passed, a.id)
	return found
}

// lineKey is what the items of a line have in common: where and when they are
// worked, and who may be offered them.
type lineKey struct {
	place  *place
	ask    *ask   // nil for solo
	solo   *agent // the only one who is asked now
	passed string // who is not asked before a pause has gone by
}

// line is where items wait that the same agents may be offered. An item that
// can be offered now is the first of its line or comes after one that can.
type line struct {
	key   lineKey
	out   []*agent // key.passed
	items heap[*item]
	index int // its place among its ask's lines, or among the board's for one agent each
}

// less takes those from a count of free agents who fit whom the line leaves
// out.
func (l *line) less(n int) int {
	for _, a := range l.out {
		if a.bucket >= 0 && l.key.ask.fits(a.slot) {
			n--
		}
	}
	return n
}
