package domain

import (
	"sync"
	"time"
)

// zones caches time zones by name: loading one reads the zone database, which
// is constant for the life of the process.
var zones sync.Map

// Zone returns the first of the names that is a time zone, else UTC.
func Zone(names ...string) *time.Location {
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

// OpenAt reports whether a queue works at t; fallback is the time zone of one
// that names none.
func (q *Queue) OpenAt(t time.Time, fallback string) bool {
	if len(q.Hours) == 0 && len(q.Holidays) == 0 {
		return true
	}
	local := t.In(Zone(q.TimeZone, fallback))
	if len(q.Holidays) > 0 {
		day := local.Format(time.DateOnly)
		for _, h := range q.Holidays {
			if h == day {
				return false
			}
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

// QuietAt reports whether t lies in the hours in which nothing proactive
// reaches a customer who lives in z.
func (p *Policy) QuietAt(t time.Time, z *time.Location) bool {
	if p.QuietFrom == p.QuietTo {
		return false
	}
	h := t.In(z).Hour()
	if p.QuietFrom < p.QuietTo {
		return h >= p.QuietFrom && h < p.QuietTo
	}
	return h >= p.QuietFrom || h < p.QuietTo
}

// AfterQuiet returns t, or the end of the quiet hours t lies in.
func (p *Policy) AfterQuiet(t time.Time, z *time.Location) time.Time {
	if !p.QuietAt(t, z) {
		return t
	}
	local := t.In(z)
	end := time.Date(local.Year(), local.Month(), local.Day(), p.QuietTo, 0, 0, 0, z)
	if !end.After(t) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, p.QuietTo, 0, 0, 0, z)
	}
	return end.UTC()
}

// WorkingStep is the resolution in which opening hours are counted.
const WorkingStep = 5 * time.Minute

// maxWorkingSteps bounds the search for open hours: 60 days. A queue that does
// not open in that time is counted as always open.
const maxWorkingSteps = 60 * 24 * 12

// WorkingTime returns when d of open time has passed since start.
func WorkingTime(start time.Time, d time.Duration, open func(time.Time) bool) time.Time {
	t, left := start, d
	for range maxWorkingSteps {
		next := t.Truncate(WorkingStep).Add(WorkingStep)
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

// NextOpen returns the first time from start on at which open holds, in steps
// of five minutes.
func NextOpen(start time.Time, open func(time.Time) bool) time.Time {
	return WorkingTime(start, 0, open)
}
