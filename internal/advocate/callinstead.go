package advocate

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// callInstead makes a call out of the answer in writing that a case waits for,
// when its customer asks to be called. What the answer was promised for, the
// call is promised for now. Whoever works on it already is told instead.
func (t *deciding) callInstead(c *domain.Case, f *fresh) {
	m := &f.meaning
	ref := c.OpenWorkItem(domain.Review)
	if m.CallConsent != domain.Granted || m.Intent == domain.IntentSpam || m.Stop || ref == nil || openCallback(c) != nil {
		return
	}
	w := t.snap.WorkItem(ref.ID)
	switch {
	case w == nil:
		return
	case c.Taken() || w.State != domain.WorkPending:
		t.tellAgent(c, w, said.JustAskedCall.Text())
		return
	}
	old := *w
	old.Skills = slices.Clone(w.Skills)
	why := said.CallInstead.Text()
	for i := range c.Promises {
		if p := &c.Promises[i]; p.What == string(domain.Review) || p.What == PromisedReply {
			t.endPromise(c, p, domain.PromiseWithdrawn, why)
		}
	}
	t.cancelWorkItem(c, old.ID, why, nil)
	call := t.newWorkItem(c, domain.Callback, old.Queue, nil)
	call.Post, call.PostText, call.PostURL = old.Post, old.PostText, old.PostURL
	call.Skills, call.Priority, call.Rule = old.Skills, max(old.Priority, domain.PriorityHigh), old.Rule
	call.Note = clip(joinNonEmpty("\n", said.NoteCallAsked.Text(), old.Note), 2000)
	call.Reason = why
	t.addWorkItem(c, call, callWithin)
	t.promise(playbook.Promise{What: string(domain.Callback), Within: callWithin}, c, EngineRule, t.view(c))
}
