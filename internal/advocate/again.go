package advocate

import (
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Things that are said at most once in a case.
const (
	saidWhyProof  = "why proof"
	saidVoid      = "void proof"
	saidUnchecked = "unchecked proof"
	saidShown     = "proof in public"
	saidPerson    = "a person has it"
	saidAsked     = "a person was asked for"
	saidNoPrivate = "no private messages"
	saidInvited   = "invited to write in private"
)

// once reports whether something has not been said in the case, and notes that
// it is.
func once(c *domain.Case, what string) bool {
	if slices.Contains(c.Said, what) {
		return false
	}
	c.Said = append(c.Said, what)
	return true
}

// explainProof answers a customer who does not answer the question for proof:
// who asks why, cannot remember, or says it all again. The first time we say
// why we ask and what else helps; after that, and at once for who says that they
// do not have it, a person takes it.
func (t *deciding) explainProof(c *domain.Case, needsAgent, lacks bool) {
	switch {
	case lacks && !c.HandedOver:
		t.handOver(c, "", said.LacksProof.Text(), false)
	case once(c, saidWhyProof):
		t.draft(c.ID, draft{template: "verify-why", rule: EngineRule, rank: rankWeak, order: c.Verify.Order})
	case needsAgent && !c.HandedOver:
		t.handOver(c, "", said.NoProofAnswer.Text(), false)
	case c.HandedOver:
		t.personHasIt(c, false)
	default:
		c.Answered = true // small talk beside a question that stands
	}
}

// personHasIt answers a customer who writes on while the matter waits for a
// person: somebody is on it, and by when. It is said once, and once more to
// who asks for a person.
func (t *deciding) personHasIt(c *domain.Case, asked bool) {
	what := saidPerson
	if asked {
		what = saidAsked
	}
	if c.Taken() || !once(c, what) {
		return
	}
	v := t.view(c)
	if ref := openCallback(c); ref != nil {
		t.draft(c.ID, draft{template: "call-stands", rule: EngineRule, rank: rankWeak, view: v})
		return
	}
	if ref := c.OpenWorkItem(domain.Review); ref != nil && ref.Due.After(t.now) {
		v.Due = t.replyBy(c, ref.Due)
	}
	t.draft(c.ID, draft{template: "person-soon", rule: EngineRule, rank: rankWeak, view: v})
}

// writesOn reports whether a message wants to be answered at all.
func writesOn(f *fresh) bool {
	m := &f.meaning
	if m.Thanks || m.Intent == domain.IntentSpam {
		return false
	}
	return m.NeedsAgent || m.WantsPerson || slices.ContainsFunc(f.posts, func(p *domain.Post) bool { return strings.Contains(p.Text, "?") })
}
