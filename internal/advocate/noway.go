package advocate

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Where a network takes no private messages from us, nothing is tried that
// could not leave: no question for a number or a proof is asked there. What was
// written for everybody may be said to everybody; anything else goes to a
// person, and the customer reads one public line that says so.

// cannot reports whether a case's network takes no messages of a kind from us.
func (t *deciding) cannot(c *domain.Case, v domain.Visibility) bool {
	way := domain.NoWay{Network: c.Identity.Network, Account: c.Identity.Account, Visibility: v}
	return slices.ContainsFunc(t.inputs, func(in domain.Input) bool { return slices.Contains(in.NoWays, way) })
}

// turn gives a message the way that its network has: in private what cannot be
// public, and in public what its author has marked as fit for it. News that
// nobody asked for is not spread.
func (t *deciding) turn(c *domain.Case, d *draft, proactive bool) {
	switch {
	case d.by != "" || proactive && d.rule != EngineRule:
	case d.visibility == domain.Public && t.cannot(c, domain.Public):
		d.visibility = domain.Private
	case d.visibility == domain.Private && c.Visibility == domain.Public && t.pb.Public(d.template) && t.cannot(c, domain.Private):
		d.visibility = domain.Public
	}
}

// noWay reports whether a message cannot leave as it is, and sees to it that
// its matter goes on.
func (t *deciding) noWay(c *domain.Case, d *draft, proactive bool) bool {
	if d.by != "" || !t.cannot(c, d.visibility) {
		return false
	}
	t.suppressed(d, said.NoPrivate.Text())
	switch {
	case proactive && d.rule == EngineRule || d.unasked || isClosing(d.template):
		// Whoever has the matter knows of it, or it is over.
	case proactive:
		t.noPrivate(c, true)
	default:
		t.noPrivate(c, false)
	}
	return true
}

func isClosing(template string) bool {
	return template == "closing" || template == "closing-order" || template == "closing-written"
}

// noPrivate gives a case to a person because its customer cannot be written to
// in private. quiet: the customer has not just asked, and reads nothing of it.
func (t *deciding) noPrivate(c *domain.Case, quiet bool) {
	if !c.IsOpen() || c.Taken() {
		return
	}
	t.handOver(c, "", said.NoPrivate.Text(), true)
	if quiet || c.Visibility != domain.Public || !once(c, saidNoPrivate) {
		return
	}
	v := t.view(c)
	v.Due = t.heardBy(c)
	template := "no-private"
	if slices.Contains(c.Topics, domain.TopicSafety) || slices.Contains(c.Topics, domain.TopicVulnerable) {
		template = "no-private-danger" // whom to call first does not wait for a person
	}
	t.draft(c.ID, draft{template: template, rule: EngineRule, rank: rankEngine, visibility: domain.Public, view: v})
}

// heardBy is the time by which the customer hears from a person: as it is
// promised, or as it is promised now.
func (t *deciding) heardBy(c *domain.Case) time.Time {
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.What == string(domain.Callback) && p.Due.After(t.now) {
			return p.Due
		}
	}
	for i := range c.WorkItems {
		if w := &c.WorkItems[i]; !w.State.Final() && w.Due.After(t.now) {
			return t.replyBy(c, w.Due)
		}
	}
	return time.Time{}
}
