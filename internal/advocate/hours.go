package advocate

import (
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// zones caches time zones by name: loading one reads the zone database, which
// is constant for the life of the process.
var zones sync.Map

// zone returns the first of the names that is a time zone, else UTC.
func zone(names ...string) *time.Location {
	for _, name := range names {
		if name == "" || len(name) > 64 {
			continue
		}
		if z, ok := zones.Load(name); ok {
			return z.(*time.Location)
		}
		if z, err := time.LoadLocation(name); err == nil {
			zones.Store(name, z)
			return z
		}
	}
	return time.UTC
}

// queueOpen reports whether a queue works at t.
func queueOpen(q *domain.Queue, t time.Time, fallback string) bool {
	if len(q.Hours) == 0 && len(q.Holidays) == 0 {
		return true
	}
	local := t.In(zone(q.TimeZone, fallback))
	day := local.Format(time.DateOnly)
	for _, h := range q.Holidays {
		if h == day {
			return false
		}
	}
	if len(q.Hours) == 0 {
		return true
	}
	minute := local.Hour()*60 + local.Minute()
	for _, h := range q.Hours {
		if h.Weekday == local.Weekday() && minute >= h.From && minute < h.To {
			return true
		}
	}
	return false
}

// quiet reports whether t lies in the hours in which nothing proactive
// reaches a customer.
func quiet(p *domain.Policy, t time.Time, z *time.Location) bool {
	if p.QuietFrom == p.QuietTo {
		return false
	}
	h := t.In(z).Hour()
	if p.QuietFrom < p.QuietTo {
		return h >= p.QuietFrom && h < p.QuietTo
	}
	return h >= p.QuietFrom || h < p.QuietTo
}

// afterQuiet returns t, or the end of the quiet hours t lies in.
func afterQuiet(p *domain.Policy, t time.Time, z *time.Location) time.Time {
	if !quiet(p, t, z) {
		return t
	}
	local := t.In(z)
	end := time.Date(local.Year(), local.Month(), local.Day(), p.QuietTo, 0, 0, 0, z)
	if !end.After(t) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, p.QuietTo, 0, 0, 0, z)
	}
	return end.UTC()
}

// step is the resolution in which opening hours are counted.
const step = 5 * time.Minute

// maxSteps bounds the search for open hours: 60 days. A queue that does not
// open in that time is counted as always open.
const maxSteps = 60 * 24 * 12

// workingTime returns when d of open time has passed since start.
func workingTime(start time.Time, d time.Duration, open func(time.Time) bool) time.Time {
	t, left := start, d
	for range maxSteps {
		next := t.Truncate(step).Add(step)
		if open(t) {
			span := next.Sub(t)
			if left <= span {
				return t.Add(left)
			}
			left -= span
		}
		t = next
	}
	return start.Add(d)
}

// nextOpen returns the first time from start on at which open holds.
func nextOpen(start time.Time, open func(time.Time) bool) time.Time {
	return workingTime(start, 0, open)
}

// preferredOpen reports whether t fits the time a customer asked for, or lies
// outside the time they ruled out.
func preferredOpen(p *domain.PreferredTime, asked, t time.Time, z *time.Location) bool {
	local := t.In(z)
	first := asked.In(z).AddDate(0, 0, p.DayOffset).Format(time.DateOnly)
	day := local.Format(time.DateOnly)
	if p.Not {
		bare := p.FromHour == p.ToHour && p.Weekday < 0
		that := p.DayOffset == 0 && !bare || day == first // "not tomorrow", "not now"
		return !(that && fitsClock(p, local))
	}
	return day >= first && fitsClock(p, local)
}

// fitsClock reports whether a local time has the weekday and the hours of p.
func fitsClock(p *domain.PreferredTime, local time.Time) bool {
	if p.Weekday >= 0 && int(local.Weekday()) != p.Weekday {
		return false
	}
	if p.FromHour == p.ToHour {
		return true
	}
	h := local.Hour()
	if p.FromHour < p.ToHour {
		return h >= p.FromHour && h < p.ToHour
	}
	return h >= p.FromHour || h < p.ToHour
}
