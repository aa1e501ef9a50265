package engine

import (
	"encoding/json"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// writeLabels keeps what people said that posts are about, in the transaction
// that takes their word: the customer's newest post of a case that was
// corrected is labelled.
func (t *turn) writeLabels(done []*seat) error {
	for _, s := range done {
		for i := range s.decision.Emitted {
			e := &s.decision.Emitted[i]
			if e.Type != "advocate.case.corrected" {
				continue
			}
			l, ok := labelOf(e, &s.decision)
			if !ok {
				continue
			}
			l.At = t.now
			if err := store.LabelPut(t.tx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// labelOf makes a label of a correction; ok is false when nothing of the
// customer's is left to be labelled.
func labelOf(e *domain.Event, d *domain.Decision) (l store.Label, ok bool) {
	var said struct {
		By          string
		Was, Intent domain.Intent
	}
	if json.Unmarshal(e.Data, &said) != nil {
		return l, false
	}
	c := d.Next.Case(e.CaseID)
	for i := range d.Archived { // let go of by the same decision
		if d.Archived[i].ID == e.CaseID {
			c = &d.Archived[i]
		}
	}
	if c == nil {
		return l, false
	}
	l = store.Label{Case: c.ID, Was: said.Was, Intent: said.Intent, Lang: c.Lang, By: said.By}
	for _, p := range c.Posts {
		if p.From == domain.FromCustomer && !p.Gone {
			l.Post = p.ID
		}
	}
	return l, l.Post != ""
}
