package assign

import (
	"math"
	"time"
)

// Handling is how long agents are taken by a work item of a queue, from the
// offer to the end of after-contact work: a mean and a spread in which what
// happened lately weighs more. The zero value knows nothing. Its fields are
// for keeping it; Add is for changing it.
type Handling struct {
	Count  int     `json:"count"`          // durations added so far
	Mean   float64 `json:"mean_seconds"`   // seconds
	Square float64 `json:"square_seconds"` // mean of squared deviations, seconds squared
}

// handlingMemory is about how many durations the mean is made of once there
// are that many: fewer and it jumps, more and it misses a change of the day.
const handlingMemory = 200

// maxHandling bounds one duration: an item that somebody forgot to end must
// not move the mean for a day.
const maxHandling = 8 * time.Hour

// Add takes one finished piece of work in. The first ones weigh equally, so
// that the mean is right from the start; a negative duration is ignored.
func (h *Handling) Add(d time.Duration) {
	if d < 0 {
		return
	}
	x := min(d, maxHandling).Seconds()
	h.Count = min(h.Count+1, math.MaxInt32)
	weight := 1 / float64(min(h.Count, handlingMemory))
	delta := x - h.Mean
	h.Mean += weight * delta
	h.Square = (1 - weight) * (h.Square + weight*delta*delta)
}

// valid reports whether there is anything to reckon with.
func (h *Handling) valid() bool {
	return h.Count > 0 && h.Mean > 0 && !math.IsInf(h.Mean, 0) && h.Square >= 0 && !math.IsInf(h.Square, 0)
}

// variation is the spread as a share of the mean, squared. With few durations
// it leans on what is usual for talks: a spread as large as the mean's half.
func (h *Handling) variation() float64 {
	const usual, usualCount = 0.25, 5
	own := h.Square / (h.Mean * h.Mean)
	n := float64(min(h.Count, handlingMemory))
	return min((own*n+usual*usualCount)/(n+usualCount), 9)
}

// Pace is how many items come into a queue, by priority; what happened in the
// last half hour weighs most. The zero value knows of none. Its fields are for
// keeping it.
type Pace struct {
	At    time.Time       `json:"at,omitzero"`
	First time.Time       `json:"first,omitzero"` // since when it has been counting
	Sums  map[int]float64 `json:"sums,omitempty"` // by priority: items, the older the less
}

const paceMemory = 30 * time.Minute

// Add counts an item that came in. Times before the last one count as then.
func (p *Pace) Add(at time.Time, priority int) {
	if p.Sums == nil {
		p.Sums, p.At, p.First = map[int]float64{}, at, at
	}
	if d := at.Sub(p.At); d > 0 {
		fade := math.Exp(-d.Seconds() / paceMemory.Seconds())
		for k := range p.Sums {
			p.Sums[k] *= fade
		}
		p.At = at
	}
	p.Sums[min(max(priority, 0), 100)]++
}

// above is how many items a second come in at a time that are more pressing
// than a priority.
func (p *Pace) above(now time.Time, priority int) float64 {
	sum := 0.0
	for k := priority + 1; k <= 100; k++ { // in order, so that sums do not depend on it
		sum += p.Sums[k]
	}
	age := now.Sub(p.First).Seconds()
	if sum == 0 || age <= 0 {
		return 0
	}
	memory := paceMemory.Seconds()
	fade := math.Exp(-max(now.Sub(p.At).Seconds(), 0) / memory)
	seen := memory * (1 - math.Exp(-age/memory))
	return sum * fade / max(seen, 60)
}
