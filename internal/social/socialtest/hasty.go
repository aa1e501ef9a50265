package socialtest

import (
	"sync"
	"time"
)

// Hasty is a clock on which whatever somebody waits for is at once. It is for
// one way that waits, since it moves on for all.
type Hasty struct {
	At    time.Time
	Waits func(d time.Duration) // hears of each wait before it is over; may be nil

	mu sync.Mutex
}

// Now implements clock.Clock.
func (h *Hasty) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.At
}

// Pass lets time go by.
func (h *Hasty) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.At = h.At.Add(d)
}

// Alarm implements clock.Clock.
func (h *Hasty) Alarm(at time.Time) (<-chan struct{}, func()) {
	if d := max(at.Sub(h.Now()), 0); h.Waits != nil {
		h.Waits(d)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.After(h.At) {
		h.At = at
	}
	rang := make(chan struct{})
	close(rang)
	return rang, func() {}
}
