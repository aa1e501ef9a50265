package advocate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"pgregory.net/rapid"
)

const secretReason = "SENTINEL-REASON"

// TestAnyTurnHolds drives one advocate with arbitrary inputs and holds what
// doc.go promises for the end of every decision. The order in play belongs to
// somebody else, so nothing of it may ever be said or remembered.
func TestAnyTurnHolds(t *testing.T) {
	t.Parallel()
	k0 := newKit(t, book)
	rapid.Check(t, func(rt *rapid.T) {
		k := &kit{t: t, pb: k0.pb, now: start, snap: domain.Snapshot{Customer: domain.Customer{ID: 77}}}
		steps := rapid.IntRange(1, 25).Draw(rt, "steps")
		for range steps {
			k.now = k.now.Add(time.Duration(rapid.IntRange(0, 5*3600).Draw(rt, "wait")) * time.Second)
			before := k.snap
			ins := []domain.Input{k.anyInput(rt)}
			for rapid.IntRange(0, 3).Draw(rt, "more") == 0 {
				ins = append(ins, k.anyInput(rt))
			}
			d := k.decide(ins...)
			check(rt, k, before, d)
		}
	})
}

func (k *kit) anyInput(rt *rapid.T) domain.Input {
	authors := []string{"ann", "bob"}
	o := lateOrder()
	o.CustomerRef, o.Reason = "C-OTHER", secretReason
	o.UpdatedAt = k.now
	pickCase := func() string {
		if len(k.snap.Cases) == 0 {
			return "none"
		}
		return k.snap.Cases[rapid.IntRange(0, len(k.snap.Cases)-1).Draw(rt, "case")].ID
	}
	switch rapid.IntRange(0, 10).Draw(rt, "kind") {
	case 0, 1, 2:
		vis := rapid.SampledFrom([]domain.Visibility{domain.Public, domain.Private}).Draw(rt, "vis")
		m := about("A-10234", rapid.SampledFrom([]domain.Sentiment{domain.Negative, domain.Neutral}).Draw(rt, "sentiment"))
		if rapid.Bool().Draw(rt, "plain") {
			m = domain.Understanding{
				Intent:     rapid.SampledFrom(domain.Intents).Draw(rt, "intent"),
				NeedsAgent: rapid.Bool().Draw(rt, "needs"), Stop: rapid.IntRange(0, 9).Draw(rt, "stop") == 0,
				WantsPerson: rapid.IntRange(0, 9).Draw(rt, "person") == 0,
			}
		}
		in := k.post(rapid.SampledFrom(authors).Draw(rt, "author"), rapid.SampledFrom([]string{"hello", "10001", "where is A-10234"}).Draw(rt, "text"), vis, m)
		in.Post.ID = fmt.Sprint("p", rapid.IntRange(0, 40).Draw(rt, "id"))
		in.Edited = rapid.IntRange(0, 5).Draw(rt, "edited") == 0
		in.Post.Deleted = rapid.IntRange(0, 8).Draw(rt, "deleted") == 0
		return in
	case 3:
		return k.event(rapid.SampledFrom([]string{"order.delayed", "order.delivered", "order.shipped"}).Draw(rt, "event"), o)
	case 4, 5:
		for i := range k.snap.Cases {
			if asked := k.snap.Cases[i].Asked; len(asked) > 0 {
				l := asked[0]
				if rapid.Bool().Draw(rt, "found") {
					return k.answer(&l, o)
				}
				return k.answer(&l)
			}
		}
		return domain.Input{Kind: domain.InputTimer}
	case 6:
		for i := range k.snap.Cases {
			for _, u := range k.snap.Cases[i].Unsent {
				return domain.Input{Kind: domain.InputOutcome, Outcome: &domain.Outcome{
					Effect: u.Effect, Kind: domain.EffectReply, Case: k.snap.Cases[i].ID, PostID: "r" + u.Effect,
					State: rapid.SampledFrom([]domain.OutcomeState{domain.OutcomeDone, domain.OutcomeFailed, domain.OutcomeExpired, domain.OutcomeCanceled, domain.OutcomeShadow}).Draw(rt, "outcome"),
				}}
			}
		}
		return domain.Input{Kind: domain.InputTimer}
	case 7:
		cmd := domain.Command{
			Kind: rapid.SampledFrom([]domain.CommandKind{domain.CommandTake, domain.CommandHandBack, domain.CommandReply, domain.CommandClose, domain.CommandPanic, domain.CommandUnlink}).Draw(rt, "command"),
			By:   "agent", Case: pickCase(), Text: "Hello from a person",
		}
		return domain.Input{Kind: domain.InputCommand, Command: &cmd}
	case 8:
		id := "none"
		if len(k.snap.WorkItems) > 0 {
			id = k.snap.WorkItems[0].ID
		}
		cmd := domain.Command{
			Kind: rapid.SampledFrom([]domain.CommandKind{domain.CommandComplete, domain.CommandCancel, domain.CommandAssign}).Draw(rt, "work"), By: "agent", WorkItem: id,
			Disposition: rapid.SampledFrom([]string{"reached", "resolved", "no_answer", "wrong_number", "refused", "something else"}).Draw(rt, "disposition"),
		}
		if what := rapid.SampledFrom([]string{"", "delivery", "callback", "flowers"}).Draw(rt, "promised"); what != "" && cmd.Kind == domain.CommandComplete {
			cmd.Promise = &domain.Undertake{What: what, By: k.now.Add(time.Hour)}
		}
		return domain.Input{Kind: domain.InputCommand, Command: &cmd}
	case 9:
		for i := range k.snap.Cases {
			for _, p := range k.snap.Cases[i].Promises {
				if p.State == domain.PromiseOpen {
					return domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandKeep, By: "agent", Case: k.snap.Cases[i].ID, Kept: p.ID}}
				}
			}
		}
	}
	return domain.Input{Kind: domain.InputTimer}
}

