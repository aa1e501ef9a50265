package advocate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// work opens a case with a callback and returns the item.
func (k *kit) work() *domain.WorkItem {
	k.t.Helper()
	k.decide(k.post("maria", "please call me about this", domain.Public, calling()))
	return k.item()
}

func (k *kit) item() *domain.WorkItem {
	k.t.Helper()
	if len(k.snap.WorkItems) != 1 {
		k.t.Fatalf("%d open work items, want 1: %s", len(k.snap.WorkItems), mustJSON(k.t, k.snap.WorkItems))
	}
	return &k.snap.WorkItems[0]
}

func (k *kit) offered(agent string) *domain.WorkItem {
	k.t.Helper()
	w := k.item()
	k.command(domain.Command{
		Kind: domain.CommandOffer, By: "desk", WorkItem: w.ID, Agent: agent, Reservation: domain.ReservationID(w.ID, w.Offers+1),
	})
	return k.item()
}

func (k *kit) accepted(agent string) *domain.WorkItem {
	k.t.Helper()
	w := k.offered(agent)
	k.command(domain.Command{Kind: domain.CommandAccept, By: agent, WorkItem: w.ID, Reservation: w.Reservation.ID})
	return k.item()
}

// told returns the data of the last decision's event of a type.
func (k *kit) told(kind string) map[string]any {
	k.t.Helper()
	for _, e := range k.last.Emitted {
		if e.Type == kind {
			var data map[string]any
			if err := json.Unmarshal(e.Data, &data); err != nil {
				k.t.Fatal(err)
			}
			return data
		}
	}
	k.t.Fatalf("no %s in %s", kind, mustJSON(k.t, k.last.Emitted))
	return nil
}

func (k *kit) stands(state domain.WorkItemState, holder string, r domain.ReservationState, owner string) {
	k.t.Helper()
	w := k.item()
	if w.State != state || w.Holder() != holder || w.Reservation == nil || w.Reservation.State != r || k.oneCase().Owner != owner {
		k.t.Fatalf("%s held by %q, reservation %+v, case of %q; want %s, %q, %s, %q", w.State, w.Holder(), w.Reservation, k.oneCase().Owner, state, holder, r, owner)
	}
	if row := k.last.WorkItems; len(row) == 0 || mustJSON(k.t, row[len(row)-1]) != mustJSON(k.t, w) {
		k.t.Fatalf("the row %s differs from the state %s", mustJSON(k.t, row), mustJSON(k.t, w))
	}
}

func TestOfferAcceptWrapComplete(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	k.now = k.now.Add(10 * time.Second)
	k.offered("ann")
	k.stands(domain.WorkReserved, "ann", domain.ReservationPending, "")
	if d := k.told("advocate.workitem.reserved"); d["agent"] != "ann" || d["reservation_id"] != k.item().ID+"-r1" {
		t.Errorf("told %v", d)
	}
	k.command(domain.Command{Kind: domain.CommandAccept, By: "bob", WorkItem: k.item().ID, Reservation: k.item().ID + "-r1"})
	k.stands2("ann") // nobody else can take it
	k.command(domain.Command{Kind: domain.CommandAccept, By: "ann", WorkItem: k.item().ID, Reservation: k.item().ID + "-r1"})
	k.stands(domain.WorkAssigned, "ann", domain.ReservationAccepted, "ann")
	if d := k.told("advocate.workitem.assigned"); d["waited_seconds"] != 10.0 {
		t.Errorf("waited %v", d)
	}
	k.now = k.now.Add(4 * time.Minute)
	k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: k.item().ID})
	k.stands(domain.WorkWrapping, "ann", domain.ReservationAccepted, "ann")
	k.now = k.now.Add(30 * time.Second)
	by := k.now.Add(48 * time.Hour)
	k.command(domain.Command{
		Kind: domain.CommandComplete, By: "ann", WorkItem: k.item().ID, Disposition: domain.DispositionResolved, Note: "sends a new one",
		Promise: &domain.Undertake{What: "replacement", By: by},
	})
	if d := k.told("advocate.workitem.completed"); d["handled_seconds"] != 240.0 || d["wrap_seconds"] != 30.0 || d["means"] != "resolved" {
		t.Errorf("told %v", d)
	}
	c := k.oneCase()
	if !c.IsOpen() || c.Taken() || !c.HasOpenPromise("replacement") || k.snap.LastAgent != "ann" {
		t.Fatalf("the agent's word is not the advocate's: %s", mustJSON(t, c))
	}
	k.pass(49 * time.Hour)
	if c := k.oneCase(); c.HasOpenPromise("") || !c.HandedOver {
		t.Errorf("a broken promise ended in nothing: %s", mustJSON(t, c))
	}
}

