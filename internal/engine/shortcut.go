package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// shortcut brings effects from the turns that make them straight to the
// dispatcher: where that has room, an effect is leased by the transaction that
// puts it into the outbox, so that nobody has to look for it, lease it and read
// its customer again. It is a short cut and nothing else. What finds no room,
// or must wait for its turn, is claimed as ever; what is lost with the process
// leaves when its lease ends.
//
// A turn reserves room, and then gives its job or the room back.
type shortcut struct {
	mu     sync.Mutex
	room   map[string]int // by destination, as the dispatcher said last
	others int            // for each destination that it did not name
	out    map[string]int // by destination: reserved, and not with the dispatcher yet
	jobs   []*job         // that were given
	closed bool
	bell   chan struct{} // there are jobs, or fewer are out
}

func (s *shortcut) init() {
	s.room, s.out, s.bell = map[string]int{}, map[string]int{}, make(chan struct{}, 1)
}

// offer says how many effects each destination may be given from now on.
func (s *shortcut) offer(room func(yield func(destination string, room int))) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.room)
	if s.closed {
		return
	}
	room(func(destination string, n int) { s.room[destination] = n - s.out[destination] })
}

// offerAll says how many effects any destination may be given from now on.
func (s *shortcut) offerAll(most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.room)
	s.others = most
}

// reserve takes room for one effect, if there is any.
func (s *shortcut) reserve(destination string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, named := s.room[destination]
	if !named {
		room = s.others - s.out[destination]
	}
	if room <= 0 {
		return false
	}
	if named {
		s.room[destination]--
	}
	s.out[destination]++
	return true
}

// release gives room back that was not needed.
func (s *shortcut) release(destination string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.back(destination)
	if s.closed {
		s.ring()
	}
}

func (s *shortcut) back(destination string) {
	if s.out[destination]--; s.out[destination] == 0 {
		delete(s.out, destination)
	}
}

// give hands jobs over that room was reserved for.
func (s *shortcut) give(jobs []*job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, jobs...)
	s.ring()
}

// returned gives jobs again that were taken, and could not be carried out.
func (s *shortcut) returned(jobs []*job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(jobs, s.jobs...)
	for _, j := range jobs {
		s.out[j.row.Destination]++
	}
}

func (s *shortcut) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// take is what was given since the last time.
func (s *shortcut) take() []*job {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs := s.jobs
	s.jobs = nil
	for _, j := range jobs {
		s.back(j.row.Destination)
	}
	return jobs
}

// close ends the short cut and returns the last jobs, those of turns that are
// under way too, unless ctx ends before they do.
func (s *shortcut) close(ctx context.Context) (jobs []*job) {
	s.mu.Lock()
	s.closed = true
	clear(s.room)
	s.mu.Unlock()
	for {
		jobs = append(jobs, s.take()...)
		s.mu.Lock()
		out := len(s.out)
		s.mu.Unlock()
		if out == 0 {
			return jobs
		}
		select {
		case <-s.bell:
		case <-ctx.Done():
			return jobs
		}
	}
}

// claimNew lets a new effect be leased by the turn that makes it. Not where it
// has to wait for anything, or another node could not tell that this one is gone.
func (t *turn) claimNew(row *store.EffectRow, s *seat, mode string) *job {
	e := t.e
	if mode != ModeLive || !e.shortcut.reserve(row.Destination) {
		return nil
	}
	j := &job{mode: mode, snap: &s.decision.Next}
	if e.shared() != nil {
		if j.under = e.footing.Load(); j.under == nil || !j.under.begin() {
			e.shortcut.release(row.Destination)
			return nil
		}
		row.Under = j.under.name
	}
	row.State, row.Lease = domain.EffectSending, t.now.Add(lease)
	j.row = *row
	t.outgoing = append(t.outgoing, j)
	return j
}

// unclaimWaiting leaves those in the outbox that have to wait behind others of
// their conversation after all.
func (t *turn) unclaimWaiting() {
	t.outgoing = slices.DeleteFunc(t.outgoing, func(j *job) bool {
		if j.row.State == domain.EffectSending {
			return false
		}
		t.tally.effect = true
		t.e.shortcut.release(j.row.Destination)
		j.under.ended()
		return true
	})
}

// unclaimAll gives back what was reserved for effects of a run that was undone.
func (t *turn) unclaimAll() {
	for _, j := range t.outgoing {
		t.e.shortcut.release(j.row.Destination)
		j.under.ended()
	}
	t.outgoing = nil
}

// retireFootings gives up the footing of effects of which nobody knows whether
// they are in the outbox: the turn had written all, and the commit failed
// otherwise than by being refused.
func (t *turn) retireFootings() {
	for _, j := range t.outgoing {
		t.e.retire(j.under)
	}
}

// handOver hands the effects over that the turn leased. They are durable.
func (t *turn) handOver() {
	if len(t.outgoing) == 0 {
		return
	}
	for _, j := range t.outgoing {
		j.seen = time.Now()
	}
	t.e.shortcut.give(t.outgoing)
	t.outgoing = nil
}
