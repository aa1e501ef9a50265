package clock

import (
	"context"
	"sync"
	"time"
)

// Synced tells the time of somebody else's clock, such as a database's that
// several machines share. It asks now and then and goes on at the machine's own
// pace in between, whatever happens to the machine's date. It never goes back:
// after a step back of the other clock it stands still until that clock has
// come as far.
type Synced struct {
	mu   sync.Mutex
	from time.Time // of the machine, with its monotonic reading …
	at   time.Time // … when the other clock showed this
	last time.Time // the latest that Now gave
	set  bool
}

var _ Clock = (*Synced)(nil)

// NewSynced makes a clock that shows the machine's time until it is measured.
func NewSynced() *Synced {
	now := time.Now()
	return &Synced{from: now, at: now}
}

// slowAnswer is one that says too little of when the other clock was read.
const slowAnswer = 500 * time.Millisecond

// Measure asks the other clock, and reports how far it is ahead of the
// machine's date. An answer that came slowly is used only if there was none
// before.
func (s *Synced) Measure(ctx context.Context, ask func(context.Context) (time.Time, error)) (ahead time.Duration, err error) {
	sent := time.Now()
	there, err := ask(ctx)
	if err != nil {
		return 0, err
	}
	took := time.Since(sent)
	here := sent.Add(took / 2)
	s.mu.Lock()
	defer s.mu.Unlock()
	off := there.Sub(s.at.Add(here.Sub(s.from)))
	if !s.set || took < slowAnswer && off.Abs() > took { // less cannot be told from the way there and back
		s.from, s.at, s.set = here, there, true
	}
	return there.Sub(here.Round(0)), nil // Round drops the monotonic reading
}

// Now implements Clock.
func (s *Synced) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.at.Add(time.Since(s.from)).UTC().Truncate(time.Microsecond)
	if now.Before(s.last) {
		return s.last
	}
	s.last = now
	return now
}

// Alarm implements Clock. A step forward of the other clock is noticed within
// a second.
func (s *Synced) Alarm(t time.Time) (<-chan struct{}, func()) {
	ch, gone := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var timer *time.Timer
	look := func() time.Duration { return min(t.Sub(s.Now()), time.Second) }
	wait := look()
	if wait <= 0 {
		close(ch)
		return ch, func() {}
	}
	ready := make(chan struct{}) // timer is set
	timer = time.AfterFunc(wait, func() {
		<-ready
		if wait := look(); wait > 0 {
			select {
			case <-gone:
			default:
				timer.Reset(wait)
			}
			return
		}
		close(ch)
	})
	close(ready)
	return ch, func() {
		once.Do(func() { close(gone) })
		timer.Stop()
	}
}
