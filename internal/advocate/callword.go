package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// callWithin is how soon after the beginning of the time a customer named the
// call is due.
const callWithin = 4 * time.Hour

// hearCall takes up what a post says about the call that was offered: a no, a
// time, a time that does not suit, a number. The customer is always told what
// comes of it. It reports whether that is all the post says; then no rule needs
// to make anything of it.
func (t *deciding) hearCall(c *domain.Case, f *fresh) bool {
	m := &f.meaning
	w := t.openCall(c)
	switch {
	case m.CallConsent == domain.Refused:
		if w == nil && len(c.Posts) < 2 {
			return false // it begins the conversation: what is it about?
		}
		if c.Taken() {
			t.tellAgent(c, w, said.JustRefusedCall.Text())
			return false
		}
		t.callDeclined(c, w)
	case w == nil:
		return false
	case m.Preferred != nil:
		if c.Taken() {
			t.tellAgent(c, w, said.JustNamedTime.Text(clip(m.Preferred.Text, 100)))
			return false
		}
		t.moveCall(c, w)
	case c.Taken():
		return false
	case c.Phone != "" && gives(f, domain.Private):
		// readSignals has given it to the call and said so.
	case w.Number == "" && gives(f, domain.Public):
		v := t.view(c)
		v.Post, v.Meaning = f.posts[len(f.posts)-1], m
		t.draft(c.ID, draft{template: "ask-number", rule: EngineRule, rank: rankEngine, view: v})
	case w.Number == "" && c.Verify == nil && bareNumber(f):
		t.draft(c.ID, draft{template: "number-again", rule: EngineRule, rank: rankEngine})
	case m.CallConsent == domain.Granted:
		t.draft(c.ID, draft{template: "call-stands", rule: EngineRule, rank: rankEngine})
	default:
		return false
	}
	return onlyAnswers(c, f)
}

func (t *deciding) openCall(c *domain.Case) *domain.WorkItem {
	if ref := openCallback(c); ref != nil {
		return t.snap.WorkItem(ref.ID)
	}
	return nil
}

// tellAgent writes down what the person who has the case must know before
// calling; the customer is theirs to answer.
func (t *deciding) tellAgent(c *domain.Case, w *domain.WorkItem, what string) {
	if w == nil || strings.Contains(w.Note, what) {
		return
	}
	w.Note = clip(joinNonEmpty("\n", what, w.Note), 2000)
	t.putWorkItem(c, w, what)
	t.did(c.ID)
}

// callDeclined ends the call and its promise, and lets the matter go on in
// writing.
func (t *deciding) callDeclined(c *domain.Case, w *domain.WorkItem) {
	why := said.WantsNoCall.Text()
	for i := range c.Promises {
		if c.Promises[i].What == string(domain.Callback) {
			t.endPromise(c, &c.Promises[i], domain.PromiseWithdrawn, why)
		}
	}
	if w != nil {
		old := *w
		old.Skills = slices.Clone(w.Skills)
		t.cancelWorkItem(c, w.ID, why, nil)
		t.writeInstead(c, &old)
	}
	v := t.view(c)
	if ref := c.OpenWorkItem(domain.Review); ref != nil && ref.Due.After(t.now) {
		v.Due = t.replyBy(c, ref.Due)
	}
	rank := rankEngine
	if w == nil {
		rank = rankWeak
	}
	t.draft(c.ID, draft{template: "no-call", rule: EngineRule, rank: rank, view: v})
}

// writeInstead makes the work of an answer in writing out of a call.
func (t *deciding) writeInstead(c *domain.Case, old *domain.WorkItem) {
	if c.OpenWorkItem(domain.Review) == nil {
		w := t.newWorkItem(c, domain.Review, old.Queue, nil)
		w.Post, w.PostText, w.PostURL = old.Post, old.PostText, old.PostURL
		w.Skills, w.Priority, w.Rule = old.Skills, old.Priority, old.Rule
		w.Note = clip(joinNonEmpty("\n", said.NoteWrite.Text(), old.Note), 2000)
		w.Reason = said.CallDeclined.Text()
		t.addWorkItem(c, w, callWithin)
		if w := t.snap.WorkItem(w.ID); w != nil && old.Due.After(t.now) && old.Due.Before(w.Due) {
			w.Due = old.Due
			t.putWorkItem(c, w, said.CallWasDue.Text())
		}
	}
	t.handOver(c, old.Queue, said.PrefersWriting.Text(), true)
}

