package advocate

import (
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// remark writes down what a person says of a case: a note, or what it is about
// in truth. The advocate goes on from there and answers nothing by it.
func (t *deciding) remark(cmd *domain.Command) {
	c := t.snap.Case(cmd.Case)
	data := map[string]any{"by": cmd.By}
	if c != nil {
		c.UpdatedAt = t.now
		data["network"] = c.Identity.Network
		if q := c.Queue(); q != "" {
			data["queue"] = q
		}
	}
	switch {
	case cmd.Kind == domain.CommandNote:
		t.entry(domain.Entry{Kind: domain.EntryNote, Case: cmd.Case, Text: clip(cmd.Note, 4000), By: cmd.By})
		t.emit("advocate.case.noted", cmd.Case, "", data)
	case c == nil:
		t.entry(domain.Entry{Kind: domain.EntryAlarm, Text: said.NoSuchCase.Text("intent"), By: cmd.By, Ref: cmd.Case})
	default:
		was := c.Intent
		c.Intent = cmd.Intent
		t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "corrected", Text: said.Corrected.Text(string(was), string(c.Intent)), By: cmd.By})
		data["was"], data["intent"] = was, c.Intent
		t.emit("advocate.case.corrected", c.ID, "", data)
	}
}
