package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

type explainCmd struct {
	ID   string `arg:"" help:"A post's link, or its id, as NETWORK/ID or NETWORK/LABEL/ID where several networks or accounts have it; or the id of a case, work item, effect, promise, subscription, event of the server's own, or customer."`
	All  bool   `help:"Also name the rules that were considered and did not fire."`
	JSON bool   `name:"json" help:"Print JSON: id, kind, customer_id, cases, records."`
}

func (*explainCmd) Help() string {
	return "Tells what came in, which rules were considered, what their conditions came to, and what followed. A post that is not known may not have come in, have been set aside as too old or as a plain reshare, or have been erased.\n\nExamples:\n  advocate explain c01h2…-k1\n  advocate explain sandbox/s06d… --all\n  advocate explain mastodon:social.example/help/113456789012345678\n  advocate explain https://social.example/@ana/113456789012345678"
}

func (c *explainCmd) Run(g *globals) error {
	x, err := ask[engine.Explanation](g, "explain", c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(x)
	}
	t := newTerminal(g.stdout)
	t.printf("%s %s, customer %s\n", t.paint(bold, strings.ReplaceAll(x.Kind, "_", " ")), clean(x.ID), x.Customer)
	for i := range x.Cases {
		k := &x.Cases[i]
		outcome := k.Outcome
		if outcome == string(k.State) {
			outcome = ""
		}
		t.field(0, "case", "", joinWords(k.ID, "is", string(k.State), outcome, k.Reason, "· intent", string(k.Intent), "· replies", fmt.Sprint(k.Replies)))
	}
	for i := range x.Records {
		t.printf("\n")
		s := story{t: t, all: c.All}
		s.tell(&x.Records[i])
	}
	return nil
}

func opExplain(ctx context.Context, n *node, id string) (engine.Explanation, error) {
	return n.engine.Explain(ctx, id)
}

// story tells records to people, a block each.
type story struct {
	t     *terminal
	all   bool // also what did not happen
	brief bool // what came of it, without the conditions
}

// tell writes one decision: what came in, what it was understood as, which
// rules fired and why, and what came of it.
func (s *story) tell(r *domain.Record) {
	t := s.t
	t.printf("%s  %s\n", t.paint(bold, shortTime(r.At)), t.paint(dim, fmt.Sprintf("decision %d of %s", r.Version, r.Customer)))
	s.body(r)
}

// body is a decision without its head.
func (s *story) body(r *domain.Record) {
	for i := range r.Inputs {
		s.input(r, &r.Inputs[i])
		s.rules(r, i)
	}
	s.outcome(r)
}

func (s *story) input(r *domain.Record, in *domain.Input) {
	t := s.t
	switch {
	case in.Post != nil:
		p := in.Post
		who := "@" + p.Author.Handle
		if p.Author.Handle == "" {
			who = p.Author.ID
		}
		what := string(p.Visibility) + " post"
		switch {
		case p.Deleted:
			what = "deleted"
		case in.Edited:
			what = "edited"
		}
		t.field(2, what, bold, who+": “"+p.Text+"”")
		if m := in.Understanding; m != nil && !p.Deleted {
			s.meaning(m)
		}
	case in.Event != nil:
		t.field(2, "event", bold, joinWords(in.Event.Type, in.Event.OrderID, in.Event.SKU, in.Event.Area))
	case in.Answer != nil:
		found := "nothing found"
		if in.Answer.Found {
			found = "found"
			if unproven(r, in.Answer) {
				found = "found, but not proven to be this customer's, so rules see nothing"
			}
		}
		if in.Answer.Error != "" {
			found = in.Answer.Error
		}
		t.field(2, "answer", "", joinWords(in.Answer.Component, in.Answer.ID, shorten(in.Answer.Query, 60))+": "+found+titleOf(in.Answer))
		for _, o := range in.Answer.Orders {
			t.field(2, "", dim, joinWords("order", o.ID, "is", string(o.Status)))
		}
	case in.Outcome != nil:
		t.field(2, "outcome", "", joinWords(string(in.Outcome.Kind), in.Outcome.Effect+":", string(in.Outcome.State), in.Outcome.Reason))
	case in.Command != nil:
		c := in.Command
		t.field(2, "command", bold, joinWords(string(c.Kind), "by", c.By, c.Case, c.WorkItem, c.Disposition, c.Note))
	case in.Kind == domain.InputTimer:
		t.field(2, "timer", "", fellDue(r))
	}
}

// timerWords say what fell due.
var timerWords = map[domain.TimerKind]string{
	domain.TimerDeadline:     "a post was to have ended in something",
	domain.TimerPromise:      "a promise was due",
	domain.TimerNumber:       "no number came for the call",
	domain.TimerWorkItem:     "a work item was due",
	domain.TimerReminder:     "a reminder of the playbook",
	domain.TimerVerify:       "the question for a proof was not answered",
	domain.TimerSubscription: "a subscription ended",
	domain.TimerClose:        "nobody wrote about the matter any more",
	domain.TimerLookup:       "a component did not answer",
	domain.TimerReservation:  "an offer was not taken",
	domain.TimerWrap:         "the time after a call was over",
	domain.TimerStale:        "nobody moved a case in a person's hands",
	domain.TimerRating:       "the customer was to be asked how it went",
}