// replyBy is the time by which a person was promised to answer, or now is: due.
func (t *deciding) replyBy(c *domain.Case, due time.Time) time.Time {
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.What != string(domain.Callback) && p.Due.After(t.now) {
			return p.Due
		}
	}
	if len(c.Promises) < domain.MaxPromises {
		t.makePromise(c, PromisedReply, due, EngineRule, "")
	}
	return due
}

// moveCall puts the call, and what was promised of it, where the customer
// wants it. A time at which nobody works or may ring changes nothing, and the
// customer is told that instead.
func (t *deciding) moveCall(c *domain.Case, w *domain.WorkItem) {
	p := c.Preferred
	if p == nil {
		return
	}
	open := func(x time.Time) bool { return t.callable(w.Queue, x) && preferredOpen(p, t.now, x, t.zone) }
	start := domain.NextOpen(t.now, open)
	if !open(start) {
		c.Preferred = w.Preferred
		t.draft(c.ID, draft{template: "call-time-closed", rule: EngineRule, rank: rankEngine})
		return
	}
	due := start
	for due.Sub(start) < callWithin && open(due) {
		due = due.Truncate(domain.WorkingStep).Add(domain.WorkingStep)
	}
	if p.Not && w.Due.After(start) && open(w.Due.Add(-time.Minute)) {
		due = w.Due // it suits as it is
	}
	w.Preferred, w.Due = p, due
	if start.After(t.now) {
		w.NotBefore = start
	} else if w.Number != "" {
		w.NotBefore = time.Time{}
	}
	t.putWorkItem(c, w, said.Because(said.NamedTime.Text(), clip(p.Text, 100)))
	t.movePromise(c, string(domain.Callback), due)
	t.draft(c.ID, draft{template: "call-moved", rule: EngineRule, rank: rankEngine})
}

// movePromise gives an open promise another time at the customer's wish, or
// makes it: the message that follows names this time.
func (t *deciding) movePromise(c *domain.Case, what string, due time.Time) {
	for i := range c.Promises {
		p := &c.Promises[i]
		if p.State != domain.PromiseOpen || p.What != what {
			continue
		}
		p.Due, p.Told, p.Unsaid = due, "", false
		t.setTimer(domain.Timer{Name: t.timerName(domain.TimerPromise, p.ID), Kind: domain.TimerPromise, Due: due, Case: c.ID, Ref: p.ID})
		t.entry(domain.Entry{Kind: domain.EntryPromise, Case: c.ID, What: "moved", Text: said.PromisedBy.Text(what, due.UTC().Format(time.RFC3339)), Ref: p.ID})
		return
	}
	if len(c.Promises) < domain.MaxPromises {
		t.makePromise(c, what, due, EngineRule, "")
	}
}

// gives reports whether a part of the message holds a phone number in the open
// or in private.
func gives(f *fresh, where domain.Visibility) bool {
	for i, p := range f.posts {
		if p.Visibility == where && len(f.said[i].Values(domain.EntityPhone)) > 0 {
			return true
		}
	}
	return false
}

// bareNumber reports whether a private message is nothing but digits that
// could be a phone number, of a country we cannot tell.
func bareNumber(f *fresh) bool {
	digits := 0
	for _, p := range f.posts {
		if p.Visibility != domain.Private {
			return false
		}
		for _, r := range p.Text {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case !strings.ContainsRune(" +-/.()", r):
				return false
			}
		}
	}
	return digits >= 7 && digits <= 15
}

// shortWords is how long an answer may be whose intent is not to be trusted:
// "mornings don't work" is no fault report.
const shortWords = 8

// onlyAnswers reports whether a message that answered a question of ours says
// nothing else that somebody must act on.
func onlyAnswers(c *domain.Case, f *fresh) bool {
	m := &f.meaning
	if m.WantsPerson || grave(m) || len(m.Values(domain.EntityTracking)) > 0 {
		return false
	}
	for _, ref := range m.Values(domain.EntityOrder) {
		if f.opened || !slices.Contains(f.refsBefore, domain.FoldRef(ref)) {
			return false
		}
	}
	if !asksOwn(m) {
		return true
	}
	words := 0
	for _, p := range f.posts {
		words += len(strings.Fields(p.Text))
	}
	return words <= shortWords && (m.Preferred != nil || m.Intent == c.Intent)
}
