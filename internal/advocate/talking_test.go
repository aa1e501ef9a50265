package advocate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// kinds lists what points are about, in their order.
func kinds(points []advocate.Point) (out []string) {
	for _, p := range points {
		out = append(out, p.Kind)
	}
	return out
}

func says(points []advocate.Point, kind, text string) bool {
	return slices.ContainsFunc(points, func(p advocate.Point) bool { return p.Kind == kind && strings.Contains(p.Text, text) })
}

func TestTalkingPoints(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	who := k.snap.Customer.Identities[0].IdentityKey
	order := func(id, ref string, open bool) domain.KnownOrder {
		return domain.KnownOrder{Order: domain.Order{
			ID: id, CustomerRef: ref, Status: domain.OrderShipped, Promised: start.Add(-72 * time.Hour), ETA: start.Add(24 * time.Hour), Reason: "carrier delay",
		}, Open: open, Found: true}
	}
	k.snap.Orders = []domain.KnownOrder{order("A-1", "C-1", true), order("A-2", "C-2", false)}
	c := domain.Case{
		ID: "x", Identity: who, State: domain.CaseOpen, OrderRefs: []string{"A-2", "A-1", "A-3"}, Focus: "A-1", Topics: []domain.Topic{domain.TopicLate, domain.TopicSafety},
		FirstSentiment: domain.Neutral, Sentiment: domain.Negative, Reopened: 2,
		Promises: []domain.Promise{
			{ID: "p1", What: "callback", Due: start.Add(2 * time.Hour), State: domain.PromiseOpen}, {ID: "p2", What: "refund", Due: start.Add(-time.Hour), State: domain.PromiseBroken},
			{ID: "p3", What: "update", Due: start, State: domain.PromiseKept},
		},
	}
	said := []domain.Entry{{Kind: domain.EntryReply, At: start.Add(-time.Hour), Text: "It left\n yesterday."}}
	got := advocate.TalkingPoints(k.pb.Policy(), &k.snap, &c, said, start)
	for _, want := range [][2]string{
		{"care", "safety"}, {"order", "A-1 is shipped"}, {"order", "3 days late"}, {"unproven", "A-2 is not proven"}, {"unproven", "A-3; nothing is known"},
		{"promise_broken", "refund"}, {"promise", "callback"}, {"again", "2 times"}, {"mood", "become unhappy"}, {"unanswered", "Nobody"}, {"said", "“It left yesterday.”"},
	} {
		if !says(got, want[0], want[1]) {
			t.Errorf("no %s says %q: %+v", want[0], want[1], got)
		}
	}
	if got[0].Kind != "care" || slices.Index(kinds(got), "promise_broken") > slices.Index(kinds(got), "promise") {
		t.Errorf("in the wrong order: %v", kinds(got))
	}
	for _, p := range got {
		if p.Order == "A-2" && (strings.Contains(p.Text, "shipped") || strings.Contains(p.Text, "carrier")) {
			t.Errorf("an order that is not proven is told: %q", p.Text)
		}
	}
	c.Promises = nil
	for range 40 {
		c.Promises = append(c.Promises, domain.Promise{What: "update", State: domain.PromiseOpen, Due: start})
	}
	if got := advocate.TalkingPoints(k.pb.Policy(), &k.snap, &c, said, start); len(got) != 12 {
		t.Errorf("%d points", len(got))
	}
	if got := advocate.TalkingPoints(k.pb.Policy(), &domain.Snapshot{}, &domain.Case{RepliedAt: start}, nil, start); len(got) != 0 {
		t.Errorf("of nothing is said %+v", got)
	}
}

// TestAPreviewSaysWhatADecisionDoes: whatever is previewed as blocked does not
// leave, and the other way round.
func TestAPreviewSaysWhatADecisionDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Thank you, we are on it.", "Your order A-10234 arrives tomorrow", "Call us at +1 415 555 0100", "Maria Lopez, hello", "That is 49.90 €", "write to a@b.example", "ok",
	} {
		for _, v := range []domain.Visibility{domain.Public, domain.Private} {
			k := newKit(t, book).known()
			k.decide(k.post("maria", "hello", domain.Public, domain.Understanding{Intent: domain.IntentQuestion, NeedsAgent: true}))
			id := k.snap.Cases[0].ID
			k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
			against := advocate.Preview(k.pb, clone(t, k.snap), id, text, v, "ana", false, k.now)
			blocked := slices.ContainsFunc(against, func(o advocate.Objection) bool { return o.Blocks })
			d := k.decide(commanded(domain.Command{Kind: domain.CommandReply, By: "ana", Case: id, Text: text, Visibility: v}))
			if sent := len(d.Effects) > 0; sent == blocked {
				t.Errorf("%q in %s: previewed as %+v, and it was sent: %v", text, v, against, sent)
			}
		}
	}
}

func TestPreviewOfWhatIsNotOnesOwn(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "hello", domain.Public, domain.Understanding{Intent: domain.IntentQuestion, NeedsAgent: true}))
	id := k.snap.Cases[0].ID
	code := func(by string, take bool) string {
		got := advocate.Preview(k.pb, clone(t, k.snap), id, "hello", domain.Private, by, take, k.now)
		if len(got) == 0 {
			return ""
		}
		return got[0].Code
	}
	if got, taking := code("ana", false), code("ana", true); got != "not_taken" || taking != "" {
		t.Errorf("before anybody took it: %q, and by a reply that takes it %q", got, taking)
	}
	k.decide(commanded(domain.Command{Kind: domain.CommandTake, By: "ana", Case: id}))
	if mine, others := code("ana", false), code("bob", true); mine != "" || others != "taken" {
		t.Errorf("mine %q, others' %q", mine, others)
	}
	if got := advocate.Preview(k.pb, clone(t, k.snap), "nothing", "x", domain.Private, "ana", true, k.now); len(got) != 1 || got[0].Code != "resolved" {
		t.Errorf("of no case: %+v", got)
	}
}

func TestRemarks(t *testing.T) {
	t.Parallel()
	k := newKit(t, book).known()
	k.decide(k.post("maria", "hello", domain.Public, domain.Understanding{Intent: domain.IntentQuestion, NeedsAgent: true}))
	id := k.snap.Cases[0].ID
	d := k.decide(commanded(domain.Command{Kind: domain.CommandNote, By: "ana", Case: id, Note: "She called."}))
	if len(d.Effects) != 0 || len(d.Record.Entries) != 1 || d.Record.Entries[0].Kind != domain.EntryNote || d.Record.Entries[0].By != "ana" || len(d.Emitted) != 1 {
		t.Errorf("a note: %+v, emitted %+v, effects %+v", d.Record.Entries, d.Emitted, d.Effects)
	}
	d = k.decide(commanded(domain.Command{Kind: domain.CommandIntent, By: "ana", Case: id, Intent: domain.IntentBilling}))
	if d.Next.Cases[0].Intent != domain.IntentBilling || len(d.Effects) != 0 || d.Emitted[0].Type != "advocate.case.corrected" {
		t.Errorf("corrected to %s, emitted %+v", d.Next.Cases[0].Intent, d.Emitted)
	}
}

func commanded(c domain.Command) domain.Input {
	return domain.Input{Kind: domain.InputCommand, Command: &c}
}

// clone is a snapshot of its own, since a preview may change what it is given.
func clone(t *testing.T, s domain.Snapshot) (out domain.Snapshot) {
	t.Helper()
	if err := json.Unmarshal([]byte(mustJSON(t, s)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
