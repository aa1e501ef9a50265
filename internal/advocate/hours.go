package advocate

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

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
