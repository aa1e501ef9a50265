package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// handover brings effects from the turns that make them straight to the
// dispatcher: where that has room, an effect is leased by the transaction that
// puts it into the outbox, so that nobody has to look for it, lease it and read
// its customer again. It is a short cut and nothing else. What finds no room,
// or must wait for its turn, is claimed as ever; what is lost with the process
// leaves when its lease ends.
//
// A turn reserves room, and then gives its job or the room back.
type handover struct {
	mu     sync.Mutex
	room   map[string]int // by destination, as the dispatcher said last
	others int            // for each destination that it did not name
	out    map[string]int // by destination: reserved, and not with the dispatcher yet
	jobs   []*job         // that were given
	closed bool
	bell   chan struct{} // there are jobs, or fewer are out
}

func (h *handover) init() {
	h.room, h.out, h.bell = map[string]int{}, map[string]int{}, make(chan struct{}, 1)
}

// offer says how many effects each destination may be given from now on.
func (h *handover) offer(room func(yield func(destination string, room int))) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.room)
	if h.closed {
		return
	}
	room(func(destination string, n int) { h.room[destination] = n - h.out[destination] })
}

// offerAll says how many effects any destination may be given from now on.
func (h *handover) offerAll(most int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.room)
	h.others = most
}

// reserve takes room for one effect, if there is any.
func (h *handover) reserve(destination string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	room, named := h.room[destination]
	if !named {
		room = h.others - h.out[destination]
	}
	if room <= 0 {
		return false
	}
	if named {
		h.room[destination]--
	}
	h.out[destination]++
	return true
}

// release gives room back that was not needed.
func (h *handover) release(destination string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.back(destination)
	if h.closed {
		h.ring()
	}
}

func (h *handover) back(destination string) {
	if h.out[destination]--; h.out[destination] == 0 {
		delete(h.out, destination)
	}
}

// give hands jobs over that room was reserved for.
func (h *handover) give(jobs []*job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs = append(h.jobs, jobs...)
	h.ring()
}

// returned gives jobs again that were taken, and could not be carried out.
func (h *handover) returned(jobs []*job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs = append(jobs, h.jobs...)
	for _, j := range jobs {
		h.out[j.row.Destination]++
	}
}

func (h *handover) ring() {
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

// take is what was given since the last time.
func (h *handover) take() []*job {
	h.mu.Lock()
	defer h.mu.Unlock()
	jobs := h.jobs
	h.jobs = nil
	for _, j := range jobs {
		h.back(j.row.Destination)
	}
	return jobs
}

// close ends the short cut and returns the last jobs, those of turns that are
// under way too, unless ctx ends before they do.
func (h *handover) close(ctx context.Context) (jobs []*job) {
	h.mu.Lock()
	h.closed = true
	clear(h.room)
	h.mu.Unlock()
	for {
		jobs = append(jobs, h.take()...)
		h.mu.Lock()
		out := len(h.out)
		h.mu.Unlock()
		if out == 0 {
			return jobs
		}
		select {
		case <-h.bell:
		case <-ctx.Done():
			return jobs
		}
	}
}

// bear lets a new effect be leased by the turn that makes it. Not where it has
// to wait for anything, or another node could not tell that this one is gone.
func (t *turn) bear(row *store.EffectRow, s *seat, mode string) *job {
	e := t.e
	if mode != ModeLive || !e.hand.reserve(row.Destination) {
		return nil
	}
	j := &job{mode: mode, snap: &s.decision.Next}
	if e.shared() != nil {
		if j.under = e.footing.Load(); j.under == nil || !j.under.begin() {
			e.hand.release(row.Destination)
			return nil
		}
		row.Under = j.under.name
	}
	row.State, row.Lease = domain.EffectSending, t.now.Add(lease)
	j.row = *row
	t.born = append(t.born, j)
	return j
}

// dropWaiting leaves those in the outbox that have to wait behind others of
// their conversation after all.
func (t *turn) dropWaiting() {
	t.born = slices.DeleteFunc(t.born, func(j *job) bool {
		if j.row.State == domain.EffectSending {
			return false
		}
		t.tally.effect = true
		t.e.hand.release(j.row.Destination)
		j.under.ended()
		return true
	})
}

// stillborn gives back what was reserved for effects of a run that was undone.
func (t *turn) stillborn() {
	for _, j := range t.born {
		t.e.hand.release(j.row.Destination)
		j.under.ended()
	}
	t.born = nil
}

// lostSight gives up the footing of effects of which nobody knows whether they
// are in the outbox: the turn had written all, and the commit failed.
func (t *turn) lostSight() {
	for _, j := range t.born {
		t.e.retire(j.under)
	}
}

// handOver hands the effects over that the turn leased. They are durable.
func (t *turn) handOver() {
	if len(t.born) == 0 {
		return
	}
	for _, j := range t.born {
		j.seen = time.Now()
	}
	t.e.hand.give(t.born)
	t.born = nil
}
