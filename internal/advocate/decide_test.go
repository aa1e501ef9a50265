package advocate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

func TestKnownCustomerHearsOfTheirOrder(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.noReply()
	if len(k.last.Subscribe) != 1 || k.last.Subscribe[0].Anchor != (domain.Anchor{Attr: "orderid", Value: "A-10234"}) {
		t.Fatalf("subscriptions %s", mustJSON(t, k.last.Subscribe))
	}
	k.decide(k.answer(k.lookup(), lateOrder()))
	r := k.onlyReply()
	k.contains(r.Text, "A-10234 is delayed")
	k.contains(r.Text, "Automated message")
	if r.Visibility != domain.Private || r.To.Author != "maria" {
		t.Errorf("reply %s", mustJSON(t, r))
	}
	k.decide(k.sent())
	k.now = k.now.Add(time.Hour)
	k.decide(k.event("order.delayed", lateOrder()))
	k.contains(k.onlyReply().Text, "a storm at the depot")
	if !k.onlyReply().Proactive {
		t.Error("a message about an event is proactive")
	}
}

func TestUpsetCustomerIsCalledAndToldHowItEnded(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	if len(k.last.WorkItems) != 1 {
		t.Fatalf("work items %s", mustJSON(t, k.last.WorkItems))
	}
	w := k.last.WorkItems[0]
	if w.Kind != domain.Callback || w.Number != "+14155550100" || w.NumberFrom != "profile" || w.PostText != "where is A-10234? awful" || w.Due.IsZero() {
		t.Errorf("work item %s", mustJSON(t, w))
	}
	if !k.oneCase().HasOpenPromise("callback") {
		t.Error("no promise")
	}
	k.decide(k.sent())
	k.now = k.now.Add(30 * time.Minute)
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandComplete, WorkItem: w.ID, By: "ann", Disposition: domain.DispositionResolved}})
	c := k.oneCase()
	if p := c.Promises[0]; p.State != domain.PromiseKept {
		t.Errorf("promise %s", mustJSON(t, p))
	}
	if c.State != domain.CaseResolved || len(k.snap.WorkItems) != 0 {
		t.Errorf("case %s", mustJSON(t, c))
	}
	k.onlyReply()
}

func TestStrangerIsAskedForProofAndHearsNothingUntilItIsRight(t *testing.T) {
	t.Parallel()
	for _, found := range []bool{true, false} {
		k := newKit(t, book)
		k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Negative)))
		orders := []domain.Order{lateOrder()}
		if !found {
			orders = nil
		}
		k.decide(k.answer(k.lookup(), orders...))
		ask := k.onlyReply()
		if ask.Template != "verify" || ask.Visibility != domain.Private {
			t.Fatalf("found %v: reply %s", found, mustJSON(t, ask))
		}
		k.decide(k.sent())
		k.now = k.now.Add(time.Minute)
		if found {
			k.decide(k.event("order.delayed", lateOrder()))
			k.noReply()
		}
		k.decide(k.post("mallory", "12345", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
		if r := k.onlyReply(); r.Template != "verify-again" {
			t.Fatalf("reply %s", mustJSON(t, r))
		}
		k.decide(k.post("mallory", "90210", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
		r := k.onlyReply()
		if told := strings.Contains(r.Text, "delayed"); told != found {
			t.Errorf("found %v: reply %q", found, r.Text)
		}
	}
}

func TestNothingOfAnUnprovenOrderLeavesOrIsRemembered(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.event("order.delayed", lateOrder()))
	for _, d := range []domain.Decision{k.last} {
		out := mustJSON(t, d.Effects) + mustJSON(t, d.Record.Entries)
		for _, secret := range []string{"storm", "maria@example.com", "90210"} {
			if strings.Contains(out, secret) {
				t.Errorf("%q in %s", secret, out)
			}
		}
	}
}

func TestAnswerInPublicIsVoidAndMasked(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.post("mallory", "maria@example.com", domain.Public, domain.Understanding{
		Intent: domain.IntentUnclear, NeedsAgent: true,
		Entities: []domain.Entity{{Kind: domain.EntityEmail, Text: "maria@example.com", Value: "maria@example.com", End: 17}},
	}))
	if r := k.onlyReply(); r.Template != "void-public" || r.Visibility != domain.Private {
		t.Errorf("reply %s", mustJSON(t, r))
	}
	if s := mustJSON(t, k.last.Record.Entries); strings.Contains(s, "maria@example.com") {
		t.Errorf("history %s", s)
	}
	if k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
		t.Error("a public answer proved the order")
	}
}

