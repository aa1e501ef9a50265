package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// checkHistory sees that nothing of an order that none of the customer's
// identities may hear of stands in the history. What the customer and our
// staff wrote is theirs.
func (o *oracle) checkHistory(p *proxy, rec *domain.Record) {
	for i := range rec.Entries {
		e := &rec.Entries[i]
		if e.Kind == domain.EntryPost || e.Kind == domain.EntryStaff {
			continue
		}
		for _, order := range o.world.told(e.Text + " " + e.What) {
			if !o.world.mayKnow(p, order) {
				o.fail("the history of %v tells of the unproven order %s: %.200q", p.id, order.id, e.Text)
			}
		}
	}
}

// checkPromises sees that a broken promise is never quiet.
func (o *oracle) checkPromises(before, after *domain.Snapshot, rec *domain.Record, name string) {
	for i := range after.Cases {
		c := &after.Cases[i]
		for j := range c.Promises {
			pr := &c.Promises[j]
			if pr.State != domain.PromiseBroken || promiseState(before, c.ID, pr.ID) == domain.PromiseBroken {
				continue
			}
			alarmed := false
			for k := range rec.Entries {
				alarmed = alarmed || rec.Entries[k].Kind == domain.EntryAlarm && rec.Entries[k].Case == c.ID
			}
			if !alarmed {
				o.fail("the promise %s was broken in %s without an alarm", pr.ID, name)
			}
			if pr.Due.After(rec.At) {
				o.fail("the promise %s was broken in %s before it was due", pr.ID, name)
			}
		}
	}
}

func promiseState(s *domain.Snapshot, caseID, id string) domain.PromiseState {
	if c := s.Case(caseID); c != nil {
		for i := range c.Promises {
			if c.Promises[i].ID == id {
				return c.Promises[i].State
			}
		}
	}
	return ""
}

// checkState is what holds for a customer after every decision.
func (o *oracle) checkState(p *proxy, at time.Time, name string) {
	s := &p.snap
	was := p.idle
	p.idle = map[string]idle{}
	if s.Customer.ID != p.id {
		o.fail("the state of %s is customer %v's", name, s.Customer.ID)
	}
	due := map[string]bool{}
	for i := range s.Timers {
		due[string(s.Timers[i].Kind)+"/"+s.Timers[i].Ref] = true
	}
	for i := range s.Cases {
		c := &s.Cases[i]
		o.checkRating(c, name)
		if c.State != domain.CaseResolved && s.Timer("rating:"+c.ID[strings.IndexByte(c.ID, '-')+1:]) != nil && strings.HasPrefix(c.ID, p.id.String()) {
			o.fail("the open case %s is to be asked about after %s", c.ID, name)
		}
		if unanswered(c) {
			p.idle[c.ID] = idle{at, len(c.Posts)}
			if old, ok := was[c.ID]; ok && old.posts == len(c.Posts) && !c.UpdatedAt.After(old.since) {
				p.idle[c.ID] = old
			}
		}
		calls := 0
		work := false
		for _, w := range c.WorkItems {
			if w.State == domain.WorkCompleted || w.State == domain.WorkCanceled {
				continue
			}
			work = true
			if w.Kind == domain.Callback {
				calls++
			}
		}
		if calls > 1 {
			o.fail("the case %s has %d open calls after %s", c.ID, calls, name)
		}
		if c.HandedOver && c.Owner == "" && !work && c.State != domain.CaseResolved {
			o.fail("the case %s is handed over after %s, and there is no work for anybody", c.ID, name)
		}
		if c.State != domain.CaseResolved && c.Owner != "" && !c.Apart && !holdsWork(s, c) {
			o.fail("the case %s stays with %s after %s, who had it by a work item and holds none", c.ID, c.Owner, name)
		}
		if c.State == domain.CaseResolved && work {
			o.fail("the case %s is resolved after %s, and has open work", c.ID, name)
		}
		for j := range c.Promises {
			pr := &c.Promises[j]
			if pr.State != domain.PromiseOpen {
				continue
			}
			if c.State == domain.CaseResolved {
				o.fail("the promise %s is open on the resolved case %s after %s", pr.ID, c.ID, name)
			} else if !due["promise/"+pr.ID] {
				o.fail("the open promise %s has no timer after %s", pr.ID, name)
			}
		}
	}
}

