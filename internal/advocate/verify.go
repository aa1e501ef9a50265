package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// Limits on what one message may offer as proof, so that a list of guesses is
// not a proof.
const (
	maxOfferedEmails = 2
	maxOfferedCodes  = 2
	maxOfferedDigits = 2 // words in the form of a postcode, which may be one in two
	maxOfferedWords  = 6
)

// mayHear reports whether details of an order may be told in a case's
// conversation.
func (t *deciding) mayHear(c *domain.Case, order string) bool {
	o := t.snap.Order(order)
	return o != nil && o.Found && t.snap.Customer.MayHear(c.Identity, &o.Order)
}

// missingProof says whether a message needs an order that the writing
// identity has not proven, and which. What is said because of an order's
// answer or event needs that order too, whatever its words: that something is
// said at all, or not, would tell of it.
func (t *deciding) missingProof(a playbook.Reply, c *domain.Case) (string, bool) {
	for _, id := range a.Needs {
		if id = domain.FoldRef(id); id != "" && !t.mayHear(c, id) {
			return id, true
		}
	}
	in := t.in()
	if e := in.Event; e != nil && e.OrderID != "" {
		return e.OrderID, !t.mayHear(c, e.OrderID)
	}
	id := c.Focus
	if id == "" && len(c.OrderRefs) > 0 {
		id = c.OrderRefs[len(c.OrderRefs)-1]
	}
	ofOrders := in.Answer != nil && in.Answer.Component == componentOrders && id != ""
	if !ofOrders && (a.Template == "" || !t.pb.NeedsOrder(a.Template)) {
		return "", false
	}
	return id, !t.mayHear(c, id)
}

// verify asks for an order's secret, privately, once at a time. An unknown
// order gets the same question as a known one. then is the message that waits
// for the proof.
func (t *deciding) verify(c *domain.Case, order, then, rule string) string {
	if t.in().Answer != nil {
		then = "" // the answer is taken up again, and with the facts another message may fit
	}
	switch {
	case order == "":
		return said.Held(said.StepVerify.Text(), said.NoOrderNamed)
	case t.mayHear(c, order):
		return said.Noted(said.StepVerify.Text(), said.AlreadyProven.Text())
	case c.Taken():
		return said.Held(said.StepVerify.Text(), said.PersonHasCase)
	case t.cannot(c, domain.Private):
		t.noPrivate(c, c.Answered && t.in().Kind != domain.InputPost)
		return said.Held(said.StepVerify.Text(), said.NoPrivate)
	case c.Answered && t.in().Kind == domain.InputEvent:
		// Nothing is asked out of the blue: an event about an unproven order
		// reaches neither rules nor the customer until then.
		return said.Held(said.StepVerify.Text(), said.NotJustAsked)
	case c.Verify != nil && c.Verify.Failed:
		return said.Held(said.StepVerify.Text(), said.NoAttempts)
	case c.Verify != nil && c.Answered && t.in().Kind != domain.InputPost:
		// The question stands, now for what was named last. Whether that is the
		// same order (its tracking number, say) or another is not to be seen.
		if c.Verify.Order != order {
			c.Verify.Order, c.Verify.Template, c.Verify.Rule = order, "", ""
		}
		if then != "" && c.Verify.Template == "" {
			c.Verify.Template, c.Verify.Rule = then, rule
		}
		return said.Noted(said.StepVerify.Text(), said.AskedAlready.Text())
	case t.attemptsUsed(order, domain.AttemptCounts{}):
		t.handOver(c, "", said.ManyFailedProofs.Text(), true)
		return said.Held(said.StepVerify.Text(), said.ManyFailedProofs)
	}
	// Whether another name is the same order's (its tracking number, say) is not
	// to be seen: it gets the question that another order would get.
	named := order
	if a := t.in().Answer; a != nil && a.Component == componentOrders && a.ID != "" {
		named = domain.FoldRef(a.ID)
	}
	same := c.Verify != nil && c.Verify.Order == order && (c.Verify.Named == named || c.Verify.Named == "")
	if last := c.LatestPost(domain.FromCustomer); same && last != nil && last.ID != c.Verify.Post {
		t.explainProof(c, true, false) // the customer says it again instead of answering
		return said.Noted(said.StepVerify.Text(), said.AskedEarlier.Text())
	}
	if !same {
		attempts := 0
		if c.Verify != nil {
			attempts = c.Verify.Attempts // another number does not buy more of them
		}
		c.Verify = &domain.Verification{Order: order, Named: named, AskedAt: t.now, Attempts: attempts}
		if p := c.LatestPost(domain.FromCustomer); p != nil {
			c.Verify.Post, c.Verify.Quote = p.ID, c.Quote
		}
	}
	if then != "" && c.Verify.Template == "" {
		c.Verify.Template, c.Verify.Rule = then, rule
	}
	t.draft(c.ID, draft{template: "verify", rule: rule, rank: rankProof, order: order, then: then})
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerVerify, c.ID), Kind: domain.TimerVerify, Due: t.now.Add(t.policy.VerifyWithin), Case: c.ID})
	return said.StepVerify.Text()
}

