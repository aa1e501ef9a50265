package sim

import (
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// askEvery is csat.every of the simulated playbooks. askSlack is by how much two
// questions may leave closer together than they were decided: one waited for
// the morning.
const (
	askEvery = 7 * 24 * time.Hour
	askSlack = 36 * time.Hour
)

// checkAsk judges a question how it went as it reaches the network.
func (o *oracle) checkAsk(e *effectFact, p *proxy) {
	r := e.Reply
	if r.Template != advocate.RatingTemplate {
		return
	}
	if r.Visibility != domain.Private {
		o.fail("the question how it went %s left in public", e.ID)
	}
	for i := range p.snap.Cases {
		if c := &p.snap.Cases[i]; c.State != domain.CaseResolved {
			o.fail("the question how it went %s left while the case %s is open", e.ID, c.ID)
		}
	}
	if p.snap.Customer.Consent.Messages == domain.Refused {
		o.fail("the question how it went %s left to somebody who wants no such messages", e.ID)
	}
	last := o.asked[r.To]
	if last != nil && last != e && last.byHand+e.byHand == 0 && knownToHaveLeft(p, last) && e.NotBefore.Sub(last.NotBefore) < askEvery-askSlack {
		o.fail("%v was asked how it went at %s and again at %s", r.To, last.NotBefore.Format(time.RFC3339), e.NotBefore.Format(time.RFC3339))
	}
	o.asked[r.To] = e
}

// knownToHaveLeft reports whether the engine was told that a question left. One
// whose network gave no answer, and that was withdrawn then, it cannot know of.
func knownToHaveLeft(p *proxy, e *effectFact) bool {
	c := p.snap.Case(e.Case)
	return c != nil && c.Rating != nil && c.Rating.Effect == e.ID && !c.Rating.AskedAt.IsZero()
}

// checkRating sees that marks are of the identity that was asked, given in
// private after the question had reached it.
func (o *oracle) checkRating(c *domain.Case, name string) {
	r := c.Rating
	if r == nil || r.At.IsZero() {
		return
	}
	e := o.effects[r.Effect]
	if e == nil || e.Reply == nil || e.acted == 0 {
		o.fail("the case %s has a rating after %s that nobody was asked for", c.ID, name)
		return
	}
	if r.Score != 0 && (r.Score < 1 || r.Score > 5) {
		o.fail("the case %s has %d of 5 marks after %s", c.ID, r.Score, name)
	}
	for _, f := range o.world.sent {
		if f.post.ID == r.Post && (f.post.Identity() != e.Reply.To || f.post.Visibility != domain.Private) {
			o.fail("the rating of the case %s is by %v, %s, and %v was asked", c.ID, f.post.Identity(), f.post.Visibility, e.Reply.To)
		}
	}
}
