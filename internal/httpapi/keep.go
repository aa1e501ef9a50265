package httpapi

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
)

func (a *API) registerKeep() {
	registerOnce(a, call{id: "keep-promise", method: "POST", path: "/v1/cases/{id}/promises/{promise}/keep", need: work, tag: "Cases",
		summary: "Mark a promise as kept",
		about: "For what no event shows, such as a word of one's own that was promised on the phone. Anybody may who sees the case, also where somebody else has taken it: what was done was done, and the history names who says so. The promise must be open. " +
			"When nothing else of the case is open and an agent made the promise, the case ends with its closing message."}, a.keepPromise, a.sameKept)
}

type keepInput struct {
	CaseInput
	Promise string `path:"promise" maxLength:"64" doc:"The promise's id."`
	OnceInput
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"4000" doc:"How it was kept; for the history."`
	}
}

func (a *API) keepPromise(ctx context.Context, in *keepInput) (*caseOutput, error) {
	c := domain.Command{Kind: domain.CommandKeep, Kept: in.Promise}
	if in.Body != nil {
		c.Note = in.Body.Note
	}
	return a.commandCase(ctx, in.ID, c)
}

func (a *API) sameKept(ctx context.Context, in *keepInput) (*caseOutput, error) {
	return a.getCase(ctx, &in.CaseInput)
}
