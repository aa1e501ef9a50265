package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// ReasonNoPrivate is an outcome's reason when the network has no private
// messages for this customer.
const ReasonNoPrivate = "no_private_messages"

// takeOutcome learns how an effect ended.
func (t *deciding) takeOutcome(in *domain.Input) {
	o := in.Outcome
	c := t.snap.Case(o.Case)
	if c == nil || o.Kind != domain.EffectReply {
		if o.State == domain.OutcomeFailed {
			t.alarm(o.Case, string(o.Kind)+" failed: "+o.Reason)
		}
		return
	}
	mine := slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == o.Effect })
	c.Unsent = slices.DeleteFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == o.Effect })
	ask := isAsk(c, o.Effect)
	switch o.State {
	case domain.OutcomeDone:
		c.Dead = slices.DeleteFunc(c.Dead, func(id string) bool { return id == o.Effect }) // an operator's retry
		if o.PostID != "" && !c.HasPost(o.PostID) {
			c.Posts = append(c.Posts, domain.CasePost{ID: o.PostID, From: domain.FromAdvocate, At: in.At})
		}
		t.entry(domain.Entry{Kind: domain.EntrySent, Case: c.ID, Ref: o.Effect, Text: o.PostID})
		t.emit("advocate.reply.sent", c.ID, "", t.answered(c))
	case domain.OutcomeShadow:
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "shadow", Text: "recorded, not sent", Ref: o.Effect})
	case domain.OutcomeFailed:
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "failed", Text: o.Reason, Ref: o.Effect})
		data := matter(c)
		data["reason"] = o.Reason
		t.emit("advocate.reply.failed", c.ID, "", data)
		c.Dead = append(c.Dead, o.Effect)
		if len(c.Unsent) > 0 {
			t.releaseDead(c) // what stands behind it is newer
		}
		if !ask {
			t.unsaid(c, o, mine)
		}
	case domain.OutcomeExpired, domain.OutcomeCanceled:
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: string(o.State), Text: o.Reason, Ref: o.Effect})
		if mine && !ask && len(c.Unsent) == 0 && o.State == domain.OutcomeExpired {
			t.unsaid(c, o, mine)
		}
	}
	if ask {
		t.askEnded(c, o)
	}
}

// releaseDead lets go of a conversation's dead letters, so that they do not
// hold up what is said after them. Until then an operator may try them again.
func (t *deciding) releaseDead(c *domain.Case) {
	for _, id := range c.Dead {
		t.d.Cancel = append(t.d.Cancel, id)
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "let go", Text: "something newer is said", Ref: id})
	}
	c.Dead = nil
}

// unsaid is what follows when a message did not reach the customer for good:
// a person takes the matter, for nobody else will.
func (t *deciding) unsaid(c *domain.Case, o *domain.Outcome, mine bool) {
	if !mine || c.Taken() || !c.IsOpen() {
		t.alarm(c.ID, "a message did not reach the customer: "+o.Reason)
		return
	}
	c.Answered = false
	c.LastReply = 0
	if o.Reason == ReasonNoPrivate && c.Visibility == domain.Public {
		t.draft(c.ID, draft{template: "invite-private", rule: EngineRule, rank: rankEngine, visibility: domain.Public})
	}
	v := t.view(c)
	t.fire("reply.failed", c.ID, v)
	if !c.HandedOver {
		t.handOver(c, "", "a message did not reach the customer: "+o.Reason, true)
	}
}

// answered notes the first answer to a case, and what a report wants to know of
// it.
func (t *deciding) answered(c *domain.Case) map[string]any {
	data := matter(c)
	if c.RepliedAt.IsZero() {
		c.RepliedAt = t.now
		data["visibility"], data["first_response_seconds"] = c.Visibility, seconds(t.now.Sub(c.OpenedAt))
	}
	return data
}
