package desk

import (
	"context"
	"encoding/json"

	"github.com/contact-advocate/advocate/internal/domain"
)

// take lets the board know what has happened, and does what follows from it.
func (w *watch) take(ctx context.Context, events []domain.Event) error {
	var items, agents []string
	var missed, took []string
	for i := range events {
		e := &events[i]
		if e.Source != "advocate" {
			continue
		}
		w.ledger.learn(e)
		w.report(e)
		switch {
		case e.Type == EventAgentChanged:
			agents = append(agents, told(e).Agent)
		case e.WorkItemID != "":
			items = append(items, e.WorkItemID)
			delete(w.rests, e.WorkItemID)
			switch d := told(e); {
			case e.Type == "advocate.workitem.pending" && d.Why == string(domain.ReservationTimeout):
				missed = append(missed, d.Agent)
			case e.Type == "advocate.workitem.assigned":
				took = append(took, d.Agent)
			}
		case e.CaseID != "":
			for id, r := range w.rests {
				if r.caseID == e.CaseID {
					delete(w.rests, id)
					items = append(items, id)
				}
			}
		}
	}
	for _, id := range missed {
		if err := w.o.Agents.missed(ctx, id); err != nil {
			return err
		}
		agents = append(agents, id)
	}
	for _, id := range took {
		if err := w.o.Agents.answered(ctx, id); err != nil {
			return err
		}
	}
	if err := w.refresh(ctx, items, agents); err != nil {
		return err
	}
	return w.takeBack(ctx, append(agents, took...))
}

// deskData is what the desk reads of an event.
type deskData struct {
	Agent    string `json:"agent"`
	Why      string `json:"why"`
	Queue    string `json:"queue"`
	InTarget bool   `json:"in_target"`
}

func told(e *domain.Event) (d deskData) {
	_ = json.Unmarshal(e.Data, &d) // our own; what cannot be read says nothing
	return d
}
