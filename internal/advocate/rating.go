package advocate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// RatingTemplate is the message that asks how a case went, and RatingRule whose
// message it is: what a switch for it is named after.
const (
	RatingTemplate = "rating-ask"
	RatingRule     = "csat"
)

// planRating sets the timer at which the customer of a case that has just ended
// is asked how it went, if customers are asked at all.
func (t *deciding) planRating(c *domain.Case) {
	csat := t.pb.CSAT()
	if csat == nil || t.neverRated(c) != "" {
		return
	}
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerRating, c.ID), Kind: domain.TimerRating, Due: t.now.Add(csat.After), Case: c.ID})
}

// dropRating forgets that a case was to be asked about: it goes on. A question
// that has not left does not leave any more.
func (t *deciding) dropRating(c *domain.Case) {
	t.dropTimer(t.timerName(domain.TimerRating, c.ID))
	r := c.Rating
	if r == nil || !r.AskedAt.IsZero() || !slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == r.Effect }) {
		return
	}
	now := slices.ContainsFunc(t.d.Effects, func(e domain.Effect) bool { return e.ID == r.Effect })
	t.cancelEffect(c, r.Effect, said.MatterGoesOn.Text())
	if now { // no outcome will tell; of another one it may still be that it left
		t.notAsked(c)
	}
}

// notAsked takes back that a customer was asked.
func (t *deciding) notAsked(c *domain.Case) {
	c.Rating, t.snap.RatingAsked = nil, c.Rating.Before
}

// neverRated says why a case is none to ask about, whatever the playbook says;
// "" if it may be one.
func (t *deciding) neverRated(c *domain.Case) string {
	switch {
	case c.Rating != nil:
		return said.AskedBefore.Text()
	case c.Outcome == OutcomeSetAside || c.Outcome == OutcomeStopped || c.Outcome == OutcomeUnanswered:
		return said.CaseIs.Text(c.Outcome)
	case c.Intent == domain.IntentLegalSafety || slices.ContainsFunc(c.Topics, domain.Topic.Grave):
		return said.Grave.Text()
	}
	return ""
}

// askRating asks the customer of a resolved case how it went, unless something
// speaks against it now.
func (t *deciding) askRating(c *domain.Case) {
	why := t.whyNotAsk(c)
	v := t.view(c)
	if csat := t.pb.CSAT(); why == "" {
		switch wanted, err := csat.Eval(v); {
		case err != nil:
			why = "csat.when: " + clip(err.Error(), 200)
		case !wanted:
			why = said.AskWhenFalse.Text()
		}
	}
	d := draft{template: RatingTemplate, rule: RatingRule, rank: rankWeak, view: v, unasked: true}
	if why != "" {
		t.suppressed(&d, why)
		return
	}
	t.draft(c.ID, d)
}

func (t *deciding) whyNotAsk(c *domain.Case) string {
	consent, csat := &t.snap.Customer.Consent, t.pb.CSAT()
	who := t.snap.Customer.Identity(c.Identity)
	switch {
	case csat == nil:
		return said.AsksNobody.Text()
	case c.IsOpen() || t.openCases() > 0:
		return said.MatterOpen.Text()
	case consent.Stopped || consent.Messages == domain.Refused:
		return said.NoUnasked.Text()
	case who == nil || who.Ignored || !who.Blocked.IsZero():
		return said.NobodyToAsk.Text()
	case t.cannot(c, domain.Private):
		return said.NoPrivate.Text()
	case c.RepliedAt.IsZero() && !c.Person:
		return said.NeverHeard.Text()
	case slices.ContainsFunc(t.drafts, func(d draft) bool { return d.template == RatingTemplate }):
		return said.AskedOther.Text()
	case !t.snap.RatingAsked.IsZero() && t.now.Before(t.snap.RatingAsked.Add(csat.Every)):
		return said.AskedLately.Text()
	}
	return t.neverRated(c)
}

// asking notes that the question is on its way.
func (t *deciding) asking(c *domain.Case, effect string) {
	c.Rating = &domain.Rating{Effect: effect, Before: t.snap.RatingAsked}
	t.snap.RatingAsked = t.now
}

// isAsk reports whether an effect is a case's question how it went.
func isAsk(c *domain.Case, effect string) bool { return c.Rating != nil && c.Rating.Effect == effect }

// askEnded learns what came of the question. One that a network cannot take in
// private is not asked again for a while, nor is one that failed: an operator
// may try again.
func (t *deciding) askEnded(c *domain.Case, o *domain.Outcome) {
	r := c.Rating
	switch {
	case o.State == domain.OutcomeDone:
		if r.AskedAt.IsZero() {
			r.AskedAt, r.Message = t.now, o.PostID
			t.entry(domain.Entry{Kind: domain.EntryRating, Case: c.ID, What: "asked", Ref: o.PostID})
			t.emit("advocate.case.asked", c.ID, "", matter(c))
		}
	case o.State != domain.OutcomeFailed && r.AskedAt.IsZero():
		asked := t.snap.RatingAsked
		if t.notAsked(c); o.Reason == ReasonNoPrivate {
			t.snap.RatingAsked = asked
		}
	}
}