func TestProofAttemptsAreLimited(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	for _, guess := range []string{"10001", "10002", "10003"} {
		k.now = k.now.Add(time.Minute)
		k.decide(k.post("mallory", guess, domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
	}
	if r := k.onlyReply(); r.Template != "verify-failed" {
		t.Errorf("reply %s", mustJSON(t, r))
	}
	if !k.oneCase().HandedOver {
		t.Error("a person should see it")
	}
	k.now = k.now.Add(time.Minute)
	k.decide(k.post("mallory", "90210", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
	if k.snap.Customer.Identities[0].KnowsSecretOf("A-10234") {
		t.Error("a right answer after the last attempt opened the order")
	}
}

func TestThreePartsGetOneAnswer(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(
		k.post("maria", "so my order (1/3)", domain.Public, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}),
		k.post("maria", "A-10234 (2/3)", domain.Public, about("A-10234", domain.Neutral)),
		k.post("maria", "where is it (3/3)", domain.Public, domain.Understanding{}),
	)
	if n := len(k.oneCase().Posts); n != 3 {
		t.Errorf("%d posts in the case", n)
	}
	k.lookup()
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.onlyReply()
}

func TestNewPostReopensAResolvedMatter(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.event("order.delivered", domain.Order{ID: "A-10234", CustomerRef: "C-1", Status: domain.OrderDelivered, UpdatedAt: start.Add(time.Hour)}))
	if c := k.oneCase(); c.State != domain.CaseResolved || c.Outcome != "delivered" {
		t.Fatalf("case %s", mustJSON(t, c))
	}
	k.now = k.now.Add(24 * time.Hour)
	k.decide(k.post("maria", "A-10234 is not here!", domain.Public, about("A-10234", domain.Negative)))
	if c := k.oneCase(); c.Reopened != 1 || !c.IsOpen() {
		t.Errorf("case %s", mustJSON(t, c))
	}
}

func TestEveryPostEndsInSomething(t *testing.T) {
	t.Parallel()
	t.Run("no rule", func(t *testing.T) {
		k := newKit(t, book)
		k.decide(k.post("x", "something", domain.Public, domain.Understanding{Intent: domain.IntentBilling, NeedsAgent: true}))
		if c := k.oneCase(); !c.HandedOver || len(k.snap.WorkItems) != 1 {
			t.Errorf("case %s", mustJSON(t, c))
		}
	})
	t.Run("chatter", func(t *testing.T) {
		k := newKit(t, book)
		k.decide(k.post("x", "lol", domain.Public, domain.Understanding{Intent: domain.IntentChatter, IntentConfidence: 0.9}))
		if c := k.oneCase(); c.Outcome != advocate.OutcomeSetAside || len(k.last.WorkItems) != 0 {
			t.Errorf("case %s", mustJSON(t, c))
		}
	})
	talk := domain.Understanding{Intent: domain.IntentChatter, IntentConfidence: 0.18, NeedsAgentConfidence: 0.81}
	t.Run("only talk, hardly read", func(t *testing.T) {
		k := newKit(t, book)
		k.decide(k.post("x", "blue shelf again", domain.Public, talk))
		if c := k.oneCase(); c.Outcome != advocate.OutcomeSetAside || len(k.snap.WorkItems) != 0 {
			t.Errorf("case %s", mustJSON(t, c))
		}
	})
	for name, change := range map[string]func(*domain.Understanding) domain.Visibility{
		"perhaps somebody is needed": func(m *domain.Understanding) domain.Visibility { m.NeedsAgentConfidence = 0.7; return domain.Public },
		"a complaint":                func(m *domain.Understanding) domain.Visibility { m.Sentiment = domain.Negative; return domain.Public },
		"a matter": func(m *domain.Understanding) domain.Visibility {
			m.Topics = []domain.Topic{domain.TopicLate}
			return domain.Public
		},
		"in private": func(*domain.Understanding) domain.Visibility { return domain.Private },
	} {
		t.Run(name+", hardly read", func(t *testing.T) {
			k, m := newKit(t, book), talk
			k.decide(k.post("x", "blue shelf again", change(&m), m))
			if c := k.oneCase(); !c.HandedOver || len(k.snap.WorkItems) != 1 {
				t.Errorf("case %s", mustJSON(t, c))
			}
			k.noReply()
		})
	}
	t.Run("the answer never comes", func(t *testing.T) {
		k := newKit(t, book)
		k.decide(k.post("x", "A-10234", domain.Public, about("A-10234", domain.Neutral)))
		k.pass(time.Hour)
		if c := k.oneCase(); !c.HandedOver && c.Verify == nil {
			t.Errorf("case %s", mustJSON(t, c))
		}
	})
	t.Run("not addressed to us", func(t *testing.T) {
		k := newKit(t, book)
		in := k.post("x", "A-10234", domain.Public, about("A-10234", domain.Neutral))
		in.Post.Unaddressed = true
		k.decide(in)
		if len(k.snap.Cases) != 0 || k.last.Record.Entries[0].Kind != domain.EntryAside {
			t.Errorf("record %s", mustJSON(t, k.last.Record))
		}
	})
}

func TestBrokenPromiseIsEscalatedAndTold(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	k.pass(3 * time.Hour)
	c := k.oneCase()
	if c.Promises[0].State != domain.PromiseBroken {
		t.Fatalf("promise %s", mustJSON(t, c.Promises))
	}
	if w := k.snap.WorkItems[0]; w.Priority != domain.PriorityUrgent {
		t.Errorf("work item %s", mustJSON(t, w))
	}
	if c.Replies < 2 {
		t.Error("the customer was not told")
	}
}

func TestAPersonsCaseGetsNoAutomatedMessage(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	unsent := k.last.Effects[len(k.last.Effects)-1].ID
	id := k.oneCase().ID
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandTake, Case: id, By: "ann"}})
	if len(k.last.Cancel) != 1 || k.last.Cancel[0] != unsent {
		t.Errorf("canceled %v, want %s", k.last.Cancel, unsent)
	}
	k.decide(k.event("order.delayed", lateOrder()))
	k.noReply()
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandReply, Case: id, By: "ann", Text: "Hello, Ann here."}})
	if r := k.onlyReply(); r.Text != "Hello, Ann here." || r.By != "ann" {
		t.Errorf("reply %s", mustJSON(t, r))
	}
}