// stands2 checks that a command of somebody else's changed nothing.
func (k *kit) stands2(agent string) {
	k.t.Helper()
	if w := k.item(); w.State != domain.WorkReserved || w.Reservation.Agent != agent || k.oneCase().Taken() {
		k.t.Fatalf("taken by somebody else: %s", mustJSON(k.t, w))
	}
}

func TestOffersEnd(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	w := k.offered("ann")
	k.command(domain.Command{Kind: domain.CommandReject, By: "ann", WorkItem: w.ID, Reservation: w.Reservation.ID, Note: "no French"})
	k.stands(domain.WorkPending, "", domain.ReservationRejected, "")
	if d := k.told("advocate.workitem.pending"); d["why"] != "rejected" || d["agent"] != "ann" {
		t.Errorf("told %v", d)
	}
	k.offered("bob")
	k.pass(31 * time.Second)
	w = k.item()
	if w.State != domain.WorkPending || w.Reservation.State != domain.ReservationTimeout || !slices.Equal(w.Passed, []string{"ann", "bob"}) {
		t.Fatalf("the offer did not run out: %s", mustJSON(t, w))
	}
	w = k.offered("cem")
	k.command(domain.Command{Kind: domain.CommandRescind, By: "desk", WorkItem: w.ID, Reservation: w.Reservation.ID, Note: "went offline"})
	k.stands(domain.WorkPending, "", domain.ReservationRescinded, "")
	if w := k.item(); len(w.Passed) != 2 || w.Offers != 3 {
		t.Errorf("an offer that was taken back counts as let go: %s", mustJSON(t, w))
	}
	// What is over cannot be accepted, and numbers of offers are not given twice.
	k.command(domain.Command{Kind: domain.CommandAccept, By: "cem", WorkItem: w.ID, Reservation: w.ID + "-r3"})
	k.command(domain.Command{Kind: domain.CommandOffer, By: "desk", WorkItem: w.ID, Agent: "ann", Reservation: w.ID + "-r3"})
	if w := k.item(); w.State != domain.WorkPending || w.Offers != 3 {
		t.Errorf("an offer that is over: %s", mustJSON(t, w))
	}
	k.offered("dee")
	k.command(domain.Command{Kind: domain.CommandCancel, By: "sue", WorkItem: w.ID, Note: "it arrived"})
	if row := k.last.WorkItems[0]; row.State != domain.WorkCanceled || row.Reservation.State != domain.ReservationCanceled {
		t.Errorf("%s", mustJSON(t, row))
	}
}

func TestPassedOnAndPutOff(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandTransfer, By: "ann", WorkItem: w.ID, Queue: "urgent", Note: "needs a specialist"})
	k.stands(domain.WorkPending, "", domain.ReservationCompleted, "")
	if w := k.item(); w.Queue != "urgent" || w.Moved != 1 || !k.oneCase().HandedOver {
		t.Fatalf("%s", mustJSON(t, w))
	}
	w = k.accepted("bob")
	until := k.now.Add(3 * time.Hour)
	k.command(domain.Command{
		Kind: domain.CommandSnooze, By: "bob", WorkItem: w.ID, Until: until, Note: "she is driving", Promise: &domain.Undertake{What: "callback", By: until.Add(time.Hour)},
	})
	k.stands(domain.WorkPending, "", domain.ReservationCompleted, "")
	w = k.item()
	if w.For != "bob" || !w.NotBefore.Equal(until) || !w.Due.Equal(until.Add(time.Hour)) {
		t.Fatalf("%s", mustJSON(t, w))
	}
	k.command(domain.Command{Kind: domain.CommandRaise, By: "sue", Over: true, WorkItem: w.ID, Priority: 95})
	if w := k.item(); w.Priority != 95 || k.told("advocate.workitem.changed")["why"] != "raised" {
		t.Errorf("%s", mustJSON(t, w))
	}
	k.now = until
	w = k.accepted("bob")
	k.command(domain.Command{Kind: domain.CommandTransfer, By: "sue", Over: true, WorkItem: w.ID, Agent: "cem"})
	if w := k.item(); w.For != "cem" || w.State != domain.WorkPending || k.oneCase().Taken() {
		t.Errorf("%s", mustJSON(t, w))
	}
}

