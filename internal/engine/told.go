package engine

import (
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
)

// tellers let turns that ran beside each other tell of one customer's changes
// in the order in which they were committed.
//
// A turn joins at the end of its transaction, with the customers it holds the
// locks of. Whoever joins later for one of them had to wait for that lock, so
// the order of joining is the order of committing, and nobody waits for a turn
// that has not been committed or given up.
type tellers struct {
	mu   sync.Mutex
	last map[domain.CustomerID]*teller
}

// teller is one turn's place.
type teller struct {
	after []*teller
	done  chan struct{}
}

// join takes a place behind all who joined for the same customers before.
func (q *tellers) join(order []*seat) *teller {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last == nil {
		q.last = map[domain.CustomerID]*teller{}
	}
	p := &teller{done: make(chan struct{})}
	for _, s := range order {
		if !s.decided {
			continue
		}
		if before := q.last[s.id]; before != nil {
			p.after = append(p.after, before)
		}
		q.last[s.id] = p
	}
	return p
}

// wait returns when it is this place's turn.
func (p *teller) wait() {
	for _, before := range p.after {
		<-before.done
	}
}

// leave gives the place up after its turn.
func (q *tellers) leave(p *teller, order []*seat) {
	q.mu.Lock()
	for _, s := range order {
		if q.last[s.id] == p {
			delete(q.last, s.id)
		}
	}
	q.mu.Unlock()
	close(p.done)
}

// tickets let those who come after each other through a door in that order.
type tickets struct {
	mu      sync.Mutex
	changed sync.Cond
	drawn   uint64
	served  uint64
}

func (k *tickets) draw() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changed.L = &k.mu
	k.drawn++
	return k.drawn
}

// wait returns when all tickets before n are done.
func (k *tickets) wait(n uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.served != n-1 {
		k.changed.Wait()
	}
}

func (k *tickets) done() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.served++
	k.changed.Broadcast()
}

// tellInPlace gives the turn's place up, after telling if it was committed.
func (t *turn) tellInPlace(committed bool) {
	p := t.place
	t.place = nil
	defer t.e.tellers.leave(p, t.order)
	p.wait()
	if committed {
		t.committed()
	}
}
