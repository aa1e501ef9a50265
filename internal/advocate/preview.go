package advocate

import (
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// Objection is what stands against a message that a person is about to send.
type Objection struct {
	Code   string      `json:"code" enum:"personal,empty,not_taken,taken,resolved,stopped,network,long" doc:"personal: it says in public what is for the customer alone."`
	Text   string      `json:"text" doc:"In a sentence."`
	Said   []said.Part `json:"text_said" doc:"What the text is made of."`
	Blocks bool        `json:"blocks" doc:"It would not leave; what does not block is for the writer to weigh."`
}

// Against is an objection in a sentence of ours.
func Against(code string, blocks bool, s *said.Sentence, values ...string) Objection {
	p := s.Say(time.UTC, values...)
	return Objection{Code: code, Text: p.Text, Said: []said.Part{p}, Blocks: blocks}
}

// AgainstPersonal is the objection that a text says in public what is for the
// customer alone; why is what the guard gave as its reason.
func AgainstPersonal(why string) Objection {
	parts := said.Of(why)
	if parts == nil {
		parts = []said.Part{{Text: why}}
	}
	return Objection{Code: "personal", Text: strings.ToUpper(why[:1]) + why[1:] + ".", Said: parts, Blocks: true}
}

// Preview says what would become of a person's message if it were sent now,
// by the very nets that hold when it is; with take it takes the case, if nobody
// has it. It takes ownership of snap, as Decide does, and decides nothing.
func Preview(pb *playbook.Playbook, snap domain.Snapshot, caseID string, text string, v domain.Visibility, by string, take bool, now time.Time) []Objection {
	out := []Objection{}
	t := &deciding{pb: pb, policy: pb.Policy(), snap: snap, now: now.UTC(), inputs: []domain.Input{{Kind: domain.InputCommand}}}
	t.zone = domain.Zone(t.snap.Customer.TimeZone, t.policy.TimeZone)
	c := t.snap.Case(caseID)
	switch {
	case c == nil || !c.IsOpen():
		return append(out, Against("resolved", true, said.AgainstEnded))
	case c.Taken() && c.Owner != by:
		out = append(out, Against("taken", true, said.AgainstTaken, c.Owner))
	case !c.Taken() && !take:
		out = append(out, Against("not_taken", true, said.AgainstNotTaken))
	}
	if strings.TrimSpace(text) == "" {
		return append(out, Against("empty", true, said.AgainstEmpty))
	}
	if t.snap.Customer.Consent.Stopped {
		out = append(out, Against("stopped", false, said.AgainstStopped))
	}
	d := draft{caseID: c.ID, text: domain.CleanText(text), visibility: v, rule: "(person)", rank: rankEngine, by: by}
	if _, ok := t.render(c, &d); !ok {
		why := said.CannotSend.Text()
		if notes := t.d.Record.Effects; len(notes) > 0 {
			why = notes[len(notes)-1].Suppressed
		}
		out = append(out, AgainstPersonal(why))
	}
	return out
}
