package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// caseView is a case with its customer, and with what components answered as
// JSON.
type caseView struct {
	CustomerID domain.CustomerID `json:"customer_id"`
	domain.Case
	Known     []factView `json:"known,omitempty"`
	LastReply *bool      `json:"last_reply,omitempty" hidden:"true"` // in place of a digest that means nothing outside
}

type factView struct {
	Name  string          `json:"name"`
	Key   string          `json:"key,omitempty"`
	Found bool            `json:"found"`
	At    time.Time       `json:"at"`
	Data  json.RawMessage `json:"data,omitempty"`
	Error string          `json:"error,omitempty"`
}

func viewCase(customer domain.CustomerID, c domain.Case) caseView {
	out := caseView{CustomerID: customer, Case: c}
	for _, f := range c.Known {
		v := factView{Name: f.Name, Key: f.Key, Found: f.Found, At: f.At, Error: f.Error}
		if json.Valid(f.Data) {
			v.Data = withoutSecrets(f.Data)
		}
		out.Known = append(out.Known, v)
	}
	return out
}

type CaseInput struct {
	ID string `path:"id" maxLength:"64" doc:"The case's id."`
}

type caseOutput struct {
	Body caseView
}

func (a *API) registerCases() {
	const tag = "Cases"
	register(a, call{id: "get-case", method: "GET", path: "/v1/cases/{id}", need: read, tag: tag, summary: "A case"}, a.getCase)
	register(a, call{id: "take-case", method: "POST", path: "/v1/cases/{id}/take", need: agent, tag: tag, summary: "Take a case",
		about: "From then on the advocate sends nothing to the customer; what was unsent is canceled."}, a.takeCase)
	register(a, call{id: "hand-back-case", method: "POST", path: "/v1/cases/{id}/handback", need: agent, tag: tag,
		summary: "Give a case back to its advocate"}, a.handBackCase)
	register(a, call{id: "reply-in-case", method: "POST", path: "/v1/cases/{id}/reply", need: agent, tag: tag,
		summary: "Write to the customer", about: "By whoever has taken the case."}, a.replyInCase)
	register(a, call{id: "close-case", method: "POST", path: "/v1/cases/{id}/close", need: agent, tag: tag, summary: "End a case"}, a.closeCase)
}

// findCase reads a case from its advocate or, when that has let go of it,
// from the store.
func (a *API) findCase(ctx context.Context, id string) (view caseView, err error) {
	customer, kind, _, err := domain.ParseObjectID(id)
	if err != nil || kind != domain.KindCase {
		return caseView{}, domain.FieldErrorf("id", "%.60q is not the id of a case", id)
	}
	err = a.view(ctx, func(r store.Reader) error {
		row, snap, err := a.advocate(r, customer)
		if err != nil {
			return err
		}
		if c := snap.Case(id); c != nil {
			view = viewCase(row.ID, *c)
			return nil
		}
		c, err := r.CaseGet(id)
		if errors.Is(err, store.ErrNotFound) {
			return domain.Errorf(domain.CodeNotFound, "there is no case %s", id)
		}
		view = viewCase(row.ID, c)
		return err
	})
	return view, err
}

func (a *API) getCase(ctx context.Context, in *CaseInput) (*caseOutput, error) {
	v, err := a.findCase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &caseOutput{v}, nil
}

// commandCase has the case's advocate decide on a command and returns the
// case as it is then.
func (a *API) commandCase(ctx context.Context, id string, c domain.Command) (*caseOutput, error) {
	v, err := a.findCase(ctx, id)
	if err != nil {
		return nil, err
	}
	c.Case, c.By = id, caller(ctx).Name
	if err := a.o.Engine.Command(ctx, v.CustomerID, c); err != nil {
		return nil, err
	}
	return a.getCase(ctx, &CaseInput{id})
}

func (a *API) takeCase(ctx context.Context, in *CaseInput) (*caseOutput, error) {
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandTake})
}

type handBackInput struct {
	CaseInput
	Body *struct {
		Note string `json:"note,omitempty" maxLength:"4000" doc:"For the history."`
	}
}

func (a *API) handBackCase(ctx context.Context, in *handBackInput) (*caseOutput, error) {
	c := domain.Command{Kind: domain.CommandHandBack}
	if in.Body != nil {
		c.Note = in.Body.Note
	}
	return a.commandCase(ctx, in.ID, c)
}

type replyInput struct {
	CaseInput
	Body struct {
		Text       string            `json:"text" minLength:"1" maxLength:"4000"`
		Visibility domain.Visibility `json:"visibility,omitempty" enum:"public,private" doc:"private if missing."`
	}
}

func (a *API) replyInCase(ctx context.Context, in *replyInput) (*caseOutput, error) {
	v := in.Body.Visibility
	if v == "" {
		v = domain.Private
	}
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandReply, Text: in.Body.Text, Visibility: v})
}

type closeInput struct {
	CaseInput
	Body struct {
		Disposition string `json:"disposition" minLength:"1" maxLength:"64" doc:"How it ended, e.g. resolved."`
		Note        string `json:"note,omitempty" maxLength:"4000"`
	}
}

func (a *API) closeCase(ctx context.Context, in *closeInput) (*caseOutput, error) {
	return a.commandCase(ctx, in.ID, domain.Command{Kind: domain.CommandClose, Disposition: in.Body.Disposition, Note: in.Body.Note})
}

// accepted is the answer to what has no more to say.
type accepted struct {
	Status int
}

func done() *accepted { return &accepted{http.StatusNoContent} }