func TestExpertAnswers(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandExpert, By: "ann", WorkItem: w.ID, Queue: "urgent", Note: "may we refund the customs?"})
	if len(k.snap.WorkItems) != 2 {
		t.Fatalf("%s", mustJSON(t, k.snap.WorkItems))
	}
	x := k.snap.WorkItems[1]
	k.command(domain.Command{Kind: domain.CommandOffer, By: "desk", WorkItem: x.ID, Agent: "eve", Reservation: x.ID + "-r1"})
	k.command(domain.Command{Kind: domain.CommandAccept, By: "eve", WorkItem: x.ID, Reservation: x.ID + "-r1"})
	if c := k.oneCase(); c.Owner != "ann" {
		t.Fatalf("the expert took the agent's case: %q", c.Owner)
	}
	k.command(domain.Command{Kind: domain.CommandComplete, By: "eve", WorkItem: x.ID, Disposition: "answered", Note: "yes, up to 20 EUR"})
	if c := k.oneCase(); c.Owner != "ann" || !c.IsOpen() {
		t.Fatalf("the case left the agent's hands: %s", mustJSON(t, c))
	}
	k.contains(k.item().Note, "eve answers: yes, up to 20 EUR")
}

// TestNobodyMoves: each way of letting work lie ends in an alarm, and none of
// them in silence.
func TestNobodyMoves(t *testing.T) {
	t.Parallel()
	alarmed := func(k *kit, within time.Duration, part string) {
		t.Helper()
		end := k.now.Add(within)
		for k.now.Before(end) {
			due := k.snap.NextDue()
			if due.IsZero() || due.After(end) {
				break
			}
			k.now = due
			k.decide(domain.Input{Kind: domain.InputTimer})
			for _, a := range k.last.Alarms {
				if len(a) > 0 && containsFold(a, part) {
					return
				}
			}
		}
		t.Errorf("no alarm with %q: %s", part, mustJSON(t, k.snap))
	}
	k := newKit(t, deskBook).known()
	k.work()
	alarmed(k, 24*time.Hour, "past its due time")

	k = newKit(t, deskBook).known()
	k.work()
	k.accepted("ann")
	alarmed(k, 3*time.Hour, "ann has the case")

	k = newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: w.ID})
	alarmed(k, 10*time.Minute, "ran out")
	if w := k.item(); w.Kind != domain.Review || w.For != "ann" || k.oneCase().Taken() || !k.oneCase().HandedOver {
		t.Errorf("nobody is asked how it ended: %s", mustJSON(t, w))
	}
}

