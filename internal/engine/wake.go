package engine

import (
	"slices"
	"sync"
	"time"
)

// maxHints is how many wake-up times a loop is told of; later ones are found
// by looking.
const maxHints = 1024

// wakeHint tells a loop that there is work now, or at a time.
type wakeHint struct {
	mu    sync.Mutex
	times []time.Time // ahead, earliest first
	armed time.Time   // the loop sleeps until then; zero while it is awake
	bell  chan struct{}
}

func (w *wakeHint) init() { w.bell = make(chan struct{}, 1) }

// ring says that there is work now.
func (w *wakeHint) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// before says that there will be work at a time. A loop that sleeps longer is
// woken; one that is awake sees it when it goes to sleep.
func (w *wakeHint) before(at time.Time) {
	if at.IsZero() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i, known := slices.BinarySearchFunc(w.times, at, time.Time.Compare)
	if !known {
		w.times = slices.Insert(w.times, i, at)
		if len(w.times) > maxHints {
			w.times = w.times[:maxHints]
		}
	}
	if !w.armed.IsZero() && at.Before(w.armed) {
		w.ring()
	}
}

// arm returns when the loop that goes to sleep now has to wake: at until, or
// earlier where it was told of earlier work.
func (w *wakeHint) arm(until time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.times) > 0 && w.times[0].Before(until) {
		until = w.times[0]
	}
	w.armed = until
	return until
}

// pass forgets times up to now: the loop is about to look for itself.
func (w *wakeHint) pass(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, _ := slices.BinarySearchFunc(w.times, now.Add(1), time.Time.Compare)
	w.times = slices.Delete(w.times, 0, i)
}

func (w *wakeHint) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = time.Time{}
}
