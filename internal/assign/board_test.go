package assign_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/assign"
	"github.com/contact-advocate/advocate/internal/domain"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

func carePolicy(q domain.Queue) domain.Policy {
	p := domain.DefaultPolicy()
	p.Queues = map[string]domain.Queue{"care": q}
	return p
}

func worker(id string, since time.Duration) domain.Agent {
	return domain.Agent{ID: id, Queues: []string{"care"}, Capacity: 1, Activity: domain.ActivityAvailable, ActivitySince: noon.Add(-since), Version: 1}
}

func work(id string) domain.WorkItem {
	return domain.WorkItem{ID: id, State: domain.WorkPending, Queue: "care", Kind: domain.Review, Priority: 50, CreatedAt: noon, Version: 1}
}

// gets says who is offered what, as "item agent".
func gets(b *assign.Board, at time.Time) []string {
	var out []string
	for _, o := range b.Match(at) {
		out = append(out, o.WorkItem+" "+o.Agent)
	}
	return out
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLongestIdleSinceTheirLastWork(t *testing.T) {
	t.Parallel()
	b := assign.NewBoard(carePolicy(domain.Queue{}))
	b.AgentSet(worker("ana", time.Hour))
	b.AgentSet(worker("ben", time.Minute))
	b.ItemSet(work("w1"))
	want(t, "who came first", gets(b, noon), "w1 ana")

	w := work("w1")
	w.State, w.Agent, w.Version = domain.WorkAssigned, "ana", 2
	b.ItemSet(w)
	w.State, w.Version, w.UpdatedAt = domain.WorkPending, 3, noon.Add(time.Second) // passed on
	b.ItemSet(w)
	want(t, "after work was passed on", gets(b, noon.Add(2*time.Second)), "w1 ben")

	b = assign.NewBoard(carePolicy(domain.Queue{}))
	b.AgentSet(worker("ana", time.Hour))
	b.AgentSet(worker("ben", time.Minute))
	w.State, w.Agent = domain.WorkCompleted, "ana"
	b.ItemSet(w) // a board that has never seen it before
	b.ItemSet(work("w2"))
	want(t, "after work was completed", gets(b, noon.Add(2*time.Second)), "w2 ben")
}

func TestOldNewsIsIgnored(t *testing.T) {
	t.Parallel()
	b := assign.NewBoard(carePolicy(domain.Queue{}))
	a := worker("ana", time.Hour)
	a.Version, a.Activity = 2, domain.ActivityBreak
	b.AgentSet(a)
	b.AgentSet(worker("ana", time.Hour))
	b.ItemSet(work("w1"))
	want(t, "an agent on a break", gets(b, noon))
	a.Version, a.Activity = 3, domain.ActivityAvailable
	b.AgentSet(a)
	w := work("w1")
	w.Version, w.State, w.Agent = 5, domain.WorkAssigned, "ben"
	b.ItemSet(w)
	b.ItemSet(work("w1"))
	want(t, "an item that is held", gets(b, noon))
	w.Version, w.State = 6, "from another release"
	b.ItemSet(w)
	if got := b.Waiting("care"); got != (assign.Waiting{}) {
		t.Errorf("a state that is unknown stays: %+v", got)
	}
}

// One who let an item go, left, and came back while the pause runs is still
// left out.
func TestAPauseOutlivesLeaving(t *testing.T) {
	t.Parallel()
	b := assign.NewBoard(carePolicy(domain.Queue{OfferFor: time.Minute}))
	b.AgentSet(worker("ana", time.Hour))
	w := work("w1")
	w.Passed, w.Reservation = []string{"ana"}, &domain.Reservation{Agent: "ana", State: domain.ReservationRejected, EndedAt: noon}
	b.ItemSet(w)
	want(t, "in the pause", gets(b, noon))
	b.AgentRemove("ana")
	b.AgentSet(worker("ana", time.Hour))
	want(t, "come back", gets(b, noon.Add(time.Second)))
	if got := b.Next(noon.Add(time.Second)); !got.Equal(noon.Add(time.Minute)) {
		t.Errorf("next: %v", got)
	}
	want(t, "after the pause", gets(b, noon.Add(time.Minute)), "w1 ana")
}

func TestWaitingCounts(t *testing.T) {
	t.Parallel()
	b := assign.NewBoard(carePolicy(domain.Queue{}))
	for i, s := range []domain.WorkItemState{domain.WorkPending, domain.WorkPending, domain.WorkReserved, domain.WorkAssigned, domain.WorkWrapping, domain.WorkCompleted} {
		w := work(fmt.Sprint("w", i))
		w.State, w.Agent, w.CreatedAt = s, "ana", noon.Add(-time.Duration(i)*time.Minute)
		w.Reservation = &domain.Reservation{Agent: "ana"}
		b.ItemSet(w)
	}
	later := work("later")
	later.NotBefore = noon.Add(time.Hour)
	b.ItemSet(later)
	b.Advance(noon)
	got := b.Waiting("care")
	if want := (assign.Waiting{Ready: 2, Later: 1, Offered: 1, Assigned: 1, Wrapping: 1, Oldest: noon.Add(-time.Minute)}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := b.Waiting("nowhere"); got != (assign.Waiting{}) {
		t.Errorf("a queue that nobody uses: %+v", got)
	}
}

func TestEstimateSaysWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	var handling assign.Handling
	for range 50 {
		handling.Add(5 * time.Minute)
	}
	hours := []domain.Hours{{Weekday: time.Wednesday, From: 8 * 60, To: 13 * 60}, {Weekday: time.Thursday, From: 9 * 60, To: 13 * 60}}
	b := assign.NewBoard(carePolicy(domain.Queue{Hours: hours}))
	ask := func(at time.Time, p assign.EstimateParams) assign.Wait {
		p.Item = work("new")
		return b.Estimate(at, p)
	}
	if w := ask(noon, assign.EstimateParams{Handling: handling}); w.Known || w.Why != assign.UnknownAgents {
		t.Errorf("nobody there: %+v", w)
	}
	b.AgentSet(worker("ana", time.Hour))
	if w := ask(noon, assign.EstimateParams{Handling: handling}); !w.Known || w.Upper != 0 || w.Agents != 1 {
		t.Errorf("somebody is free: %+v", w)
	}
	for i := range 3 {
		b.ItemSet(work(fmt.Sprint("w", i)))
	}
	if w := ask(noon, assign.EstimateParams{}); w.Known || w.Why != assign.UnknownHandling {
		t.Errorf("no handling times: %+v", w)
	}
	w := ask(noon, assign.EstimateParams{Handling: handling})
	if !w.Known || w.Ahead != 3 || w.Median < 12*time.Minute || w.Median > 18*time.Minute || w.Upper < w.Median {
		t.Errorf("three items ahead of one agent, 5 minutes each: %+v", w)
	}
	var pace assign.Pace
	for i := range 600 {
		pace.Add(noon.Add(time.Duration(i-600)*time.Second), 90)
	}
	if w := ask(noon, assign.EstimateParams{Handling: handling, Pace: pace}); w.Known || w.Why != assign.UnknownPressing {
		t.Errorf("one urgent item a second: %+v", w)
	}
	night := noon.Add(8 * time.Hour)
	w = ask(night, assign.EstimateParams{Handling: handling, Staff: 2})
	opens := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	if !w.Known || !w.Opens.Equal(opens) || w.Agents != 2 || night.Add(w.Median).Before(opens) || night.Add(w.Upper).After(opens.Add(30*time.Minute)) {
		t.Errorf("closed: %+v", w)
	}
	b.AgentRemove("ana")
	if w := ask(night, assign.EstimateParams{Handling: handling}); w.Known || !w.Opens.Equal(opens) {
		t.Errorf("closed, and nobody knows who will be there: %+v", w)
	}
}

func TestHandlingFollowsWhatHappens(t *testing.T) {
	t.Parallel()
	var h assign.Handling
	for i := range 1000 {
		h.Add(time.Duration(200+200*(i%2)) * time.Second)
	}
	if h.Mean < 290 || h.Mean > 310 || h.Square < 9000 || h.Square > 11000 {
		t.Errorf("200 and 400 s in turn: %+v", h)
	}
	for range 1000 {
		h.Add(time.Minute)
	}
	h.Add(-time.Hour)
	if h.Mean < 59 || h.Mean > 65 {
		t.Errorf("then a minute each: %+v", h)
	}
}

// TestPassedOnIsNotGivenStraightBack: work that its only agent passes on waits
// a while for somebody else, however it came into their hands.
func TestPassedOnIsNotGivenStraightBack(t *testing.T) {
	t.Parallel()
	b := assign.NewBoard(carePolicy(domain.Queue{OfferFor: time.Minute}))
	b.AgentSet(worker("ana", time.Hour))
	w := work("w1") // taken by hand, so without an offer
	w.Passed, w.QueuedAt = []string{"ana"}, noon
	b.ItemSet(w)
	want(t, "at once", gets(b, noon.Add(time.Second)))
	if next := b.Next(noon.Add(time.Second)); !next.Equal(noon.Add(time.Minute)) {
		t.Errorf("looked at again at %v", next)
	}
	want(t, "when nobody else came", gets(b, noon.Add(time.Minute)), "w1 ana")
	b.AgentSet(worker("ben", 0))
	want(t, "when somebody else is there", gets(b, noon.Add(time.Minute)), "w1 ben")
}
