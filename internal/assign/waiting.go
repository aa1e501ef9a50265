package assign

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Waiting counts the items of a queue.
type Waiting struct {
	Ready    int // may be offered, or will be as soon as its hours allow
	Later    int // not before a time that is still to come, or after a pause
	Offered  int
	Assigned int
	Wrapping int
	Oldest   time.Time // since when the item that has waited longest has; zero for none
}

// tally counts the items of one queue.
type tally struct {
	Waiting
	ready  [domain.PriorityUrgent + 1]int // by priority
	oldest heap[*item]
}

// Waiting returns the counts of a queue as of the board's latest time.
func (b *Board) Waiting(queue string) Waiting {
	t := b.queues[queue]
	if t == nil {
		return Waiting{}
	}
	w := t.Waiting
	if len(t.oldest.list) > 0 {
		w.Oldest = t.oldest.list[0].waiting
	}
	return w
}

func (b *Board) tally(queue string) *tally {
	t := b.queues[queue]
	if t == nil {
		t = &tally{oldest: heap[*item]{less: (*item).older, moved: func(x *item, i int) { x.age = i }}}
		b.queues[queue] = t
	}
	return t
}

// count adds an item as it is filed, or takes it away.
func (t *tally) count(it *item, by int) {
	switch {
	case it.state == domain.WorkReserved:
		t.Offered += by
	case it.state == domain.WorkAssigned:
		t.Assigned += by
	case it.state == domain.WorkWrapping:
		t.Wrapping += by
	case it.line == nil:
		t.Later += by
	default:
		t.Ready += by
		t.ready[it.priority] += by
		if by > 0 {
			t.oldest.push(it)
		} else {
			t.oldest.remove(it.age)
		}
	}
}
