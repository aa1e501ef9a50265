package said_test

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/said"
)

func TestNotesAreReadByLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{said.JustAskedCall.Text(), "just_asked_call"},
		{said.JustNamedTime.Text("mañana a las 9"), "just_named_time text=mañana a las 9"},
		{said.NoteWrite.Text(), "note_write"},
		{said.NoteWrapRanOut.Text(), "note_wrap_ran_out"},
		{said.NoteLater.Text("answered"), "note_later text=answered"}, // a customer's word, though it is one of ours
		{said.NoteAsks.Text("ana", "may I: promise a refund?"), "note_asks by=ana text=may I: promise a refund?"},
		{said.NoteAnswers.Text("bob", "yes"), "note_answers by=bob text=yes"},
		{said.PointNoCall.Text() + " call about the late order", "point_no_call / “call about the late order”"},
		{"answered", "“answered”"}, // a rule's or an agent's word
		{"ana: quiet hours", "“ana: quiet hours”"},
	} {
		lines := said.Note("before\n" + c.line)
		if len(lines) != 2 || codes(lines[1]) != c.want {
			t.Errorf("%q is read as %+v, want %s", c.line, lines, c.want)
		}
		if got := said.Join(lines[1]); got != c.line {
			t.Errorf("%q became %q", c.line, got)
		}
	}
	if said.Note("") != nil {
		t.Error("no note has lines")
	}
}

func TestSummariesAreReadBySentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, shown string }{
		{
			"About order_status, negative. Order A-1 is delayed, expected 2026-11-24. The reason given: storm. The customer has written 2 times about this. The advocate has written 1 time.",
			"summary_matter intent=order_status / point_order_expected order=A-1 day=2026-11-24 / point_order_reason reason=storm / point_wrote_often count=2 / summary_replies count=1",
			"About order status, negative. Order A-1 is delayed, expected Tue 24 Nov. The reason given: storm. The customer has written 2 times about this. The advocate has written 1 time.",
		},
		{ // as it was stored once
			"late delivery, negative. Order A-1 is delayed, expected Tue 24 Nov. 2 posts, 1 automated reply.",
			"“late delivery, negative. Order A-1 is delayed, expected Tue 24 Nov. 2 posts, 1 automated reply.”",
			"late delivery, negative. Order A-1 is delayed, expected Tue 24 Nov. 2 posts, 1 automated reply.",
		},
		{"", "", ""},
	} {
		parts := said.Summary(c.text)
		if got := codes(parts); got != c.want {
			t.Errorf("%q\n is %s\nwant %s", c.text, got, c.want)
		}
		if got := said.Told(said.Shown(time.UTC, parts)); got != c.shown {
			t.Errorf("%q is shown as %q", c.text, got)
		}
	}
}

func TestPromisesAreToldInTheCustomersTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("EET", 2*60*60)
	p := said.PromiseTold(said.PromisedBy.Text("a new lamp by post", "2026-11-24T22:30:00Z"))
	if got := said.Shown(zone, []said.Part{p})[0]; got.Code != "promised_by" || got.Params["due"] != "2026-11-24T22:30:00Z" || got.Text != "a new lamp by post by Wed 25 Nov 00:30 EET" {
		t.Errorf("%+v", got)
	}
	if p := said.PromiseTold("callback by Tue 24 Nov 10:00 UTC"); p.Code != "" || p.Text != "callback by Tue 24 Nov 10:00 UTC" {
		t.Errorf("a text of before is %+v", p)
	}
	if got := codes(said.Line("promise", "made", said.PromisedBy.Text("a new lamp", "2026-11-24T22:30:00Z"))); got != "promised_by promise=a new lamp due=2026-11-24T22:30:00Z" {
		t.Error(got)
	}
}