func TestStopIsHonoured(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	k.decide(k.post("maria", "STOP", domain.Private, domain.Understanding{Intent: domain.IntentChatter, Stop: true}))
	if r := k.onlyReply(); r.Template != "stopped" {
		t.Errorf("reply %s", mustJSON(t, r))
	}
	k.decide(k.event("order.delayed", lateOrder()))
	k.noReply()
}

func TestDeletionCancelsTheAnswer(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	in := k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral))
	k.decide(in)
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(domain.Input{Kind: domain.InputPost, Post: &domain.Post{Network: network, ID: in.Post.ID, Author: in.Post.Author, Deleted: true, Visibility: domain.Public}})
	if len(k.last.Cancel) != 1 || k.oneCase().Outcome != advocate.OutcomeSetAside {
		t.Errorf("decision %s", mustJSON(t, k.last))
	}
}

func TestQuietHoursHoldProactiveMessages(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.snap.Customer.TimeZone = "America/Los_Angeles"
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.sent())
	k.now = time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC) // 02:00 in Los Angeles
	later := lateOrder()
	later.ETA = later.ETA.Add(48 * time.Hour) // news: the same again would not be said
	k.decide(k.event("order.delayed", later))
	e := k.last.Effects[len(k.last.Effects)-1]
	if want := time.Date(2026, 3, 3, 16, 0, 0, 0, time.UTC); !e.NotBefore.Equal(want) {
		t.Errorf("not before %v, want %v", e.NotBefore, want)
	}
	v := advocate.Recheck(k.pb.Policy(), &k.snap, &e, k.now)
	if v.Send || v.Until.IsZero() {
		t.Errorf("verdict %+v", v)
	}
}

