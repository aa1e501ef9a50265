package advocate_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

const byLetter = "Legal has it by letter"

// promisedReply opens a case that waits for a person, with a reply promised to
// the customer who knows of it.
func promisedReply(t *testing.T) *kit {
	t.Helper()
	k := newKit(t, deskBook).known()
	k.decide(k.post("maria", "a person please", domain.Public, domain.Understanding{WantsPerson: true}))
	k.decide(k.sent())
	if !k.oneCase().HasOpenPromise("reply") {
		t.Fatalf("nothing is promised: %s", mustJSON(t, k.oneCase()))
	}
	return k
}

// TestCanceledWorkHandsTheCaseBack: a supervisor cancels what an agent holds.
// The advocate has the case again, and answers for what was promised.
func TestCanceledWorkHandsTheCaseBack(t *testing.T) {
	t.Parallel()
	k := promisedReply(t)
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: w.ID, Note: byLetter})
	c := k.oneCase()
	if c.Taken() || c.HandedOver || !c.Answered || !c.IsOpen() || !c.HasOpenPromise("reply") {
		t.Fatalf("the case stays with the agent, or the promise is gone: %s", mustJSON(t, c))
	}
	if row := k.last.WorkItems[0]; row.State != domain.WorkCanceled || row.Reason != "canceled by sue: "+byLetter {
		t.Errorf("who canceled it, and why, is not told: %s", mustJSON(t, row))
	}
	if d := k.told("advocate.workitem.canceled"); d["by"] != "sue" || d["agent"] != "ann" {
		t.Errorf("told %v", d)
	}
	k.historyHas(domain.EntryWorkItem, "canceled by sue: "+byLetter, "")
	k.historyHas(domain.EntryCase, "", "sue")
	k.pass(25 * time.Hour) // and nobody has answered
	if c := k.oneCase(); c.HasOpenPromise("") || !c.HandedOver || c.OpenWorkItem(domain.Review) == nil {
		t.Errorf("the promise was broken, and nobody acts: %s", mustJSON(t, c))
	}
}

// historyHas looks for a line of the last decision.
func (k *kit) historyHas(kind domain.EntryKind, text, by string) {
	k.t.Helper()
	for _, e := range k.last.Record.Entries {
		if e.Kind == kind && e.Text == text && e.By == by {
			return
		}
	}
	k.t.Errorf("no %s %q by %q in %s", kind, text, by, mustJSON(k.t, k.last.Record.Entries))
}

// TestCanceledWorkLeavesTheCase: who took the case itself keeps it, and so does
// who has other work on it in hand.
func TestCanceledWorkLeavesTheCase(t *testing.T) {
	t.Parallel()
	k := promisedReply(t)
	k.command(domain.Command{Kind: domain.CommandTake, By: "ann", Case: k.oneCase().ID})
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: w.ID, Note: byLetter})
	if c := k.oneCase(); c.Owner != "ann" {
		t.Errorf("who took the case itself has lost it: %s", mustJSON(t, c))
	}

	k = promisedReply(t)
	w = k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandExpert, By: "ann", WorkItem: w.ID, Note: "may we?"})
	x := k.snap.WorkItems[1].ID
	k.command(domain.Command{Kind: domain.CommandAssign, By: "ann", WorkItem: x})
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: w.ID, Note: byLetter})
	if c := k.oneCase(); c.Owner != "ann" {
		t.Fatalf("who has other work on the case has lost it: %s", mustJSON(t, c))
	}
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: x, Note: byLetter})
	if c := k.oneCase(); c.Taken() {
		t.Errorf("the last work is canceled, and the case stays: %s", mustJSON(t, c))
	}

	k = promisedReply(t)
	w = k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandTake, By: "sue", Over: true, Agent: "ann", Case: k.oneCase().ID})
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", Over: true, WorkItem: w.ID, Note: byLetter})
	if c := k.oneCase(); c.Owner != "sue" {
		t.Errorf("who took the case over has lost it: %s", mustJSON(t, c))
	}
}
