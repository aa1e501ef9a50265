package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// ReasonNoPrivate is an outcome's reason when the network has no private
// messages, or our account there may not send any.
var ReasonNoPrivate = said.NoPrivate.Text()

// takeOutcome learns how an effect ended.
func (t *deciding) takeOutcome(in *domain.Input) {
	o := in.Outcome
	c := t.snap.Case(o.Case)
	if c == nil || o.Kind != domain.EffectReply {
		if o.State == domain.OutcomeFailed {
			t.alarm(o.Case, said.Because(said.EffectFailed.Text(string(o.Kind)), o.Reason))
		}
		return
	}
	mine := slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == o.Effect })
	c.Unsent = slices.DeleteFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == o.Effect })
	ask := isAsk(c, o.Effect)
	noteHeard(c, o.Effect, o.State == domain.OutcomeDone)
	if !ask {
		noteLeft(c, o.Effect, o.State)
	}
	switch o.State {
	case domain.OutcomeDone:
		c.Dead = slices.DeleteFunc(c.Dead, func(id string) bool { return id == o.Effect }) // an operator's retry
		for _, id := range append([]string{o.PostID}, o.More...) {
			if id != "" && !c.HasPost(id) {
				c.Posts = append(c.Posts, domain.CasePost{ID: id, From: domain.FromAdvocate, At: in.At})
			}
		}
		t.entry(domain.Entry{Kind: domain.EntrySent, Case: c.ID, Ref: o.Effect, Text: o.PostID})
		t.emit("advocate.reply.sent", c.ID, "", t.answered(c))
	case domain.OutcomeShadow:
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "shadow", Text: said.Shadow.Text(), Ref: o.Effect})
	case domain.OutcomeFailed:
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "failed", Text: o.Reason, Ref: o.Effect})
		data := matter(c)
		data["reason"] = o.Reason
		t.emit("advocate.reply.failed", c.ID, "", data)
		c.Dead = slices.DeleteFunc(c.Dead, func(id string) bool { return id == o.Effect })
		if !o.Refused {
			c.Dead = append(c.Dead, o.Effect)
		}
		if o.Blocked {
			t.nowBlocked(c)
		}
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

// noteLeft notes how the newest answer ended, so that nobody is shown one that
// never left. What becomes of an older one, which may come to be known later,
// says nothing of it; what another message or a colleague has answered is
// answered.
func noteLeft(c *domain.Case, effect string, ended domain.OutcomeState) {
	if effect != c.Newest {
		return
	}
	c.NotSent = ended
	if ended == domain.OutcomeDone || len(c.Posts) > 0 && c.Posts[len(c.Posts)-1].From != domain.FromCustomer {
		c.NotSent = ""
	}
}

// releaseDead lets go of a conversation's dead letters, so that they do not
// hold up what is said after them. Until then an operator may try them again.
func (t *deciding) releaseDead(c *domain.Case) {
	for _, id := range c.Dead {
		t.d.Cancel = append(t.d.Cancel, id)
		t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "let go", Text: said.NewerSaid.Text(), Ref: id})
	}
	c.Dead = nil
}

// unsaid is what follows when a message did not reach the customer for good:
// a person takes the matter, for nobody else will.
func (t *deciding) unsaid(c *domain.Case, o *domain.Outcome, mine bool) {
	if !mine || c.Taken() || !c.IsOpen() {
		if !o.Refused { // the history tells whoever looks; there is nothing to mend
			t.alarm(c.ID, said.Because(said.NotReached.Text(), o.Reason))
		}
		return
	}
	c.Answered = false
	c.LastReply = 0
	switch {
	case o.Reason == ReasonNoPrivate: // not known when it was decided
		c.Verify = nil // the question was never read
		t.dropTimer(t.timerName(domain.TimerVerify, c.ID))
		t.noPrivate(c, false)
	case o.Closed && c.Visibility == domain.Public && once(c, saidInvited):
		t.draft(c.ID, draft{template: "invite-private", rule: EngineRule, rank: rankEngine, visibility: domain.Public})
	}
	v := t.view(c)
	t.fire("reply.failed", c.ID, v)
	if !c.HandedOver {
		t.handOver(c, "", said.Because(said.NotReached.Text(), o.Reason), true)
	}
}

// nowBlocked leaves alone who blocks us: nothing more is sent to that identity
// by us until it writes to us again. Whether somebody calls is for a person to
// decide.
func (t *deciding) nowBlocked(c *domain.Case) {
	id := t.snap.Customer.Identity(c.Identity)
	if id == nil {
		return
	}
	if id.Blocked.IsZero() {
		id.Blocked = t.now
		t.entry(domain.Entry{Kind: domain.EntryIdentity, Case: c.ID, What: "blocked", Ref: id.String(), Text: said.BlocksUs.Text()})
	}
	for i := range t.snap.Cases {
		if t.snap.Cases[i].Identity == c.Identity {
			t.cancelUnsent(&t.snap.Cases[i], said.BlocksUs.Text())
		}
	}
}

// blocked reports whether the writer of a case blocks us.
func (t *deciding) blocked(c *domain.Case) bool {
	id := t.snap.Customer.Identity(c.Identity)
	return id != nil && !id.Blocked.IsZero()
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