func (t *deciding) attemptsUsed(order string, seen domain.AttemptCounts) bool {
	day := recent(slices.Clone(t.snap.Attempts), t.now.Add(-24*time.Hour))
	return len(day) >= t.policy.MaxVerifyDay || seen.Order >= t.policy.MaxVerifyOrder || seen.Network >= t.policy.MaxVerifyNetwork
}

// answerToVerification reads a post as the answer to the question for a
// secret, if it can be one, and reports whether it was. In public it is void
// whatever it says, and so is in private what was public before. A cry for help
// is none: it must have the one reply.
func (t *deciding) answerToVerification(c *domain.Case, f *fresh) bool {
	if c.Verify == nil || c.Verify.Failed || c.Taken() || grave(&f.meaning) || t.cannot(c, domain.Private) {
		return false
	}
	// A secret told in public is void even if something private came with it.
	var o offered
	private, shown := false, false
	for i, p := range f.posts {
		one := offeredIn(c, f.refsBefore, p, f.said[i])
		if p.Visibility != domain.Private {
			shown = shown || len(one.emails)+len(one.codes) > 0
			continue
		}
		private = true
		o.emails, o.codes, o.total = append(o.emails, one.emails...), append(o.codes, one.codes...), o.total+one.total
		o.words = append(append(o.words, one.words...), "")
	}
	if !private {
		if shown && !once(c, saidShown) {
			c.Answered = true // we said why it does not count, and our question stands
		} else if shown {
			t.draft(c.ID, draft{template: "void-public", rule: EngineRule, rank: rankEngine, order: c.Verify.Order})
		}
		return shown
	}
	if o.total > maxOfferedWords {
		o.words = nil
	}
	if !o.any() {
		return false // a message, not an answer
	}
	fits := len(o.emails) <= maxOfferedEmails && len(o.codes) <= maxOfferedCodes && withDigits(o.words) <= maxOfferedDigits
	emails, codes, why := t.unshown(c, o.emails, slices.Concat(o.codes, []string{""}, o.words))
	if why != counts && len(emails) == 0 && !slices.ContainsFunc(codes, looksLikeCode) {
		t.voidProof(c, why)
		return true
	}
	order := t.snap.Order(c.Verify.Order)
	switch {
	case t.attemptsUsed(c.Verify.Order, t.in().Attempts):
		t.unchecked(c)
	case fits && order != nil && order.Found && order.SecretMatches(emails, codes):
		if len(f.posts) == 1 && bareNumbers(f.posts[0]) { // it was no order's number, then
			c.OrderRefs = f.refsBefore
			f.meaning.Entities = slices.DeleteFunc(slices.Clone(f.meaning.Entities), func(e domain.Entity) bool { return e.Kind == domain.EntityOrder })
		}
		t.proven(c)
	default:
		t.disproven(c)
	}
	return true
}

// unchecked answers a proof while the order, its network or this customer has
// had all the attempts there may be for now. It is not compared with anything:
// right or wrong, the same is said, nothing is counted, and a person takes it.
// Others who guess at an order cannot make its owner's word a wrong one. The
// question stands, and an answer that comes when there are attempts again is
// compared.
func (t *deciding) unchecked(c *domain.Case) {
	t.entry(domain.Entry{Kind: domain.EntryIdentity, Case: c.ID, What: "proof_not_checked", Ref: c.Identity.String(), Text: said.FailedLately.Text()})
	if !once(c, saidUnchecked) {
		if c.HandedOver {
			t.personHasIt(c, false)
			return
		}
		t.handOver(c, "", said.ProofUnchecked.Text(), false)
		return
	}
	t.draft(c.ID, draft{template: "verify-later", rule: EngineRule, rank: rankEngine, order: c.Verify.Order})
	t.handOver(c, "", said.ProofUnchecked.Text(), true)
}