func TestUnprovenCallerIsAskedForANumber(t *testing.T) {
	t.Parallel()
	k := newKit(t, book)
	k.decide(k.post("mallory", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	k.decide(k.post("mallory", "90210", domain.Private, domain.Understanding{Intent: domain.IntentUnclear, NeedsAgent: true}))
	w := k.last.WorkItems[0]
	if w.Number != "" || !w.NotBefore.Equal(k.now.Add(30*time.Minute)) {
		t.Fatalf("work item %s", mustJSON(t, w))
	}
	k.contains(strings.ToLower(k.onlyReply().Text), "number")
	k.decide(k.post("mallory", "415 555 0199", domain.Private, domain.Understanding{
		Intent: domain.IntentUnclear, NeedsAgent: true, Entities: []domain.Entity{{Kind: domain.EntityPhone, Value: "+14155550199"}},
	}))
	if w := k.snap.WorkItems[0]; w.Number != "+14155550199" || w.NumberFrom != "given" || !w.NotBefore.IsZero() {
		t.Errorf("work item %s", mustJSON(t, w))
	}
	if len(k.snap.WorkItems) != 1 {
		t.Errorf("%d work items, want one call", len(k.snap.WorkItems))
	}
}

func TestADeadLetterDoesNotHoldUpWhatIsSaidAfterIt(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234?", domain.Public, about("A-10234", domain.Neutral)))
	k.decide(k.answer(k.lookup(), lateOrder()))
	dead := k.sent()
	dead.Outcome.State, dead.Outcome.Reason = domain.OutcomeFailed, "refused"
	k.decide(dead)
	if len(k.last.Cancel) != 0 || !k.oneCase().HandedOver {
		t.Fatalf("decision %s", mustJSON(t, k.last))
	}
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandReply, Case: k.oneCase().ID, By: "ann", Text: "Hello, Ann here."}})
	if len(k.last.Cancel) != 1 || k.last.Cancel[0] != dead.Outcome.Effect {
		t.Errorf("canceled %v, want %s", k.last.Cancel, dead.Outcome.Effect)
	}
}

func TestWhatAnEventReopensIsNotCountedAsUnanswered(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234? awful", domain.Public, about("A-10234", domain.Negative)))
	o := lateOrder()
	o.Status, o.ETA = domain.OrderShipped, start.Add(time.Hour)
	k.decide(k.answer(k.lookup(), o))
	k.decide(domain.Input{Kind: domain.InputCommand, Command: &domain.Command{Kind: domain.CommandClose, Case: k.oneCase().ID, By: "ann"}})
	late := lateOrder()
	late.UpdatedAt = start.Add(time.Minute)
	k.decide(k.event("order.delayed", late))
	if c := k.oneCase(); !c.IsOpen() || !c.Answered || c.OpenWorkItem(domain.Callback) == nil {
		t.Errorf("case %s", mustJSON(t, c))
	}
}

// TestAnswerFromTheFuture: a component that is wrong about when it speaks of
// does not keep later events out.
func TestAnswerFromTheFuture(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "where is A-10234", domain.Public, about("A-10234", domain.Neutral)))
	o := lateOrder()
	o.UpdatedAt, o.Version = start.AddDate(80, 0, 0), start.AddDate(80, 0, 0).UnixMilli()
	k.decide(k.answer(k.lookup(), o))
	k.now = k.now.Add(time.Hour)
	o = lateOrder()
	o.Status, o.UpdatedAt, o.Version = domain.OrderDelivered, k.now, 3
	k.decide(k.event("order.delivered", o))
	if got := k.snap.Orders[0]; got.Status != domain.OrderDelivered {
		t.Errorf("the order stays %s, version %d of %v", got.Status, got.Version, got.UpdatedAt)
	}
}
