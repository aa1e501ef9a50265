package advocate

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// SendVerdict says whether an effect may be carried out now.
type SendVerdict struct {
	Send   bool
	Until  time.Time // if not zero: not now, but from then on
	Reason string    // why not
}

// Recheck is asked just before an effect is carried out, with the snapshot as
// it is then: the owner, the proof, consent, quiet hours and deletion may have
// changed since it was decided. Only replies can be held back by it.
func Recheck(policy *domain.Policy, snap *domain.Snapshot, e *domain.Effect, now time.Time) SendVerdict {
	if e.Kind != domain.EffectReply || e.Reply == nil {
		return SendVerdict{Send: true}
	}
	no := func(why string) SendVerdict { return SendVerdict{Reason: why} }
	r := e.Reply
	c := snap.Case(e.Case)
	if c == nil {
		return no(said.CaseGone.Text())
	}
	if r.To != c.Identity || snap.Customer.Identity(r.To) == nil {
		return no(said.IdentityGone.Text())
	}
	if r.By != "" {
		return SendVerdict{Send: true} // a person wrote it and answers for it
	}
	for i := range c.Posts {
		if p := &c.Posts[i]; p.ID == r.InReplyTo && p.Gone {
			return no(said.AnswersDeleted.Text())
		}
	}
	consent := &snap.Customer.Consent
	switch {
	case c.Taken():
		return no(said.PersonHasCase.Text())
	case consent.Stopped && r.Template != "stopped":
		return no(said.AskedToStop.Text())
	case r.Proactive && consent.Messages == domain.Refused:
		return no(said.NoUnasked.Text())
	case r.Template == RatingTemplate && hasOpenCase(snap):
		return no(said.MatterOpen.Text())
	case !snap.Customer.Identity(r.To).Blocked.IsZero():
		return no(said.BlocksUs.Text())
	case snap.Customer.Identity(r.To).Ignored:
		return no(said.Ignored.Text())
	case !slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == e.ID && !u.Withdrawn }):
		return no(said.Withdrawn.Text())
	}
	for _, id := range r.Orders {
		o := snap.Order(id)
		if (o == nil || !o.Found || !snap.Customer.MayHear(r.To, &o.Order)) && !isQuestion(r.Template) {
			return no(said.ProofWithdrawn.Text())
		}
	}
	if r.Proactive {
		z := domain.Zone(snap.Customer.TimeZone, policy.TimeZone)
		if policy.QuietAt(now, z) {
			return SendVerdict{Until: policy.AfterQuiet(now, z), Reason: said.QuietHours.Text()}
		}
	}
	return SendVerdict{Send: true}
}

func hasOpenCase(snap *domain.Snapshot) bool {
	return slices.ContainsFunc(snap.Cases, func(c domain.Case) bool { return c.IsOpen() })
}

// isQuestion reports whether a message only names the order the customer
// named, to ask for its proof.
func isQuestion(template string) bool {
	switch template {
	case "verify", "verify-again", "verify-failed", "verify-later", "verify-why", "verify-void", "void-public":
		return true
	}
	return false
}