// holdsWork reports whether the owner of a case has work of it in hand.
func holdsWork(s *domain.Snapshot, c *domain.Case) bool {
	return slices.ContainsFunc(s.WorkItems, func(w domain.WorkItem) bool {
		return w.Case == c.ID && w.State != domain.WorkReserved && w.Holder() == c.Owner
	})
}

// quietGrace is how far past its time something due may lie when everything
// has been done that the engine finds to do.
const quietGrace = time.Second

// checkSettled is what holds once the engine finds nothing more to do at the
// present time.
func (o *oracle) checkSettled() {
	now := o.now()
	o.checkWants()
	o.checkPosts()
	for _, w := range o.inbox {
		if p := o.root(w.customer); p == nil || p.erased {
			o.fail("input %d waits for %v, who is gone", w.seq, w.customer)
		}
	}
	for _, p := range o.live() {
		for i := range p.snap.Timers {
			if t := &p.snap.Timers[i]; t.Due.Add(quietGrace).Before(now) {
				o.fail("the timer %s of %v was due at %s and nothing came of it by %s", t.Name, p.id, t.Due.Format(time.RFC3339), now.Format(time.RFC3339))
			}
		}
		for i := range p.snap.Cases {
			o.checkCaseInTime(p, &p.snap.Cases[i], now)
			o.checkStale(&p.snap.Cases[i], now)
		}
		for i := range p.snap.WorkItems {
			o.checkOverdue(&p.snap.WorkItems[i], now)
		}
	}
	o.checkItems()
	o.checkEffects()
}

// checkCaseInTime sees that posts are answered in time and promises are not
// forgotten.
func (o *oracle) checkCaseInTime(p *proxy, c *domain.Case, now time.Time) {
	if c.State == domain.CaseResolved {
		if c.Outcome == "" {
			o.fail("the case %s of %v is resolved without an outcome", c.ID, p.id)
		}
		return
	}
	for i := range c.Promises {
		if pr := &c.Promises[i]; pr.State == domain.PromiseOpen && pr.Due.Add(quietGrace).Before(now) {
			o.fail("the promise %s (%s) of %v was due at %s and is neither kept nor broken at %s", pr.ID, pr.What, p.id, pr.Due.Format(time.RFC3339), now.Format(time.RFC3339))
		}
	}
	if i, ok := p.idle[c.ID]; ok && unanswered(c) && i.since.Add(o.policy.AnswerWithin+quietGrace).Before(now) {
		o.fail("nothing came of the newest post of the case %s by its deadline: it is %s since %s", c.ID, c.State, i.since.Format(time.RFC3339))
	}
}

// unanswered reports whether a case still waits for us to do something.
func unanswered(c *domain.Case) bool {
	return c.State != domain.CaseResolved && !c.Answered && !c.HandedOver && c.Owner == ""
}

// checkPosts sees that what was acknowledged is there exactly once.
func (o *oracle) checkPosts() {
	pending := o.pendingKeys()
	for _, f := range o.world.sent {
		if !f.taken || f.erased {
			continue
		}
		key := inputKey(0, &domain.Input{Post: &f.post})
		_, done := o.decided[key]
		switch n := pending[key]; {
		case done && n > 0 && !digested(&f.post): // an author may go back to it
			o.fail("post %s was decided and waits in the inbox", f.post.ID)
		case n > 1 && !digested(&f.post):
			o.fail("post %s waits in the inbox %d times", f.post.ID, n)
		case !done && n == 0:
			o.fail("post %s revision %q was acknowledged and is lost", f.post.ID, f.post.Revision)
		}
	}
	for key := range o.acked {
		if o.logged_[key] == 0 {
			o.fail("event %s was acknowledged and is not in the log", key)
		}
	}
}

// checkEffects sees that every effect is on its way or has ended.
func (o *oracle) checkEffects() {
	pending := o.pendingKeys()
	for _, id := range sortedKeys(o.effects) {
		e := o.effects[id]
		if e.erased || e.outcomes > 0 || pending["result/"+id] > 0 || e.inOutbox {
			continue
		}
		if e.Kind == domain.EffectEmit && o.logged_["advocate/playbook/"+id] != 0 {
			continue
		}
		o.fail("the effect %s (%s) left the outbox and nobody was told what came of it", id, e.Kind)
	}
}
