package advocate_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

const toldBook = `
playbook: told
rules:
  - name: call
    on: post
    when: post.call_consent == "granted"
    do:
      - work_item: {kind: callback, due: 2h}
      - promise: {what: callback, within: 2h}
      - reply: {text: {en: "We will call you by {time(due)}."}}
`

// lately is what the history has of messages and of how their sending ended,
// the newest first, as the engine gathers it.
func lately(from ...domain.Decision) (out []domain.Entry) {
	for i := len(from) - 1; i >= 0; i-- {
		es := from[i].Record.Entries
		for k := len(es) - 1; k >= 0; k-- {
			switch es[k].Kind {
			case domain.EntryReply, domain.EntryStaff, domain.EntrySent, domain.EntryNotSent:
				out = append(out, es[k])
			}
		}
	}
	return out
}

// TestOnlyWhatLeftWasTold: an agent is not made to say that the customer knows
// of what waits for the morning or was never delivered.
func TestOnlyWhatLeftWasTold(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		how   string
		state domain.OutcomeState // "" while it has not ended
		heard domain.Heard
		point string
		wrote string // how the message is recalled
	}{
		{"waiting", "", domain.HeardNotYet, "Not told yet", "Not sent yet"},
		{"sent", domain.OutcomeDone, domain.HeardIt, "The customer was promised", "We wrote on"},
		{"canceled", domain.OutcomeCanceled, domain.HeardNothing, "was not told", ""},
		{"failed", domain.OutcomeFailed, domain.HeardNothing, "was not told", ""},
		{"recorded alone", domain.OutcomeShadow, domain.HeardNothing, "was not told", ""},
	} {
		t.Run(x.how, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, toldBook).known()
			said := k.decide(k.post("maria", "please call me", domain.Private, calling()))
			all := []domain.Decision{said}
			if x.state != "" {
				in := k.sent()
				in.Outcome.State, in.Outcome.PostID = x.state, ""
				k.now = k.now.Add(time.Minute)
				all = append(all, k.decide(in))
			}
			c := k.oneCase()
			p := c.OpenPromise("callback")
			if p == nil || c.Heard(p) != x.heard {
				t.Fatalf("of %s the customer heard %q", mustJSON(t, p), x.heard)
			}
			points := advocate.TalkingPoints(k.pb.Policy(), &k.snap, c, lately(all...), k.now)
			if !says(points, "promise", x.point) {
				t.Errorf("no promise says %q: %s", x.point, mustJSON(t, points))
			}
			if x.wrote == "" && says(points, "said", "") || x.wrote != "" && !says(points, "said", x.wrote) {
				t.Errorf("the message is recalled otherwise than %q: %s", x.wrote, mustJSON(t, points))
			}
			if says(points, "unanswered", "") == (x.state == domain.OutcomeDone) {
				t.Errorf("whether anybody answered: %s", mustJSON(t, points))
			}
		})
	}
}

// TestAnAnswerThatNeverLeftIsNone: who looks on is not shown an answer that was
// canceled or held back, until another one or a colleague has answered.
func TestAnAnswerThatNeverLeftIsNone(t *testing.T) {
	t.Parallel()
	for _, ended := range []domain.OutcomeState{domain.OutcomeCanceled, domain.OutcomeShadow, domain.OutcomeDone} {
		t.Run(string(ended), func(t *testing.T) {
			t.Parallel()
			k := newKit(t, toldBook).known()
			k.decide(k.post("maria", "please call me", domain.Private, calling()))
			auto := k.sent()
			auto.Outcome.State = ended
			if ended != domain.OutcomeDone {
				auto.Outcome.PostID = ""
			}
			want := ended
			if ended == domain.OutcomeDone {
				want = ""
			}
			k.decide(auto)
			if got := k.oneCase().NotSent; got != want {
				t.Fatalf("after %s the case says %q", ended, got)
			}
			id := k.oneCase().ID
			k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
			k.decide(commanded(domain.Command{Kind: domain.CommandReply, By: "ana", Case: id, Text: "I am on it.", Visibility: domain.Private}))
			k.decide(k.sent())
			if got := k.oneCase().NotSent; got != "" {
				t.Errorf("after a colleague's answer the case says %q", got)
			}
		})
	}
}

// TestAnOlderAnswersEnd: what becomes of an answer when a newer one has been
// decided says nothing of the newer: not while it waits, and not when it has
// left and the customer wrote again.
func TestAnOlderAnswersEnd(t *testing.T) {
	t.Parallel()
	for _, ended := range []domain.OutcomeState{domain.OutcomeCanceled, domain.OutcomeFailed, domain.OutcomeExpired, domain.OutcomeShadow} {
		t.Run(string(ended), func(t *testing.T) {
			t.Parallel()
			k := newKit(t, toldBook).known()
			k.decide(k.post("maria", "please call me", domain.Private, calling()))
			older := k.sent()
			older.Outcome.State, older.Outcome.PostID = ended, ""
			id := k.oneCase().ID
			k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
			k.decide(commanded(domain.Command{Kind: domain.CommandReply, By: "ana", Case: id, Text: "I am on it.", Visibility: domain.Private}))
			newer := k.sent()
			k.decide(older)
			if c := k.oneCase(); c.NotSent != "" || len(c.Unsent) != 1 {
				t.Errorf("while the newer answer waits the case says %q of it (%d wait)", c.NotSent, len(c.Unsent))
			}
			k.decide(newer)
			k.now = k.now.Add(time.Minute)
			k.decide(k.post("maria", "thank you", domain.Private, domain.Understanding{}))
			k.decide(older) // an operator drops it for good
			if got := k.oneCase().NotSent; got != "" {
				t.Errorf("of an answer that left the case says %q", got)
			}
		})
	}
}