// keepsForRating reports whether a resolved case is still to be asked about, or
// waits for the answer.
func (t *deciding) keepsForRating(c *domain.Case) bool {
	r := c.Rating
	return t.snap.Timer(t.timerName(domain.TimerRating, c.ID)) != nil || r != nil && (r.AskedAt.IsZero() && len(c.Unsent) > 0 || r.Awaited(t.now))
}

// ratedCase is the case that a post answers our question about: in private, from
// the identity that was asked, in the question's thread or, where there is
// none, while nothing else is open.
func (t *deciding) ratedCase(p *domain.Post) (c *domain.Case, threaded bool) {
	if p.Visibility != domain.Private {
		return nil, false
	}
	idle := !slices.ContainsFunc(t.snap.Cases, func(c domain.Case) bool { return c.IsOpen() && c.Identity == p.Identity() })
	for i := range t.snap.Cases {
		c := &t.snap.Cases[i]
		r := c.Rating
		if r == nil || c.Identity != p.Identity() || !r.Awaited(t.now) && !t.mayAdd(c) {
			continue
		}
		if threaded := p.InReplyTo != "" && p.InReplyTo == r.Message; threaded || p.InReplyTo == "" && idle {
			return c, threaded
		}
	}
	return nil, false
}

// mayAdd reports whether more words may be added to a rating.
func (t *deciding) mayAdd(c *domain.Case) bool {
	return !c.Rating.At.IsZero() && !c.IsOpen() && t.now.Before(c.Rating.At.Add(domain.RatingMoreFor))
}

// takeRating takes a post as the answer to our question how a case went, if it
// is one, and returns that case. done: nothing else is to be done about it. A
// case whose answer complains has its rating, and the post is one more about it.
func (t *deciding) takeRating(p *domain.Post, m *domain.Understanding) (c *domain.Case, done bool) {
	c, threaded := t.ratedCase(p)
	if c == nil || m.Stop {
		return nil, false
	}
	score, bare, says := domain.ReadScore(p.Text)
	trouble := !bare && complains(m, score)
	if !says && threaded && !trouble {
		score = map[domain.Sentiment]int{domain.Positive: 4, domain.Negative: 2}[m.Sentiment]
	}
	first := c.Rating.At.IsZero()
	switch {
	case !says && (!threaded || trouble || strings.Contains(p.Text, "?")):
		return nil, false // a message, not an answer
	case !first && (trouble || !threaded):
		return nil, false
	case !first:
		t.tookRating(c, p)
		c.Rating.Comment = clip(joinNonEmpty("\n", c.Rating.Comment, p.Text), domain.MaxRatingComment)
		return c, true
	}
	c.Rating.At, c.Rating.Post, c.Rating.Score = t.now, p.ID, score
	if !bare {
		c.Rating.Comment = clip(strings.TrimSpace(p.Text), domain.MaxRatingComment)
	}
	if score > 0 {
		t.entry(domain.Entry{Kind: domain.EntryRating, Case: c.ID, What: "rated", Text: said.Rated.Text(strconv.Itoa(score)), Ref: p.ID})
		data := matter(c)
		maps.Copy(data, map[string]any{"score": score, "by_person": c.Person, "outcome": c.Outcome})
		t.emit("advocate.case.rated", c.ID, "", data)
	}
	if trouble {
		t.rated = append(t.rated, c.ID) // with the rules on the post itself
		return c, false
	}
	t.tookRating(c, p)
	t.readSignals(c, p, m)
	v := t.view(c)
	v.Post, v.Meaning, v.PostText, v.Parts = p, m, p.Text, 1
	if score > 0 {
		t.fire("rated", c.ID, v)
	}
	if !c.IsOpen() { // else what was written besides is still to be answered
		t.draft(c.ID, draft{template: "rating-thanks", rule: RatingRule, rank: rankWeak, view: v, answers: true})
	}
	return c, true
}

// tookRating puts the answer into the case's conversation. The case stays as it
// is.
func (t *deciding) tookRating(c *domain.Case, p *domain.Post) {
	t.entry(domain.Entry{Kind: domain.EntryPost, Case: c.ID, What: "rating", Text: p.Text, Visibility: p.Visibility, Ref: p.ID, By: p.Author.Handle})
	t.emit("advocate.post.received", c.ID, "", map[string]any{"network": p.Network, "visibility": p.Visibility})
	c.Posts = append(c.Posts, domain.CasePost{ID: p.ID, From: domain.FromCustomer, At: p.At})
	t.did(c.ID)
}

// complains reports whether an answer asks for more than to be heard. Good
// marks with a word about the matter do not.
func complains(m *domain.Understanding, score int) bool {
	if m.WantsPerson || m.CallConsent == domain.Granted || grave(m) || len(m.Values(domain.EntityOrder)) > 0 {
		return true
	}
	return m.NeedsAgent && !weakIntent(m.Intent) && (score < 4 || m.Sentiment == domain.Negative)
}

// fireRated tries the rules on the rating that a complaint came with.
func (t *deciding) fireRated(caseID string, v *playbook.View) {
	if slices.Contains(t.rated, caseID) {
		t.rated = slices.DeleteFunc(t.rated, func(id string) bool { return id == caseID })
		t.fire("rated", caseID, v)
	}
}