func TestCallsAgainByTheQueue(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	first := k.accepted("ann").ID
	k.command(domain.Command{Kind: domain.CommandComplete, By: "ann", WorkItem: first, Disposition: domain.DispositionNoAnswer})
	w := k.item()
	if w.ID == first || w.Attempts != 1 || w.Before != "ann" || w.Offers != 0 || w.Reservation != nil || !w.NotBefore.Equal(k.now.Add(domain.DefaultCallSpacing)) {
		t.Fatalf("%s", mustJSON(t, w))
	}
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// TestPromisedAnotherCall: a call that took place keeps what was promised
// before it, and not what the agent promised in it.
func TestPromisedAnotherCall(t *testing.T) {
	t.Parallel()
	for _, disposition := range []string{domain.DispositionReached, domain.DispositionResolved, domain.DispositionNoAnswer, domain.DispositionRefused} {
		k := newKit(t, deskBook).known()
		k.work()
		w := k.accepted("ann")
		by := k.now.Add(30 * time.Hour)
		k.command(domain.Command{
			Kind: domain.CommandComplete, By: "ann", WorkItem: w.ID, Disposition: disposition, Promise: &domain.Undertake{What: "callback", By: by},
		})
		open := 0
		for _, p := range k.oneCase().Promises {
			if p.State == domain.PromiseOpen && p.What == "callback" && p.Due.Equal(by) && p.Told == "phone" {
				open++
			}
		}
		if open != 1 || !k.oneCase().IsOpen() {
			t.Errorf("%s: %s", disposition, mustJSON(t, k.oneCase()))
		}
	}
}

// TestWrappingMovesTheCase: whoever hangs up has done something about it.
func TestWrappingMovesTheCase(t *testing.T) {
	t.Parallel()
	k := newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.now = k.now.Add(domain.DefaultStaleAfter - time.Minute)
	k.command(domain.Command{Kind: domain.CommandWrap, By: "ann", WorkItem: w.ID})
	k.pass(2 * time.Minute)
	for _, a := range k.last.Alarms {
		if containsFold(a, "has the case") {
			t.Errorf("alarmed: %s", a)
		}
	}
}

// TestTheAlarmOutlivesOtherNews: something else that wakes the advocate first
// does not take the alarm away.
func TestTheAlarmOutlivesOtherNews(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "a person please", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, WantsPerson: true, NeedsAgent: true}))
	id := k.oneCase().ID
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandTake, Case: id, By: "ann"}})
	k.now = k.now.Add(domain.DefaultStaleAfter + time.Minute)
	k.decide(domain.Input{Kind: domain.InputOutcome, Outcome: &domain.Outcome{Effect: "c-e9", Kind: domain.EffectNotify, Case: id, State: domain.OutcomeDone}})
	k.decide(domain.Input{Kind: domain.InputTimer})
	if len(k.emitted("advocate.case.stale")) != 1 {
		t.Errorf("no alarm: %s", mustJSON(t, k.last.Record.Entries))
	}
}

// TestAnEndedCaseIsNobodys: what reopens it later is not the business of whoever
// had it.
func TestAnEndedCaseIsNobodys(t *testing.T) {
	t.Parallel()
	stop := unclear()
	stop.Stop = true
	for how, end := range map[string]func(*kit) domain.Input{
		"the customer": func(k *kit) domain.Input { return k.post("maria", "stop", domain.Private, stop) },
		"who had it": func(k *kit) domain.Input {
			return commanded(domain.Command{Kind: domain.CommandClose, Case: k.oneCase().ID, By: "ann"})
		},
	} {
		k := newKit(t, book).known()
		k.decide(k.post("maria", "where is it?", domain.Private, about("A-10234", domain.Neutral)))
		k.decide(commanded(domain.Command{Kind: domain.CommandTake, Case: k.oneCase().ID, By: "ann"}))
		k.decide(end(k))
		if c := k.oneCase(); c.IsOpen() || c.Taken() || c.Apart {
			t.Errorf("the case that %s ended is %s, %q's, apart %v", how, c.State, c.Owner, c.Apart)
		}
	}
}

// TestPassedOnIsOfferedToOthers: who passes work on is asked for it last, and
// the history says whether it was passed on or put back.
func TestPassedOnIsOfferedToOthers(t *testing.T) {
	t.Parallel()
	for _, to := range []struct{ queue, says string }{{"", "put back into its queue by ann"}, {"care", "put back into its queue by ann"}, {"urgent", "passed on by ann"}} {
		k := newKit(t, deskBook).known()
		k.work()
		w := k.accepted("ann")
		k.command(domain.Command{Kind: domain.CommandTransfer, By: "ann", WorkItem: w.ID, Queue: to.queue})
		if w := k.item(); !slices.Equal(w.Passed, []string{"ann"}) || !w.QueuedAt.Equal(k.now) {
			t.Errorf("to %q: it goes straight back: %s", to.queue, mustJSON(t, w))
		}
		k.historyHas(domain.EntryWorkItem, to.says, "")
	}
	k := newKit(t, deskBook).known()
	k.work()
	w := k.accepted("ann")
	k.command(domain.Command{Kind: domain.CommandTransfer, By: "sue", Over: true, WorkItem: w.ID, Agent: "ann"})
	if w := k.item(); w.For != "ann" || len(w.Passed) > 0 {
		t.Errorf("who is meant has let it go: %s", mustJSON(t, w))
	}
}
