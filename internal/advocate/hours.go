package advocate

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Hours are counted in the domain; these are its words as decisions use them.

// step is the resolution in which opening hours are counted.
const step = domain.WorkingStep

func zone(names ...string) *time.Location { return domain.Zone(names...) }

func queueOpen(q *domain.Queue, t time.Time, fallback string) bool { return q.OpenAt(t, fallback) }

func quiet(p *domain.Policy, t time.Time, z *time.Location) bool { return p.QuietAt(t, z) }

func afterQuiet(p *domain.Policy, t time.Time, z *time.Location) time.Time {
	return p.AfterQuiet(t, z)
}

func workingTime(start time.Time, d time.Duration, open func(time.Time) bool) time.Time {
	return domain.WorkingTime(start, d, open)
}

func nextOpen(start time.Time, open func(time.Time) bool) time.Time {
	return domain.NextOpen(start, open)
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
