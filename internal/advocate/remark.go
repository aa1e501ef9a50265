package advocate

import "github.com/contact-advocate/advocate/internal/domain"

// remark writes down what a person says of a case: a note, or what it is about
// in truth. The advocate goes on from there and answers nothing by it.
func (t *deciding) remark(cmd *domain.Command) {
	c := t.snap.Case(cmd.Case)
	said := map[string]any{"by": cmd.By}
	if c != nil {
		c.UpdatedAt = t.now
		said["network"] = c.Identity.Network
		if q := c.Queue(); q != "" {
			said["queue"] = q
		}
	}
	switch {
	case cmd.Kind == domain.CommandNote:
		t.entry(domain.Entry{Kind: domain.EntryNote, Case: cmd.Case, Text: clip(cmd.Note, 4000), By: cmd.By})
		t.emit("advocate.case.noted", cmd.Case, "", said)
	case c == nil:
		t.entry(domain.Entry{Kind: domain.EntryAlarm, Text: "intent: no such case", By: cmd.By, Ref: cmd.Case})
	default:
		was := c.Intent
		c.Intent = cmd.Intent
		t.entry(domain.Entry{Kind: domain.EntryCase, Case: c.ID, What: "corrected", Text: string(was) + " is " + string(c.Intent), By: cmd.By})
		said["was"], said["intent"] = was, c.Intent
		t.emit("advocate.case.corrected", c.ID, "", said)
	}
}