// fellDue says which timers a decision took up. Older ones do not know.
func fellDue(r *domain.Record) string {
	var words []string
	for _, kind := range r.Due {
		words = append(words, cmp.Or(timerWords[kind], string(kind)))
	}
	return cmp.Or(strings.Join(words, "; "), "something fell due")
}

// unproven reports that a component answered, and that the customer may not
// have the answer.
func unproven(r *domain.Record, a *domain.ComponentAnswer) bool {
	return a.Error == "" && slices.ContainsFunc(r.Entries, func(e domain.Entry) bool {
		return e.Kind == domain.EntryAnswer && e.What == a.Component && e.Ref == a.Effect && e.Text == "nothing found"
	})
}

// titleOf is what a text that was found is called, and how well it fits.
func titleOf(a *domain.ComponentAnswer) string {
	var of struct {
		Title string   `json:"title"`
		Score *float64 `json:"score"`
	}
	if !a.Found || json.Unmarshal(a.Data, &of) != nil || of.Title == "" {
		return ""
	}
	s := " “" + shorten(of.Title, 80) + "”"
	if of.Score != nil {
		s += fmt.Sprintf(" (score %.2f)", *of.Score)
	}
	return s
}

func (s *story) meaning(m *domain.Understanding) {
	words := []string{fmt.Sprintf("%s (%.2f)", m.Intent, m.IntentConfidence), string(m.Sentiment)}
	if m.Urgency == domain.UrgencyHigh {
		words = append(words, "urgent")
	}
	if len(m.Topics) > 0 {
		words = append(words, joinTopics(m.Topics))
	}
	if !m.NeedsAgent {
		words = append(words, "asks for nothing")
	}
	for _, e := range m.Entities {
		words = append(words, string(e.Kind)+" "+e.Text)
	}
	s.t.field(2, "understood", cyan, strings.Join(words, ", "))
}

func (s *story) rules(r *domain.Record, input int) {
	t := s.t
	for _, x := range r.Rules {
		if x.Input != input {
			continue
		}
		switch x.Outcome {
		case domain.RuleFired:
			if s.brief {
				t.field(2, "rule", yellow, x.Rule)
				continue
			}
			t.field(2, "rule", yellow, fmt.Sprintf("%s (line %d)", x.Rule, x.Line))
			for _, v := range x.Values {
				value := v.Value
				if value == "" {
					value = `""` // an empty text
				}
				t.field(4, "because", dim, v.Expr+" = "+value)
			}
			for _, d := range x.Did {
				t.field(4, "did", "", d)
			}
		default:
			t.field(2, "rule", red, joinWords(x.Rule, string(x.Outcome), x.Error))
		}
	}
	if !s.all {
		return
	}
	for _, x := range r.Skipped {
		if x.Input != input {
			continue
		}
		if len(x.False) > 0 {
			t.field(4, "not", dim, x.Trigger+": "+strings.Join(x.False, ", "))
		}
		if len(x.Once) > 0 {
			t.field(4, "not again", dim, x.Trigger+": "+strings.Join(x.Once, ", "))
		}
	}
}

// outcome tells what the customer, a person or the record got.
func (s *story) outcome(r *domain.Record) {
	t := s.t
	for _, e := range r.Entries {
		switch e.Kind {
		case domain.EntryReply:
			by := "reply"
			if e.By != "" {
				by = "reply by " + e.By
			}
			t.field(2, by, green, string(e.Visibility)+": “"+e.Text+"”")
		case domain.EntryWorkItem:
			t.field(2, "work item", purple, joinWords(e.What, e.Text, e.Ref))
		case domain.EntryPromise:
			t.field(2, "promise", purple, joinWords(e.What, e.Text))
		case domain.EntryLookup:
			t.field(2, "lookup", blue, joinWords(e.What, e.Text))
		case domain.EntrySubscription:
			t.field(2, "subscribes", blue, joinWords(e.What, e.Text))
		case domain.EntryCase:
			t.field(2, "case", dim, joinWords(e.What, e.Text, e.By))
		case domain.EntryAside:
			t.field(2, "set aside", dim, e.Text)
		case domain.EntryNotSent:
			t.field(2, "not sent", red, joinWords(e.What, e.Text))
		case domain.EntrySent:
			t.field(2, "sent", dim, joinWords(e.What, e.Ref))
		case domain.EntryAlarm:
			t.field(2, "alarm", red, e.Text)
		case domain.EntryIdentity, domain.EntryConsent:
			t.field(2, string(e.Kind), dim, joinWords(e.What, e.Text, e.Ref))
		}
	}
	if s.brief {
		return
	}
	for _, e := range r.Effects {
		if e.Suppressed != "" {
			t.field(2, "held back", dim, joinWords(string(e.Kind), e.What+":", e.Suppressed))
		}
	}
}
