package advocate

import (
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// Objection is what stands against a message that a person is about to send.
type Objection struct {
	Code   string `json:"code" enum:"personal,empty,not_taken,taken,resolved,stopped,network,long" doc:"personal: it says in public what is for the customer alone."`
	Text   string `json:"text" doc:"In a sentence."`
	Blocks bool   `json:"blocks" doc:"It would not leave; what does not block is for the writer to weigh."`
}

// Preview says what would become of a person's message if it were sent now,
// by the very nets that hold when it is. It takes ownership of snap, as Decide
// does, and decides nothing.
func Preview(pb *playbook.Playbook, snap domain.Snapshot, caseID string, text string, v domain.Visibility, by string, now time.Time) []Objection {
	out := []Objection{}
	t := &deciding{pb: pb, policy: pb.Policy(), snap: snap, now: now.UTC(), inputs: []domain.Input{{Kind: domain.InputCommand}}}
	t.zone = domain.Zone(t.snap.Customer.TimeZone, t.policy.TimeZone)
	c := t.snap.Case(caseID)
	switch {
	case c == nil || !c.IsOpen():
		return append(out, Objection{"resolved", "The case has ended; nothing more is sent in it.", true})
	case c.Taken() && c.Owner != by:
		out = append(out, Objection{"taken", "The case is taken by " + c.Owner + ".", true})
	case !c.Taken():
		out = append(out, Objection{"not_taken", "Take the case before you reply in it.", true})
	}
	if strings.TrimSpace(text) == "" {
		return append(out, Objection{"empty", "There is no text.", true})
	}
	if t.snap.Customer.Consent.Stopped {
		out = append(out, Objection{"stopped", "The customer asked us to stop writing.", false})
	}
	d := draft{caseID: c.ID, text: domain.CleanText(text), visibility: v, rule: "(person)", rank: rankEngine, by: by}
	if _, ok := t.render(c, &d); !ok {
		why := "it cannot be sent"
		if notes := t.d.Record.Effects; len(notes) > 0 {
			why = notes[len(notes)-1].Suppressed
		}
		out = append(out, Objection{"personal", strings.ToUpper(why[:1]) + why[1:] + ".", true})
	}
	return out
}
