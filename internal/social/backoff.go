package social

import (
	"errors"
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after errors in a row: a pause that grows and is
// spread, so that not all come back at once; or as long as the network says.
// The zero value begins at a second and doubles up to a minute. It is for one
// way of one connector, not for concurrent use.
type Backoff struct {
	// Grow is the pause after an error that so many came before.
	Grow func(tries int, err error) time.Duration

	tries int
}

// operatorPause is the least where somebody has to do something first.
const operatorPause = 30 * time.Second

// Doubling is a Grow.
func Doubling(first, most time.Duration) func(tries int, err error) time.Duration {
	return func(tries int, _ error) time.Duration { return min(first<<min(tries, 16), most) }
}

var doubling = Doubling(time.Second, time.Minute)

// Over is Next of what is done every so often anyway: it is done no more often
// than that. Only a secret is looked for again sooner, which costs the network
// nothing: whoever has put it there waits for it.
func (b *Backoff) Over(often time.Duration, err error) time.Duration {
	next := b.Next(err)
	if unread(err) {
		return next
	}
	return max(often, next)
}

// Next is how long to wait after an error; nil is one that says nothing.
func (b *Backoff) Next(err error) time.Duration {
	grow := b.Grow
	if grow == nil {
		grow = doubling
	}
	d := grow(b.tries, err)
	b.tries++
	d = d*3/4 + rand.N(d/2+1)
	var e *Error
	if errors.As(err, &e) {
		if e.After > 0 {
			return e.After + rand.N(time.Second)
		}
		if e.Unread { // looked for again within a minute, after however many tries
			return operatorPause + rand.N(operatorPause)
		}
		if e.Fault == FaultOperator {
			return max(d, operatorPause)
		}
	}
	return d
}

// Tries is how many errors there were in a row.
func (b *Backoff) Tries() int { return b.tries }

// Reset notes that it went well.
func (b *Backoff) Reset() { b.tries = 0 }
