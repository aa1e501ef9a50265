package advocate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// reviewed has a person look at what nobody could read, and say how that ended.
func (k *kit) reviewed(disposition string) domain.Decision {
	k.t.Helper()
	w := k.item()
	if w.Kind != domain.Review || w.Ends() != domain.Review {
		k.t.Fatalf("the work is %s", mustJSON(k.t, w))
	}
	return k.command(domain.Command{Kind: domain.CommandComplete, By: "ann", WorkItem: w.ID, Disposition: disposition})
}

// TestNoAnswerNeeded: where a person finds that there is nothing to say, nothing
// is said, unless the customer was told that somebody would write.
func TestNoAnswerNeeded(t *testing.T) {
	t.Parallel()
	asked := domain.Understanding{Intent: domain.IntentQuestion, WantsPerson: true}

	k := newKit(t, deskBook).known()
	k.decide(k.post("maria", "a person, please", domain.Public, asked))
	k.decide(k.sent())
	k.reviewed(domain.DispositionNoAnswerNeeded)
	if c := k.oneCase(); c.IsOpen() || c.Outcome != domain.DispositionNoAnswerNeeded {
		t.Errorf("the case is %s", mustJSON(t, c))
	}
	k.contains(k.onlyReply().Text, "closing it now")

	k = newKit(t, deskBook).known()
	k.decide(k.post("maria", "please call me about this", domain.Public, calling()))
	call := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: call.ID})
	k.command(domain.Command{Kind: domain.CommandComplete, By: "ann", WorkItem: call.ID, Disposition: domain.DispositionWrongNumber})
	k.reviewed(domain.DispositionNoAnswerNeeded)
	if c := k.oneCase(); c.IsOpen() || c.Outcome != domain.DispositionNoAnswerNeeded {
		t.Errorf("the case is %s", mustJSON(t, c))
	}
	k.noReply()
}

// TestAskedHowACallEnded: who is asked afterwards how a call ended says so as
// after a call, and what follows is what follows a call.
func TestAskedHowACallEnded(t *testing.T) {
	t.Parallel()
	asked := func() (k *kit, call, ask domain.WorkItem) {
		k = newKit(t, strings.Replace(deskBook, "due: 2h", "due: 2h, priority: urgent, skills: [tax], note: Mind the tone.", 1)).known()
		k.work()
		call = *k.accepted("ann")
		k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: call.ID})
		k.decide(k.post("maria", "are you there?", domain.Public, domain.Understanding{}))
		k.pass(6 * time.Minute)
		return k, call, *k.item()
	}
	k, call, ask := asked()
	if ask.Kind != domain.Review || ask.Ends() != domain.Callback || ask.For != "ann" || ask.Number != "" || ask.Note != said.NoteWrapRanOut.Text()+"\nMind the tone." {
		t.Fatalf("asked with %s", mustJSON(t, ask))
	}
	k.command(domain.Command{Kind: domain.CommandTransfer, By: "ann", WorkItem: ask.ID, Agent: "bob", Note: "you spoke to her"})
	k.command(domain.Command{Kind: domain.CommandComplete, By: "bob", WorkItem: ask.ID, Disposition: domain.DispositionNoAnswer})
	again := k.item()
	if again.Kind != domain.Callback || again.Attempts != 1 || again.Number == "" || again.Ends() != domain.Callback || again.Called != "" {
		t.Errorf("after a call that nobody answered there is %s", mustJSON(t, again))
	}
	if again.Note != "ann: you spoke to her\nMind the tone." || !slices.Equal(again.Skills, []string{"tax"}) || again.Rule != call.Rule ||
		again.Priority != domain.PriorityUrgent || again.Post != call.Post || again.PostText != call.PostText {
		t.Errorf("the next call lacks something of the last: %s", mustJSON(t, again))
	}

	for given, want := range map[string]string{"": "", "+14155550100": "", "+14155550199": "+14155550199"} {
		k, _, ask := asked()
		k.snap.Cases[0].Phone = given // after the call, in private
		k.command(domain.Command{Kind: domain.CommandComplete, By: "ann", WorkItem: ask.ID, Disposition: domain.DispositionWrongNumber})
		if got := k.oneCase().Phone; got != want {
			t.Errorf("of the number %q that was given after a wrong one is left %q", given, got)
		}
	}
}

// TestAskedHowACallEndedWhileAnotherIsOpen: the customer asked for a call anew
// before anybody said that the last one was not answered. There is one call, and
// it is the next attempt.
func TestAskedHowACallEndedWhileAnotherIsOpen(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	call := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: call.ID})
	k.pass(6 * time.Minute)
	ask := k.accepted("ann")
	k.decide(k.post("maria", "please call me about this", domain.Public, calling()))
	k.command(domain.Command{Kind: domain.CommandComplete, By: "ann", WorkItem: ask.ID, Disposition: domain.DispositionNoAnswer})
	calls := 0
	for _, w := range k.snap.WorkItems {
		if w.Kind == domain.Callback && !w.State.Final() {
			calls++
			if w.Attempts != 1 {
				t.Errorf("the call has had %d attempts", w.Attempts)
			}
		}
	}
	if calls != 1 {
		t.Errorf("there are %d open calls", calls)
	}
}
