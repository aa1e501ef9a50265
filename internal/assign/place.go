package assign

import (
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// openBlock is a span in which no time zone's offset and no quiet hour
// changes: all of them lie on quarters of an hour.
const openBlock = 15 * time.Minute

// horizon bounds the search for the next open hour. A queue that stays closed
// for that long is asked about again then.
const horizon = 60 * 24 * time.Hour

// placeKey is what decides when an item may be worked: its queue's hours and,
// for a call, the customer's zone.
type placeKey struct {
	queue    string
	callback bool
	zone     string
}

// place knows when the items of one queue, and of callers in one zone, may be
// worked. It remembers what it found last: most questions are about the same
// minute, or about the same night.
type place struct {
	policy *domain.Policy
	queue  domain.Queue
	zone   *time.Location // the customer's; nil where only the queue's hours count
	items  int            // filed in lines of this place

	minute    time.Time // openAt's last question …
	open      bool      // … and its answer
	shutFrom  time.Time // closed from here …
	shutUntil time.Time // … until here
}

// openAt reports whether items of this place may be worked at t.
func (p *place) openAt(t time.Time) bool {
	if m := t.Truncate(time.Minute); !m.Equal(p.minute) || p.minute.IsZero() {
		p.minute, p.open = m, p.work(t)
	}
	return p.open
}

func (p *place) work(t time.Time) bool {
	if p.zone != nil && p.policy.QuietAt(t, p.zone) {
		return false
	}
	return p.queue.OpenAt(t, p.policy.TimeZone)
}

// next returns the first time from t on at which items may be worked, to the
// minute; the horizon if there is none before it.
func (p *place) next(t time.Time) time.Time {
	if !t.Before(p.shutFrom) && t.Before(p.shutUntil) {
		return p.shutUntil
	}
	if p.work(t) {
		return t
	}
	at := p.search(t)
	p.shutFrom, p.shutUntil = t, at
	return at
}

func (p *place) search(t time.Time) time.Time {
	z := domain.Zone(p.queue.TimeZone, p.policy.TimeZone)
	end := t.Add(horizon)
	for at := t; at.Before(end); at = at.Truncate(openBlock).Add(openBlock) {
		if p.work(at) {
			return at
		}
		if p.zone != nil && p.policy.QuietAt(at, p.zone) {
			continue
		}
		local := at.In(z)
		minute := local.Hour()*60 + local.Minute()
		rest := int(openBlock/time.Minute) - local.Minute()%int(openBlock/time.Minute)
		found := rest
		for _, h := range p.queue.Hours {
			if d := h.From - minute; h.Weekday == local.Weekday() && d > 0 && d < found && h.To > h.From {
				found = d
			}
		}
		if found < rest {
			if o := at.Truncate(time.Minute).Add(time.Duration(found) * time.Minute); p.work(o) {
				return o
			}
		}
	}
	return end
}