// TestTheNewestAnswersEnd: it is told also when an older one has left.
func TestTheNewestAnswersEnd(t *testing.T) {
	t.Parallel()
	k := newKit(t, toldBook).known()
	k.decide(k.post("maria", "please call me", domain.Private, calling()))
	k.decide(k.sent())
	k.now = k.now.Add(time.Minute)
	k.decide(k.post("maria", "are you there?", domain.Private, domain.Understanding{}))
	id := k.oneCase().ID
	k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
	k.decide(commanded(domain.Command{Kind: domain.CommandReply, By: "ana", Case: id, Text: "I am on it.", Visibility: domain.Private}))
	newest := k.sent()
	newest.Outcome.State, newest.Outcome.PostID = domain.OutcomeCanceled, ""
	k.decide(newest)
	if got := k.oneCase().NotSent; got != domain.OutcomeCanceled {
		t.Errorf("the case says %q", got)
	}
}

// TestATakenBackPromiseIsToldByItsTime: what another message says later does not
// tell of a promise whose own message never left; one that names its time does.
func TestATakenBackPromiseIsToldByItsTime(t *testing.T) {
	t.Parallel()
	k := newKit(t, toldBook).known()
	k.decide(k.post("maria", "please call me", domain.Private, calling()))
	in := k.sent()
	in.Outcome.State = domain.OutcomeCanceled
	k.decide(in)
	id := k.oneCase().ID
	k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
	k.decide(commanded(domain.Command{Kind: domain.CommandReply, By: "ana", Case: id, Text: "Thank you, I am on it.", Visibility: domain.Private}))
	k.decide(k.sent())
	c := k.oneCase()
	if p := c.OpenPromise("callback"); p == nil || c.Heard(p) != domain.HeardNothing {
		t.Errorf("told by another message: %s", mustJSON(t, c.Promises))
	}

	k = newKit(t, toldBook+`
  - name: thanks
    on: post
    when: post.text == "hello?"
    do: [{reply: {text: {en: "Thank you, we are on it."}}}]
  - name: when
    on: post
    when: post.text == "when?"
    do: [{reply: {template: when}}]
templates:
  when: {en: "We call you by {time(due)}."}
`).known()
	k.decide(k.post("maria", "please call me", domain.Private, calling()))
	in = k.sent()
	in.Outcome.State = domain.OutcomeCanceled
	k.decide(in)
	for _, x := range []struct {
		words string
		heard domain.Heard
	}{{"hello?", domain.HeardNothing}, {"when?", domain.HeardIt}} {
		k.now = k.now.Add(time.Minute)
		k.decide(k.post("maria", x.words, domain.Private, domain.Understanding{}))
		text := k.onlyReply().Text
		k.decide(k.sent())
		c := k.oneCase()
		if p := c.OpenPromise("callback"); p == nil || c.Heard(p) != x.heard {
			t.Errorf("after %q the customer is to have heard %q: %s", text, x.heard, mustJSON(t, c.Promises))
		}
	}
}

// TestOneTime: the time that the default playbook names to a customer is the
// time by which the agent is to have done it, and the promise's.
func TestOneTime(t *testing.T) {
	t.Parallel()
	grave := domain.Understanding{Intent: domain.IntentLegalSafety, IntentConfidence: 0.9, NeedsAgent: true, NeedsAgentConfidence: 0.9, Topics: []domain.Topic{domain.TopicSafety}}
	asks := domain.Understanding{Intent: domain.IntentQuestion, IntentConfidence: 0.9, NeedsAgent: true, CallConsent: domain.Granted}
	for name, m := range map[string]domain.Understanding{"safety": grave, "call me": asks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, string(playbook.Default())).known()
			k.decide(k.post("maria", "about this", domain.Private, m))
			if len(replies(k.last)) == 0 { // how long a call takes is asked for first
				k.decide(k.answer(k.lookup()))
			}
			k.onlyReply()
			w, p := k.snap.WorkItems[0], k.oneCase().OpenPromise("callback")
			if p == nil || !p.Due.Equal(w.Due) {
				t.Fatalf("the work is due %s, the promise is %s", w.Due, mustJSON(t, p))
			}
			k.contains(k.onlyReply().Text, w.Due.Format("15:04"))
		})
	}
}
