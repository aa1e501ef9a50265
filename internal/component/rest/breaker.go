package rest

import (
	"sync"
	"time"
)

// State of a circuit breaker.
type State string

const (
	Closed   State = "closed"    // questions go through
	Open     State = "open"      // none do
	HalfOpen State = "half_open" // one is on its way to try
)

// breaker counts failures in a row. It is safe for concurrent use.
type breaker struct {
	mu       sync.Mutex
	now      func() time.Time
	failures int // that open it
	cooldown time.Duration
	row      int // failures so far
	until    time.Time
	open     bool
	probing  bool
	age      uint64 // raised with every change of state; late outcomes of an earlier one are void
}

// enter asks for leave. With ok the caller must call leave once with ticket.
func (b *breaker) enter() (ticket uint64, until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		if b.probing || b.now().Before(b.until) {
			return 0, b.until, false
		}
		b.probing = true
		b.age++
	}
	return b.age, time.Time{}, true
}

// outcome of what was let through.
type outcome int

const (
	good    outcome = iota
	bad             // the service's fault
	unknown         // ended before the service could show what it does
)

func (b *breaker) leave(ticket uint64, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ticket != b.age {
		return
	}
	switch {
	case o == unknown:
		b.probing = false // the next one may try
	case o == good:
		if b.open {
			b.age++
		}
		b.row, b.open, b.probing = 0, false, false
	default:
		if b.row++; b.open || b.row >= b.failures {
			b.open, b.probing = true, false
			b.until = b.now().Add(b.cooldown)
			b.age++
		}
	}
}

func (b *breaker) state() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.open:
		return Closed
	case b.probing:
		return HalfOpen
	}
	return Open
}
