// Package clock is where the time comes from: the machine's, or one that a
// test, a replay or the simulator moves by hand.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time and rings at a time. It is safe for concurrent use.
type Clock interface {
	// Now is the time in UTC, in whole microseconds, as stores keep it.
	Now() time.Time
	// Alarm returns a channel that is closed once Now is not before t, and a
	// function that gives the alarm up. Calling it twice does nothing.
	Alarm(t time.Time) (<-chan struct{}, func())
}

// Real is the machine's clock.
func Real() Clock { return real{} }

type real struct{}

func (real) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (real) Alarm(t time.Time) (<-chan struct{}, func()) {
	ch := make(chan struct{})
	timer := time.AfterFunc(max(0, time.Until(t)), func() { close(ch) })
	return ch, func() { timer.Stop() }
}

// Manual stands still until it is moved. It never goes back.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	alarms map[chan struct{}]time.Time
}

var (
	_ Clock = real{}
	_ Clock = (*Manual)(nil)
)

// NewManual makes a clock that shows t.
func NewManual(t time.Time) *Manual {
	return &Manual{now: t.UTC().Truncate(time.Microsecond), alarms: map[chan struct{}]time.Time{}}
}

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Alarm implements Clock.
func (m *Manual) Alarm(t time.Time) (<-chan struct{}, func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch := make(chan struct{})
	if !t.After(m.now) {
		close(ch)
		return ch, func() {}
	}
	m.alarms[ch] = t
	return ch, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.alarms, ch)
	}
}

// Advance moves the clock forward and rings what fell due.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

// Set moves the clock to t and rings what fell due; an earlier t is ignored.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t = t.UTC().Truncate(time.Microsecond)
	if t.Before(m.now) {
		return
	}
	m.now = t
	for ch, at := range m.alarms {
		if !at.After(t) {
			delete(m.alarms, ch)
			close(ch)
		}
	}
}