func check(t *rapid.T, k *kit, before domain.Snapshot, d domain.Decision) {
	if d.Next.Version != before.Version+1 {
		t.Fatalf("version %d after %d", d.Next.Version, before.Version)
	}
	said := mustJSON(k.t, d.Effects) + mustJSON(k.t, d.Record.Entries) + mustJSON(k.t, d.Emitted)
	for _, s := range []string{secretReason, "maria@example.com", "90210"} {
		if strings.Contains(said, s) {
			t.Fatalf("%s was said or remembered: %s", s, said)
		}
	}
	taken := map[string]bool{}
	for i := range before.Cases {
		taken[before.Cases[i].ID] = before.Cases[i].Taken()
	}
	for _, e := range d.Effects {
		if e.Kind == domain.EffectReply {
			c := d.Next.Case(e.Case)
			if c == nil || e.Reply.To != c.Identity {
				t.Fatalf("a reply to somebody else: %s", mustJSON(k.t, e))
			}
		}
	}
	for i := range d.Next.Cases {
		c := &d.Next.Cases[i]
		checkCase(t, k, d.Next, c)
	}
	if n := len(d.Next.Timers); n > 0 && d.Next.NextDue().IsZero() {
		t.Fatal("timers that never fall due")
	}
}

func checkCase(t *rapid.T, k *kit, s domain.Snapshot, c *domain.Case) {
	calls := 0
	for _, w := range c.WorkItems {
		if w.State.Final() {
			continue
		}
		if w.Kind == domain.Callback {
			calls++
		}
		if s.WorkItem(w.ID) == nil {
			t.Fatalf("case %s names open work item %s, which is not kept", c.ID, w.ID)
		}
	}
	if calls > 1 {
		t.Fatalf("%d open calls for one case", calls)
	}
	for _, p := range c.Promises {
		if p.State == domain.PromiseOpen && !hasTimer(s, p.ID) {
			t.Fatalf("an open promise without a timer: %s", mustJSON(k.t, p))
		}
	}
	if c.IsOpen() && !c.Answered && !c.HandedOver && !c.Taken() && !hasTimer(s, "", domain.TimerDeadline, c.ID) {
		t.Fatalf("an unanswered case without a deadline: %s", mustJSON(k.t, c))
	}
	if c.HandedOver && !c.Taken() && c.IsOpen() && !hasOpen(c) {
		t.Fatalf("handed over to nobody: %s", mustJSON(k.t, c))
	}
}

func hasOpen(c *domain.Case) bool {
	for _, w := range c.WorkItems {
		if !w.State.Final() {
			return true
		}
	}
	return false
}

func hasTimer(s domain.Snapshot, ref string, kindAndCase ...any) bool {
	for _, tm := range s.Timers {
		if ref != "" && tm.Ref == ref {
			return true
		}
		if len(kindAndCase) == 2 && tm.Kind == kindAndCase[0] && tm.Case == kindAndCase[1] {
			return true
		}
	}
	return false
}
