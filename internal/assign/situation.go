package assign

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// situation is a queue as an estimate sees it.
type situation struct {
	places   int       // agents' room, taken or not
	taken    []float64 // for how many seconds each taken place has been
	ahead    int
	pressing float64 // items a second that come in later and go first
	handling Handling
}

const (
	plays       = 200  // times a situation is played through
	maxPlaces   = 100  // with more places or …
	maxAhead    = 300  // … more items ahead the law of large numbers does as well
	modelSpread = 0.15 // what the model itself is off by: breaks, shifts, the hour of the day
	upperShare  = 0.90
	longestWait = 30 * 24 * time.Hour

	// A bound of days beside a median of hours says that in some of the plays
	// more pressing work never ends: that is no bound to tell anybody.
	believable       = 24 * time.Hour
	believableSpread = 4
)

// wait returns the median and the bound that nine of ten keep. It plays the
// situation through with a fixed seed, so the same situation has one answer.
func (s *situation) wait() (known bool, why string, median, upper time.Duration) {
	free := s.places - len(s.taken)
	switch {
	case s.places == 0:
		return false, UnknownAgents, 0, 0
	case s.ahead < free:
		return true, "", 0, 0
	case !s.handling.valid():
		return false, UnknownHandling, 0, 0
	case s.pressing*s.handling.Mean >= float64(s.places):
		return false, UnknownPressing, 0, 0
	}
	slices.Sort(s.taken) // they come from a map
	rng := rand.New(rand.NewPCG(1, 1))
	waits := make([]float64, plays)
	v := s.handling.variation()
	off := math.Sqrt(modelSpread*modelSpread + v/float64(min(s.handling.Count, handlingMemory)))
	for i := range waits {
		mean := s.handling.Mean * math.Exp(off*rng.NormFloat64())
		if s.places > maxPlaces || s.ahead-free > maxAhead {
			waits[i] = s.reckon(mean, v, free, rng)
		} else {
			waits[i] = s.play(mean, v, free, rng)
		}
	}
	slices.Sort(waits)
	median, upper = seconds(waits[plays/2]), seconds(waits[int(plays*upperShare)])
	if upper > believable && upper > believableSpread*median {
		return false, UnknownPressing, 0, 0
	}
	return true, "", median, upper
}

func seconds(s float64) time.Duration {
	return time.Duration(min(s, longestWait.Seconds()) * float64(time.Second)).Round(time.Second)
}

// reckon draws a wait from what many places or many items come to on average.
func (s *situation) reckon(mean, v float64, free int, rng *rand.Rand) float64 {
	n := float64(s.ahead - free + 1)
	rate := float64(s.places)/mean - s.pressing
	if rate <= 0 {
		return longestWait.Seconds()
	}
	t := n / rate
	return max(t+math.Sqrt(n*v+s.pressing*t)/rate*rng.NormFloat64(), 0)
}

// play lets places become free one after the other until it is the item's
// turn.
func (s *situation) play(mean, v float64, free int, rng *rand.Rand) float64 {
	sigma := math.Sqrt(math.Log1p(v))
	mu := math.Log(mean) - sigma*sigma/2
	ends := heap[float64]{less: func(a, b float64) bool { return a < b }}
	for _, taken := range s.taken {
		ends.push(rest(mu, sigma, mean, taken, rng))
	}
	draw := func() float64 { return math.Exp(mu + sigma*rng.NormFloat64()) }
	ahead := s.ahead
	for range free {
		ahead--
		ends.push(draw())
	}
	now := 0.0
	next := math.Inf(1)
	if s.pressing > 0 {
		next = rng.ExpFloat64() / s.pressing
	}
	for range 100 * (maxAhead + maxPlaces) {
		end := ends.list[0]
		for next < end {
			ahead++
			next += rng.ExpFloat64() / s.pressing
		}
		if now = end; ahead <= 0 || now > longestWait.Seconds() {
			return now
		}
		ahead--
		ends.down(0, end+draw())
	}
	return longestWait.Seconds()
}

// rest draws how much longer a piece of work takes that has taken a while.
func rest(mu, sigma, mean, taken float64, rng *rand.Rand) float64 {
	u := rng.Float64()
	if taken <= 0 {
		return math.Exp(mu + sigma*normal(u))
	}
	if sigma < 1e-6 {
		return max(mean-taken, mean/10*u)
	}
	tail := 0.5 * math.Erfc((math.Log(taken)-mu)/sigma/math.Sqrt2) // share of work that takes longer
	if tail < 1e-6 {
		return mean * u // out of all experience
	}
	return max(math.Exp(mu-sigma*normal(tail*(1-u)))-taken, 0)
}

// normal is the inverse of the normal distribution.
func normal(u float64) float64 {
	return math.Sqrt2 * math.Erfinv(2*min(max(u, 1e-12), 1-1e-12)-1)
}
