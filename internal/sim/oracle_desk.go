package sim

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// checkHeld is what holds of the desk after every commit: nobody has more than
// there is room for, unless they took it by hand.
func (o *oracle) checkHeld() {
	held := map[string]int{}
	for _, p := range o.proxies {
		if p.redirect != 0 || p.erased {
			continue
		}
		for i := range p.snap.WorkItems {
			held[p.snap.WorkItems[i].Holder()]++
		}
	}
	for _, id := range sortedKeys(deskAgents) {
		switch room := deskAgents[id]; {
		case held[id] <= room:
			delete(o.over, id)
		case o.taking == id:
			o.over[id] = held[id]
		case held[id] > o.over[id]:
			o.fail("%s holds %d work items with room for %d", id, held[id], deskAgents[id])
		}
	}
}

// checkDesk is what holds once the desk finds nothing more to do: no item waits
// that an idle agent could have. activities are the agents', as stored.
func (o *oracle) checkDesk(activities map[string]domain.Activity) {
	now := o.now()
	held := map[string]int{}
	for _, p := range o.live() {
		for i := range p.snap.WorkItems {
			held[p.snap.WorkItems[i].Holder()]++
		}
	}
	free := ""
	for _, id := range sortedKeys(deskAgents) {
		if activities[id] == domain.ActivityAvailable && held[id] < deskAgents[id] {
			free = id
		}
	}
	if free == "" {
		return
	}
	for _, p := range o.live() {
		for i := range p.snap.WorkItems {
			if w := &p.snap.WorkItems[i]; o.offerable(p, w, now) {
				o.fail("the work item %s waits at %s, and %s is idle", w.ID, now.Format(time.RFC3339), free)
			}
		}
	}
}

// offerable reports whether anybody who is free should be offered an item at
// once: nobody in particular is meant, waited for or to be asked last.
func (o *oracle) offerable(p *proxy, w *domain.WorkItem, now time.Time) bool {
	q := o.policy.Queue(w.Queue)
	c := p.snap.Case(w.Case)
	switch {
	case w.State != domain.WorkPending, w.NotBefore.After(now), w.For != "", len(w.Passed) > 0, w.Before != "":
		return false
	case c == nil || c.Owner != "" && w.Kind != domain.Expert:
		return false
	case !q.OpenAt(now, o.policy.TimeZone):
		return false
	case w.Kind == domain.Callback && o.policy.QuietAt(now, domain.Zone(w.TimeZone, o.policy.TimeZone)):
		return false
	}
	return !slices.ContainsFunc(w.Skills, func(s string) bool { return s != "orders" })
}

// checkOverdue sees that work past its time has raised an alarm.
func (o *oracle) checkOverdue(w *domain.WorkItem, now time.Time) {
	if w.State.Final() || !w.Due.Before(now.Add(-quietGrace)) || o.overdue[w.ID] {
		return
	}
	o.fail("the work item %s is past its time, %s, and nobody was alarmed by %s", w.ID, w.Due.Format(time.RFC3339), now.Format(time.RFC3339))
}
