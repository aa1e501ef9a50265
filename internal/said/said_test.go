package said_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/said"
)

// codes are what a text is made of, with what it is filled with: "code a=b".
func codes(parts []said.Part) string {
	var out []string
	for _, p := range parts {
		c := p.Code
		if c == "" {
			c = "“" + p.Text + "”"
		}
		for _, name := range []string{"component", "by", "item", "intent", "is", "outcome", "promise", "due", "count", "rule", "template", "type", "disposition", "finding", "message", "text", "order", "day", "reason"} {
			if v, ok := p.Params[name]; ok {
				c += " " + name + "=" + v
			}
		}
		out = append(out, c)
	}
	return strings.Join(out, " / ")
}

func TestTextsAreKnownAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{said.NoRule.Text(), "no_rule"},
		{said.NothingAsked.Text("praise"), "nothing_asked intent=praise"},
		{said.OffersMissed.Text("3"), "offers_missed count=3"},
		{said.OffersMissed.Text("1"), "offers_missed count=1"},
		{said.Because(said.Rejected.Text("ana"), "my mother calls: one moment"), "rejected by=ana / “my mother calls: one moment”"},
		{said.Because(said.Created.Text(), said.ByRule.Text("late order")), "created / by_rule rule=late order"},
		{said.Because(said.NotReached.Text(), said.Shadow.Text()), "not_reached / shadow"},
		{said.Because(said.NotInPublic.Text(), said.FoundPhone.Text()), "not_in_public / found_phone"},
		{said.GuardFound.Text(said.FoundPhone.Text()), "guard_found finding=found_phone"},
		{said.ProofUnchecked.Text(), "proof_unchecked"},
		{said.OneMessageSent.Text("we-will-call"), "one_message_sent message=we-will-call"},
		{"somebody's own words: and more of them", ""},
		{"", ""},
	} {
		if got := codes(said.Of(c.text)); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLinesAreKnownByTheirKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, what, text, want string }{
		{"promise", "made", said.PromisedBy.Text("callback", "2026-11-24T10:00:00Z"), "promised_by promise=callback due=2026-11-24T10:00:00Z"},
		{"promise", "broken", said.Because(said.Promised.Text("callback"), said.TimePassed.Text()), "promised promise=callback / time_passed"},
		{"promise", "kept", said.Because(said.Promised.Text("replacement"), said.ByEvent.Text("order.shipped")), "promised promise=replacement / by_event type=order.shipped"},
		{"set_aside", "resolved", said.Because(said.Ended.Text("set_aside"), said.NothingAsked.Text("praise")), "ended outcome=set_aside / nothing_asked intent=praise"},
		{"case", "resolved", said.Because(said.Ended.Text("resolved"), "ana: all is well"), "ended outcome=resolved / “ana: all is well”"},
		{"case", "corrected", said.Corrected.Text("praise", "billing"), "corrected intent=praise is=billing"},
		{"work_item", "completed", said.Because(said.Done.Text("reached"), "ana"), "done disposition=reached / “ana”"},
		{"post", "", said.NoRule.Text(), ""},
		{"note", "", said.NoRule.Text(), ""},
		{"event", "order.delayed", "a subject of its sender's", ""},
	} {
		if got := codes(said.Line(c.kind, c.what, c.text)); got != c.want {
			t.Errorf("%s %s %q is %q, want %q", c.kind, c.what, c.text, got, c.want)
		}
	}
	if got := said.LineCode("case", "handed over"); got != "case.handed_over" {
		t.Errorf("the code of a line is %q", got)
	}
}

func TestDeedsAreTakenApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, did, note string
		held            bool
	}{
		{said.StepReply.Text("we-will-call"), "step_reply template=we-will-call", "", false},
		{said.Held(said.StepPromise.Text("callback"), said.ManyPromises), "step_promise promise=callback", "many_promises", true},
		{said.Noted(said.StepPromise.Text("callback"), said.MadeAlready.Text()), "step_promise promise=callback", "made_already", false},
		{said.Because(said.StepReply.Text("late"), said.Noted(said.StepVerify.Text(), said.AskedAlready.Text())), "step_reply template=late / step_verify", "asked_already", false},
		{said.StepHandOver.Text() + " " + said.NoRule.Text(), "step_hand_over / no_rule", "", false},
		{said.Noted(said.StepUnsubscribe.Text("order.*"), "2"), "step_unsubscribe type=order.*", "“2”", false},
		{said.Because(said.StepSkipped.Text("2"), "argument order: no order is known"), "step_skipped count=2 / “argument order: no order is known”", "", false},
		{"something of a version before", "“something of a version before”", "", false},
	} {
		d := said.DeedOf(c.text)
		if codes(d.Did) != c.did || codes(d.Note) != c.note || d.Held != c.held {
			t.Errorf("%q is %q, note %q, held %v", c.text, codes(d.Did), codes(d.Note), d.Held)
		}
	}
}

func TestSayingIsForReadingNow(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("two hours east", 2*60*60)
	p := said.PointPromise.Say(zone, "call_back", "2026-11-24T23:30:00Z")
	if p.Text != "The customer was promised a call back by Wed 25 Nov 01:30." || p.Params["at"] != "2026-11-24T23:30:00Z" || p.Params["promise"] != "call_back" {
		t.Errorf("%+v", p)
	}
	late := []said.Part{said.PointOrder.Say(zone, "A-1", "delayed"), said.PointOrderLate.Say(zone, "2026-11-23", "1")}
	if got := said.Join(late); got != "Order A-1 is delayed. It was promised for Mon 23 Nov: 1 day late." {
		t.Error(got)
	}
}
