package main

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestASampleAgentsCall goes from the offer to the end, and nothing is done
// before its time.
func TestASampleAgentsCall(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w := domain.WorkItem{ID: "w", Case: "c", Kind: domain.Callback, Number: "+12025550101", State: domain.WorkReserved, Version: 3, Reservation: &domain.Reservation{ID: "r", OfferedAt: at}}
	step := func(kind domain.CommandKind, early, late time.Duration) domain.Command {
		t.Helper()
		if _, due := nextMove(&w, "rosa", at.Add(early)); due {
			t.Errorf("%s comes too early", kind)
		}
		c, due := nextMove(&w, "rosa", at.Add(late))
		if !due || c.Kind != kind || c.By != "rosa" || c.WorkItem != "w" || c.Version != 3 {
			t.Errorf("want %s, got %+v (%v)", kind, c, due)
		}
		return c
	}
	if c := step(domain.CommandAccept, demoAccepts-1, demoAccepts); c.Reservation != "r" {
		t.Errorf("accepts %q", c.Reservation)
	}
	w.State, w.AssignedAt = domain.WorkAssigned, at
	step(domain.CommandWrap, demoCalls-1, demoCalls)
	w.State, w.HungUpAt = domain.WorkWrapping, at
	if c := step(domain.CommandComplete, demoWraps-1, demoWraps); c.Disposition != domain.DispositionResolved || c.Note == "" {
		t.Errorf("ends with %+v", c)
	}
	w.Number = ""
	if c := step(domain.CommandComplete, 0, time.Hour); c.Disposition != domain.DispositionNoAnswer {
		t.Errorf("reached somebody without a number: %+v", c)
	}
	for _, s := range []domain.WorkItemState{domain.WorkPending, domain.WorkCompleted, domain.WorkCanceled} {
		w.State = s
		if _, due := nextMove(&w, "rosa", at.Add(time.Hour)); due {
			t.Errorf("something is done with a work item that is %s", s)
		}
	}
	// An offer lasts longer than it takes to accept it.
	if demoAccepts+2*demoLooks >= domain.DefaultOfferFor || demoWraps+2*demoLooks >= domain.DefaultWrapFor {
		t.Error("the sample agents are slower than the queues allow")
	}
}

func TestSampleAgentsFitTheQueues(t *testing.T) {
	t.Parallel()
	queues := demoQueues()
	for _, a := range sampleAgents() {
		agent := domain.Agent{ID: a.ID, Activity: domain.ActivityOffline, Capacity: 1}
		if err := a.apply(&agent); err != nil {
			t.Fatal(err)
		}
		if err := agent.Validate(queues); err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
}
