package builtin

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// horizon is how many days ahead hours are looked for.
const horizon = 62

// hours are a queue's opening times in its own zone.
type hours struct {
	queue domain.Queue
	zone  *time.Location
}

// newHours takes the queue's zone, the policy's where it has none, and UTC
// where neither is known; a configuration is checked for that when it loads.
func newHours(q domain.Queue, policyZone string) hours {
	for _, name := range []string{q.TimeZone, policyZone} {
		if name == "" {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			return hours{q, zone}
		}
	}
	return hours{q, time.UTC}
}

type span struct{ from, to time.Time }

// day returns the openings of the calendar day that is offset days from t's,
// in order and joined where they touch. Times of day go by the wall clock, so
// that a day with a clock change opens and closes when the sign says.
func (h hours) day(t time.Time, offset int) []span {
	y, m, d := t.In(h.zone).Date()
	at := func(minute int) time.Time { return time.Date(y, m, d+offset, 0, minute, 0, 0, h.zone) }
	noon := at(12 * 60)
	if slices.Contains(h.queue.Holidays, noon.Format(time.DateOnly)) {
		return nil
	}
	var out []span
	for _, o := range h.queue.Hours {
		if from, to := max(o.From, 0), min(o.To, 24*60); o.Weekday == noon.Weekday() && from < to {
			out = append(out, span{at(from), at(to)})
		}
	}
	if len(h.queue.Hours) == 0 {
		out = []span{{at(0), at(24 * 60)}}
	}
	slices.SortFunc(out, func(a, b span) int { return a.from.Compare(b.from) })
	joined := out[:0]
	for _, s := range out {
		if n := len(joined); n > 0 && !s.from.After(joined[n-1].to) {
			if s.to.After(joined[n-1].to) {
				joined[n-1].to = s.to
			}
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

func (h hours) open(t time.Time) bool {
	for _, s := range h.day(t, 0) {
		if !t.Before(s.from) && t.Before(s.to) {
			return true
		}
	}
	return false
}

// next returns when it opens after t; zero if not within the horizon.
func (h hours) next(t time.Time) time.Time {
	for day := range horizon {
		for _, s := range h.day(t, day) {
			if s.from.After(t) {
				return s.from
			}
		}
	}
	return time.Time{}
}

// openWithin returns how much of a stretch of time it was open.
func (h hours) openWithin(from, to time.Time) time.Duration {
	var sum time.Duration
	for day := 0; day < horizon; day++ {
		spans := h.day(from, day)
		for _, s := range spans {
			start, end := s.from, s.to
			if start.Before(from) {
				start = from
			}
			if end.After(to) {
				end = to
			}
			if end.After(start) {
				sum += end.Sub(start)
			}
		}
		if len(spans) > 0 && spans[0].from.After(to) {
			break
		}
	}
	return sum
}

// after returns when an amount of open time after t has passed.
func (h hours) after(t time.Time, work time.Duration) time.Time {
	for day := range horizon {
		for _, s := range h.day(t, day) {
			start := s.from
			if start.Before(t) {
				start = t
			}
			if !s.to.After(start) {
				continue
			}
			if left := s.to.Sub(start); work > left {
				work -= left
				continue
			}
			return start.Add(work)
		}
	}
	return t.Add(horizon * 24 * time.Hour)
}