// voidProof answers a proof that was posted in public before. It is not
// compared with anything, so that it is no attempt and tells nothing. Who posted
// it is asked for the other secret; what somebody else did ends with a person.
func (t *deciding) voidProof(c *domain.Case, why void) {
	if why == shownSelf && once(c, saidVoid) {
		t.draft(c.ID, draft{template: "verify-void", rule: EngineRule, rank: rankEngine, order: c.Verify.Order})
		return
	}
	if c.HandedOver {
		t.personHasIt(c, false)
		return
	}
	t.handOver(c, "", said.ProofPublic.Text(), false)
}

// looksLikeCode reports whether a word could be a postcode: it has a digit.
func looksLikeCode(w string) bool { return strings.ContainsAny(w, "0123456789") }

// proven opens an order to the identity that knew its secret, takes up what
// the order system said of it, and says what waited for the proof.
func (t *deciding) proven(c *domain.Case) {
	ver := *c.Verify
	c.Verify = nil
	t.dropTimer(t.timerName(domain.TimerVerify, c.ID))
	if id := t.snap.Customer.Identity(c.Identity); id != nil {
		id.Evidence = append(id.Evidence, domain.Evidence{Kind: domain.EvidenceOrderSecret, At: t.now, Order: ver.Order})
	}
	c.Focus = ver.Order
	t.entry(domain.Entry{Kind: domain.EntryIdentity, Case: c.ID, What: string(domain.EvidenceOrderSecret), Text: said.Proved.Text(ver.Order), Ref: c.Identity.String()})
	view := t.provenView(c, &ver)
	if ver.Template != "" {
		t.draft(c.ID, draft{template: ver.Template, rule: ver.Rule, rank: rankEngine, view: view})
	}
	t.fire("answer."+componentOrders, c.ID, view)
	t.fireBut("verified", c.ID, view, t.pb.Rules("answer."+componentOrders))
	if !t.hasActed(c.ID) {
		t.draft(c.ID, draft{template: "verified", rule: EngineRule, rank: rankEngine, view: view})
	}
}

func withDigits(words []string) (n int) {
	for _, w := range words {
		if looksLikeCode(w) {
			n++
		}
	}
	return n
}

// provenView is what rules see once an order is proven: the order system's
// answer, about the post that led to the question. The post that holds the
// secret is nobody else's to read.
func (t *deciding) provenView(c *domain.Case, ver *domain.Verification) *playbook.View {
	o := t.snap.Order(ver.Order)
	o.Open = true
	a := &domain.ComponentAnswer{
		Lookup: domain.Lookup{Component: componentOrders, ID: ver.Order, Case: c.ID}, Found: true, Orders: []domain.Order{o.Order.Public()},
	}
	t.learnAnswer(c, a)
	v := t.view(c)
	v.Answer = a
	if ver.Post != "" {
		k := c.Identity
		v.Post = &domain.Post{Network: k.Network, Account: k.Account, ID: ver.Post, Author: domain.Author{ID: k.Author}, Text: ver.Quote, Visibility: c.Visibility}
		v.PostText = ver.Quote
	}
	return v
}

func (t *deciding) disproven(c *domain.Case) {
	ver := c.Verify
	ver.Attempts++
	seen := t.in().Attempts
	network := c.Identity.Network
	t.snap.Attempts = append(t.snap.Attempts, t.now)
	t.d.Attempts = append(t.d.Attempts, domain.Attempt{Order: ver.Order, Network: network})
	t.entry(domain.Entry{Kind: domain.EntryIdentity, Case: c.ID, What: "proof_failed", Ref: c.Identity.String()})
	if ver.Attempts >= t.policy.MaxVerify || t.attemptsUsed(ver.Order, seen) {
		ver.Failed = true
		t.dropTimer(t.timerName(domain.TimerVerify, c.ID))
		t.draft(c.ID, draft{template: "verify-failed", rule: EngineRule, rank: rankEngine, order: ver.Order})
		t.handOver(c, "", said.OrderUnproven.Text(), true)
		return
	}
	t.draft(c.ID, draft{template: "verify-again", rule: EngineRule, rank: rankEngine, order: ver.Order})
}
