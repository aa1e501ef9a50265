package assign_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

// reference is a desk that looks at every item and every agent each time. It
// is slow, and short enough to be seen to be right.
type reference struct {
	policy domain.Policy
	items  map[string]domain.WorkItem
	agents map[string]domain.Agent
	ended  map[string]time.Time
	starts map[string]time.Time // what start found, by item and version
}

func (r *reference) workable(w *domain.WorkItem, t time.Time) bool {
	q := r.policy.Queue(w.Queue)
	if w.Kind == domain.Callback && r.policy.QuietAt(t, domain.Zone(w.TimeZone, r.policy.TimeZone)) {
		return false
	}
	return q.OpenAt(t, r.policy.TimeZone)
}

// start is when an item could first be worked, found minute by minute.
func (r *reference) start(w *domain.WorkItem) time.Time {
	key := fmt.Sprint(w.ID, w.Version)
	if t, ok := r.starts[key]; ok {
		return t
	}
	r.starts[key] = w.Waiting()
	t := w.Waiting()
	for end := t.Add(10 * 24 * time.Hour); t.Before(end); t = t.Truncate(time.Minute).Add(time.Minute) {
		if r.workable(w, t) {
			r.starts[key] = t
			break
		}
	}
	return r.starts[key]
}

func (r *reference) fits(w *domain.WorkItem, a *domain.Agent, waited time.Duration) bool {
	q := r.policy.Queue(w.Queue)
	here := slices.Contains(a.Queues, w.Queue)
	for _, o := range q.Overflow {
		here = here || o.After <= waited && slices.Contains(a.Queues, o.Queue)
	}
	levels, anySkill, anyLang := 0, false, false
	for _, x := range q.Relax {
		if x.After <= waited {
			levels, anySkill, anyLang = max(levels, x.Levels), anySkill || x.Any, anyLang || x.AnyLang
		}
	}
	skilled := true
	for _, s := range w.Skills {
		k, err := domain.ParseSkill(s)
		if err == nil && !anySkill && a.Skills[k.Name] < max(1, k.Level-levels) {
			skilled = false
		}
	}
	return here && skilled && (anyLang || a.Speaks(w.Lang, r.policy.DefaultLang))
}

func (r *reference) proficiency(w *domain.WorkItem, a *domain.Agent) int {
	sum, seen := 0, map[string]bool{}
	for _, s := range w.Skills {
		if k, err := domain.ParseSkill(s); err == nil && !seen[k.Name] {
			seen[k.Name] = true
			sum += a.Skills[k.Name]
		}
	}
	return sum
}

func (r *reference) match(now time.Time) []assign.Offer {
	held := map[string]int{}
	var waiting []domain.WorkItem
	for _, w := range r.items {
		if h := w.Holder(); h != "" {
			held[h]++
		}
		if w.State == domain.WorkPending && !w.NotBefore.After(now) && r.workable(&w, now) {
			waiting = append(waiting, w)
		}
	}
	slices.SortFunc(waiting, func(a, b domain.WorkItem) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Due.Compare(b.Due), a.Waiting().Compare(b.Waiting()), strings.Compare(a.ID, b.ID))
	})
	var out []assign.Offer
	for _, w := range waiting {
		a, why := r.choose(&w, held, now)
		if a == "" {
			continue
		}
		held[a]++
		out = append(out, assign.Offer{
			WorkItem: w.ID, Agent: a, Customer: w.Customer, Until: now.Add(r.offerFor(&w)),
			Reservation: domain.ReservationID(w.ID, w.Offers+1), Why: why,
		})
	}
	return out
}

func (r *reference) offerFor(w *domain.WorkItem) time.Duration {
	q := r.policy.Queue(w.Queue)
	return q.OfferFor
}

func (r *reference) choose(w *domain.WorkItem, held map[string]int, now time.Time) (agent, why string) {
	q := r.policy.Queue(w.Queue)
	start := r.start(w)
	ended := w.QueuedAt
	if w.Reservation != nil {
		ended = later(ended, w.Reservation.EndedAt)
	}
	pausing := len(w.Passed) > 0 && now.Before(ended.Add(q.OfferFor))
	let := func(id string) bool { return slices.Contains(w.Passed, id) }
	free := func(id string) bool {
		a, ok := r.agents[id]
		return ok && !a.Disabled && a.Activity == domain.ActivityAvailable && held[id] < a.Capacity
	}
	if a, ok := r.agents[w.For]; ok && !a.Disabled {
		away := later(a.ActivitySince, start).Add(q.StickyFor)
		if a.Activity != domain.ActivityOffline || now.Before(away) {
			if free(a.ID) && !(pausing && let(a.ID)) {
				return a.ID, assign.WhyMeant
			}
			return "", ""
		}
	}
	fits := func(id string) bool {
		a, ok := r.agents[id]
		return ok && !a.Disabled && r.fits(w, &a, now.Sub(start))
	}
	if a := r.agents[w.Before]; w.Before != "" && fits(w.Before) && !let(w.Before) {
		if free(w.Before) {
			return w.Before, assign.WhyLast
		}
		if a.Activity != domain.ActivityOffline && now.Before(start.Add(q.StickyFor)) {
			return "", ""
		}
	}
	var fresh, again []string
	for id := range r.agents {
		switch {
		case !free(id) || !fits(id):
		case let(id):
			again = append(again, id)
		default:
			fresh = append(fresh, id)
		}
	}
	order := func(x, y string) int {
		a, b := r.agents[x], r.agents[y]
		return cmp.Or(
			cmp.Compare(held[x], held[y]),
			later(a.ActivitySince, r.ended[x]).Compare(later(b.ActivitySince, r.ended[y])),
			cmp.Compare(r.proficiency(w, &b), r.proficiency(w, &a)),
			strings.Compare(x, y),
		)
	}
	switch {
	case len(fresh) > 0:
		return slices.MinFunc(fresh, order), assign.WhyIdle
	case len(again) > 0 && !pausing:
		return slices.MinFunc(again, order), assign.WhyAgain
	}
	return "", ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
